import { sha256, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { Secret } from '../../contract/secret.ts'
import { contentOf, hashOfOther } from '../content.ts'
import {
  destinationParam,
  placeFields,
  placeProbes,
  wholeFileFields,
  wholeWriteParams,
} from '../written-file.ts'
import { copyChanges } from './copy-changes.ts'
import { originFields, originProbes } from './origin.ts'
import { shownText, textSeen, wishedText } from './shown-text.ts'

/** Files past this are hashed only when their turn has come: that takes a disk's time. */
const late = { ahead: false, timeout: 600 } as const
const large = 64 * 2 ** 20

/** A file has this content: that of a local file, that of another file of the host, or a text. */
export const copy = defineResource({
  name: 'copy',
  summary: 'A file has this content: that of a local file, of another file of the host, or a text.',
  source: "Ansible's copy",
  params: {
    type: 'object',
    required: ['dest'],
    exactlyOne: [['src', 'content', 'remote_src']],
    needs: { validate: ['content'] },
    properties: {
      dest: destinationParam(
        'Path of the file on the host, whole: never the folder that it goes into. May begin with `~user/`.',
      ),
      src: {
        type: 'string',
        format: 'local-file',
        description: 'A file beside the playbook; of any size, for it is streamed.',
      },
      remote_src: {
        type: 'string',
        format: 'path',
        pattern: '^/.*[^/]$',
        description: 'A file of the host itself; of any size. A link is refused.',
        hint: 'write the path here, in the place of src: remote_src: /etc/site.conf',
        examples: ['/etc/kubernetes/admin.conf'],
      },
      content: {
        type: 'string',
        orSecret: true,
        description: 'The content itself, of at most 64 KiB. May be a secret.',
      },
      force: {
        type: 'boolean',
        default: true,
        description: '`false`: a file that is there keeps its content.',
      },
      ...wholeWriteParams,
    },
  },
  state: {
    ...wholeFileFields,
    content: {
      type: 'string',
      orSecret: true,
      description: 'Its content, where the task gives one as text.',
    },
    sha256: {
      type: 'string',
      description:
        'Hash of its content, where the task gives a local file or one of the host, or the file on the host is not text.',
    },
    source: {
      type: 'string',
      information: true,
      description: 'What `remote_src` is: `file`, `link` …; null if it does not exist.',
    },
    source_sha256: {
      type: 'string',
      information: true,
      description: 'Hash of the file that `remote_src` names.',
    },
  },
  probe: ({ dest, src, remote_src, content, owner, group, mode }, seen) => ({
    ...placeProbes({ dest, owner, group }),
    ...originProbes(remote_src, seen),
    hash:
      remote_src !== undefined
        ? sha256(dest, late)
        : src === undefined
          ? hashOfOther(dest, seen)
          : sha256(dest, src.size > large ? late : {}),
    text:
      src !== undefined
        ? shownText(dest, src, mode, seen)
        : remote_src === undefined
          ? text(dest, { lenient: true, ...secretName(content) })
          : undefined,
  }),
  observe: (readings, params) => ({
    ...placeFields(readings, params),
    content: params.src ? textSeen(params.src, readings) : contentOf(readings.text, readings.hash),
    sha256: readings.hash?.exists ? readings.hash.sha256 : null,
    ...originFields(readings),
  }),
  desire: ({ src, remote_src, content, owner, group, mode, force }, current) => {
    const keeps = current.exists && !force
    const shown = src && wishedText(src, mode, current)
    return {
      exists: true,
      content: keeps ? undefined : (content ?? shown),
      // Only a plain file has a hash: the change says so.
      sha256:
        keeps || shown !== undefined
          ? undefined
          : remote_src === undefined
            ? src?.sha256
            : (current.source_sha256 ?? `of a ${current.source ?? 'file that does not exist'}`),
      owner,
      group,
      mode,
    }
  },
  change: copyChanges,
})

// A text that a secret went into arrives as one; the file is then read as one too.
function secretName(content: unknown): { readonly secret?: string } {
  return content instanceof Secret ? { secret: content.name } : {}
}
