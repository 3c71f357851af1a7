import { ask, type ExecReading, stat, type ProbeMap, type StatProbe } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { attributeFields, attributeParams, attributesOf } from '../attributes.ts'
import { folderField, folderProbe, isFolder } from '../place.ts'
import { accountProbes, strangerField, strangerOf } from '../stranger.ts'
import { downloadChanges } from './download-changes.ts'

/** A file on the host is what a URL has: by its checksum, or, without one, by being there. */
export const download = defineResource({
  name: 'download',
  summary:
    'A file on the host is what a URL has: by its checksum, or, without one, by being there.',
  source: "Ansible's get_url; curl(1), wget(1)",
  params: {
    type: 'object',
    required: ['url', 'dest'],
    properties: {
      url: {
        type: 'string',
        pattern: '^https?://[^\\s"\\\\]+$',
        description: 'Where the host fetches it from.',
      },
      dest: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/.*[^/]$',
        description: 'Path of the file on the host, whole: never the folder that it goes into.',
      },
      checksum: {
        type: 'string',
        pattern:
          '^(?:sha512:[0-9a-f]{128}|sha256:[0-9a-f]{64}|sha1:[0-9a-f]{40}|md5:[0-9a-f]{32})$',
        description:
          'What its content must be. Without it a file that is there is left alone, whatever it holds.',
        risk: {
          why: 'nothing proves that what the URL gives is what you expect, and a file that is there is never renewed',
          hint: 'add the checksum of the file: checksum: sha256:…',
        },
        examples: ['sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      },
      authorization: {
        type: 'string',
        format: 'line',
        orSecret: true,
        description:
          'Value of the Authorization header: `Bearer …`. May be a secret; needs curl on the host.',
      },
      headers: {
        type: 'object',
        description: 'Further headers. They are not treated as secrets.',
        additionalProperties: { type: 'string', format: 'line', description: 'Value.' },
      },
      timeout: {
        type: 'string',
        format: 'duration',
        default: '10m',
        description: 'How long it may take.',
      },
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: attributeParams.mode,
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether anything is there.' },
    checksum: { type: 'string', description: 'Hash of its content, where the task gives one.' },
    owner: attributeFields.owner,
    group: attributeFields.group,
    mode: attributeFields.mode,
    kind: {
      type: 'string',
      description: '`file`, or what else is there: `link`, `directory` …; null where nothing is.',
    },
    size: { type: 'integer', information: true, description: 'Bytes.' },
    folder: folderField,
    stranger: strangerField,
  },
  probe: (
    { dest, checksum, owner, group },
    seen,
  ): ProbeMap & { readonly at: StatProbe; readonly folder: StatProbe } => ({
    ...accountProbes({ owner, group }),
    at: stat(dest),
    folder: folderProbe(dest),
    // A hash takes a disk's time: it is asked in its turn.
    hash:
      checksum !== undefined && seen['at']?.kind === 'file'
        ? ask([`${algorithmOf(checksum)}sum`, '--', dest], [0], { ahead: false, timeout: 600 })
        : undefined,
  }),
  observe: (readings, params) => {
    const { at } = readings
    const hash = (readings['hash'] as { readonly stdout: string } | undefined)?.stdout
    return {
      exists: at.exists,
      checksum:
        hash === undefined
          ? null
          : `${algorithmOf(params.checksum!)}:${/[0-9a-f]{32,128}/.exec(hash)?.[0] ?? ''}`,
      ...attributesOf(at, params),
      kind: at.exists ? at.kind : null,
      folder: isFolder(readings.folder),
      stranger: strangerOf(
        params,
        readings['ofOwner'] as ExecReading | undefined,
        readings['ofGroup'] as ExecReading | undefined,
      ),
      size: at.exists ? at.size : null,
    }
  },
  // What is something else than a file is not what was asked for, whatever it is called.
  desire: ({ checksum, owner, group, mode }, { exists }) => ({
    exists: true,
    kind: exists ? 'file' : undefined,
    checksum,
    owner,
    group,
    mode,
  }),
  change: downloadChanges,
})

function algorithmOf(checksum: string): string {
  return checksum.slice(0, checksum.indexOf(':'))
}
