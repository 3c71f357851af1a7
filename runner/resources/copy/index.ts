import { sha256, stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { Secret } from '../../contract/secret.ts'
import {
  attributeChanges,
  attributeFields,
  attributeParams,
  attributesOf,
  drifted,
} from '../attributes.ts'
import { backupParam } from '../backup.ts'
import {
  attributesOfWrite,
  contentOf,
  hashOfOther,
  obstacle,
  validateParam,
  writeContent,
} from '../content.ts'
import { absolute, homeOf } from '../account-home.ts'
import { folderField, folderProbe, isFolder, withoutFolder } from '../place.ts'

const attributes = ['owner', 'group', 'mode'] as const
/** Files past this are hashed only when their turn has come: that takes a disk's time. */
const late = { ahead: false, timeout: 600 } as const
const large = 64 * 2 ** 20

/** A file has this content: that of a local file, or a text. */
export const copy = defineResource({
  name: 'copy',
  summary: 'A file has this content: that of a local file, or a text.',
  source: "Ansible's copy",
  params: {
    type: 'object',
    required: ['dest'],
    exactlyOne: [['src', 'content']],
    needs: { validate: ['content'] },
    properties: {
      dest: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^(/|~[^/]+/).*[^/]$',
        description:
          'Path of the file on the host, whole: never the folder that it goes into. May begin with `~user/`.',
      },
      src: {
        type: 'string',
        format: 'local-file',
        description: 'A file beside the playbook; of any size, for it is streamed.',
      },
      content: {
        type: 'string',
        orSecret: true,
        description: 'The content itself, of at most 64 KiB. May be a secret.',
      },
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: attributeParams.mode,
      force: {
        type: 'boolean',
        default: true,
        description: '`false`: a file that is there keeps its content.',
      },
      backup: backupParam,
      validate: validateParam,
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether anything is there.' },
    content: {
      type: 'string',
      orSecret: true,
      description: 'Its content, where the task gives one as text.',
    },
    sha256: {
      type: 'string',
      description:
        'Hash of its content, where the task gives a local file, or the file on the host is not text.',
    },
    owner: attributeFields.owner,
    group: attributeFields.group,
    mode: attributeFields.mode,
    kind: { type: 'string', information: true, description: '`file`, `link`, `directory` …' },
    path: { type: 'string', information: true, description: 'Its path, without `~user`.' },
    folder: folderField,
  },
  probe: ({ dest, src, content }, seen) => ({
    at: stat(dest),
    folder: folderProbe(dest),
    account: homeOf(dest),
    hash: src === undefined ? hashOfOther(dest, seen) : sha256(dest, src.size > large ? late : {}),
    text: src === undefined ? text(dest, { lenient: true, ...secretName(content) }) : undefined,
  }),
  observe: ({ at, folder, account, hash, text }, params) => ({
    exists: at.exists,
    content: contentOf(text, hash),
    sha256: hash?.exists ? hash.sha256 : null,
    ...attributesOf(at, params),
    kind: at.exists ? at.kind : null,
    folder: isFolder(folder),
    path: absolute(params.dest, account),
  }),
  desire: ({ src, content, owner, group, mode, force }, current) => {
    const keeps = current.exists && !force
    return {
      exists: true,
      content: keeps ? undefined : content,
      sha256: keeps ? undefined : src?.sha256,
      owner,
      group,
      mode,
    }
  },
  change: (diff, params, current) => {
    const { dest, src, content } = params
    const inTheWay = obstacle(dest, current.kind)
    if (inTheWay)
      return [
        {
          title: `write ${dest}`,
          repairs: drifted(diff, ['exists', 'content', 'sha256', ...attributes]),
          actions: [inTheWay],
        },
      ]
    if (!diff.exists && !diff.content && !diff.sha256)
      return attributeChanges(diff, current.path!, params)
    const repairs = drifted(diff, ['exists', 'content', 'sha256', ...attributes])
    const written = attributesOfWrite(params, current.exists ? params.backup : undefined)
    if (src === undefined)
      return writeContent(dest, content!, repairs, {
        kind: current.kind,
        before: withoutFolder(dest, current.folder),
        guard: current.sha256 === null ? 'text' : 'hash',
        validate: params.validate,
        attributes: written,
      })
    const upload = { do: 'upload' as const, path: dest, source: src, ...written }
    return current.exists
      ? [
          {
            title: `replace the content of ${dest}`,
            repairs,
            effect: 'replaces',
            guard: ['hash'],
            actions: [upload],
          },
        ]
      : [
          {
            title: `send ${dest}`,
            repairs,
            actions: [...withoutFolder(dest, current.folder), upload],
          },
        ]
  },
})

// A text that a secret went into arrives as one; the file is then read as one too.
function secretName(content: unknown): { readonly secret?: string } {
  return content instanceof Secret ? { secret: content.name } : {}
}
