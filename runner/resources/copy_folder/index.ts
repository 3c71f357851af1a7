import { stat } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { attributeParams } from '../attributes.ts'
import { accountProbes, strangerField, strangerOf } from '../stranger.ts'
import { copyFolderChanges } from './copy-folder-changes.ts'
import { listed, listOf, listSource, sourceOf } from './listing.ts'
import { pathsOf, wantedEntries, type Source } from './wanted-entries.ts'

/** A folder of the host has all that another folder has. */
export const copyFolder = defineResource({
  name: 'copy_folder',
  summary: 'A folder of the host has all that another folder has.',
  source: "Ansible's copy",
  params: {
    type: 'object',
    required: ['dest'],
    exactlyOne: [['src', 'remote_src']],
    properties: {
      dest: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/.*[^/]$',
        description: 'Path of the folder on the host. It is made where it does not exist.',
        examples: ['/opt/site'],
      },
      src: {
        type: 'string',
        format: 'local-folder',
        description:
          'A folder beside the playbook, of at most 2,000 entries. What is in it is copied, links are refused.',
        examples: ['files/site'],
      },
      remote_src: {
        type: 'string',
        format: 'path',
        pattern: '^/.*[^/]$',
        description: 'A folder of the host itself, on its own file system.',
        hint: 'write the path here, in the place of src: remote_src: /etc/site',
      },
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: {
        type: 'string',
        format: 'mode',
        default: '0644',
        description: 'Permissions of files. A file that runs may be run by all who may read it.',
      },
      directory_mode: {
        type: 'string',
        format: 'mode',
        default: '0755',
        description: 'Permissions of the folders.',
      },
    },
  },
  state: {
    entries: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Kind, mode, owner and hash.' },
      description: 'Per path below the folder, what is there; `.` is the folder itself.',
    },
    kind: { type: 'string', information: true, description: 'What is at `dest`.' },
    source_kind: {
      type: 'string',
      information: true,
      description: 'What is at `remote_src`; null for a local folder.',
    },
    runs: {
      type: 'array',
      items: { type: 'string', description: 'A path.' },
      information: true,
      description: 'The files that run, in a folder of the host that is copied.',
    },
    hashes: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Hash of a file, or `directory`.' },
      information: true,
      description: 'Per path, what a folder of the host that is copied holds.',
    },
    stranger: strangerField,
  },
  probe: ({ dest, src, remote_src, owner, group }, seen) => {
    const from: Source | null = src ?? sourceOf(seen['source']?.stdout, remote_src)
    return {
      at: stat(dest),
      ...accountProbes({ owner, group }),
      origin: remote_src === undefined ? undefined : stat(remote_src),
      source:
        remote_src !== undefined && seen['origin']?.kind === 'directory'
          ? listSource(remote_src)
          : undefined,
      there: from ? listOf(dest, pathsOf(from)) : undefined,
    }
  },
  observe: ({ at, origin, source, there, ofOwner, ofGroup }, params) => {
    const from = params.src ?? sourceOf(source?.stdout, params.remote_src)
    return {
      entries: there ? listed(there.stdout, params.dest, pathsOf(from!), params) : {},
      kind: at.exists ? at.kind : null,
      source_kind: params.remote_src === undefined ? null : origin?.exists ? origin.kind : 'absent',
      runs: params.src
        ? null
        : (from?.files.filter((each) => each.runs).map((each) => each.below) ?? []),
      hashes: params.src || !from ? null : hashesOf(from),
      stranger: strangerOf(params, ofOwner, ofGroup),
    }
  },
  desire: (params, { hashes, runs, source_kind }) => ({
    entries: wantedEntries(
      params.src ?? fromState(hashes, runs),
      params,
      source_kind === null || source_kind === 'directory' ? null : source_kind,
    ),
  }),
  change: copyFolderChanges,
})

function hashesOf({ folders, files }: Source): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...folders.map((below) => [below, 'directory'] as const),
    ...files.map(({ below, file }) => [below, file.sha256] as const),
  ])
}

function fromState(
  hashes: Readonly<Record<string, string>> | null,
  runs: readonly string[] | null,
): Source {
  const entries = Object.entries(hashes ?? {})
  return {
    folders: entries.filter(([, what]) => what === 'directory').map(([below]) => below),
    files: entries
      .filter(([, what]) => what !== 'directory')
      .map(([below, sha256]) => ({
        below,
        runs: runs?.includes(below) === true,
        file: { path: below, size: 0, sha256 },
      })),
  }
}
