import type { Change, RefuseAction, WriteAction } from '../contract/change.ts'
import { exec, refuse } from '../contract/change.ts'
import { sha256, type Seen, type Sha256Probe, type Sha256Reading } from '../contract/probe.ts'
import { Secret } from '../contract/secret.ts'
import { withoutStranger } from './stranger.ts'

/** Bytes that one write carries at most. */
export const writeLimit = 65_536

/** Asks for the hash of what a lenient text probe called `text` found to be no text, or too much of it. */
export function hashOfOther(path: string, seen: Seen): Sha256Probe | undefined {
  return seen['text']?.why !== undefined ? sha256(path, { timeout: 600 }) : undefined
}

/** A content as a state holds it: the text, or in its place what can be said of bytes that are not text. */
export function contentOf<T extends string | Secret>(
  text: { readonly exists: boolean; readonly text?: T | null; readonly why?: string } | undefined,
  hash: Sha256Reading | undefined,
): T | string | null {
  if (!text?.exists) return null
  return (
    text.text ?? `(not UTF-8 text, or too much of it: sha256 ${hash?.exists ? hash.sha256 : ''})`
  )
}

/** How a part of a file is changed that is too large for a write: the rest of it belongs to others. */
export const byCommand =
  'change it on the host: `run:` with `command: { argv: [sed, -i, …] }` and `unless: grep …`'

/** The param of a check that a new content must pass before it takes the place of the file. */
export const validateParam = {
  type: 'string',
  format: 'line',
  pattern: '%s',
  description:
    'A command for `sh` that checks the new content before it is put there: `%s` is a file that holds it. Any exit but 0 leaves the old file where it is.',
  examples: ['visudo -cf %s'],
} as const

/** What repairs a file whose whole content is known here: one write with its owner and mode, or a refusal. */
export function writeContent<const F extends string>(
  path: string,
  content: string | Secret,
  repairs: readonly F[],
  options: {
    readonly kind: string | null
    /** What stands before the write, where nothing is there yet. */
    readonly before?: readonly RefuseAction[]
    /** The owner or group that the host does not know. */
    readonly stranger?: string | null
    readonly guard: string
    readonly validate?: string | undefined
    readonly attributes: Pick<WriteAction, 'owner' | 'group' | 'mode' | 'backup'>
    /** What to do where the content is too large for a write. */
    readonly tooLarge?: string
  },
): readonly Change<F>[] {
  const inTheWay = obstacle(path, options.kind)
  if (inTheWay) return [{ title: `write ${path}`, repairs, actions: [inTheWay] }]
  if (!(content instanceof Secret) && byteLength(content) > writeLimit) {
    return [
      {
        title: `write ${path}`,
        repairs,
        actions: [
          refuse(
            `the content of ${path} has ${byteLength(content)} bytes, and a write carries ${writeLimit} at most`,
            options.tooLarge ?? 'send it as a local file with `copy` and `src:`',
          ),
        ],
      },
    ]
  }
  const action: WriteAction = { do: 'write', path, content, ...options.attributes }
  const actions = [
    ...withoutStranger(options.stranger ?? null),
    ...(options.validate === undefined ? [] : [checked(content, options.validate)]),
    action,
  ]
  if (options.kind === null)
    return [{ title: `create ${path}`, repairs, actions: [...(options.before ?? []), ...actions] }]
  return [
    {
      title: `replace the content of ${path}`,
      repairs,
      effect: 'replaces',
      guard: [options.guard],
      actions,
    },
  ]
}

// Hosts that refuse it for one reason say so in the same words: none of them holds the name of its file.
const check =
  'f=$(mktemp) || exit 1; cat >"$f" && o=$(sh -c "$1" sh "$f" 2>&1); s=$?; rm -f "$f"; printf "%s\\n" "$o" | sed "s|$f|NEW|g" >&2; exit $s'

/** The check gets the content in a file that no other user may read and that is removed after the check. */
function checked(content: string | Secret, command: string) {
  return exec(['sh', '-c', check, 'sh', command.replaceAll('%s', '"$1"')], {
    stdin: content,
    shown: command.replaceAll('%s', 'NEW'),
  })
}

/** A refusal if the path exists and is not a plain file. */
export function obstacle(path: string, kind: string | null) {
  if (kind === null || kind === 'file') return null
  if (kind === 'link')
    return refuse(
      `${path} is a link, and writing it would replace the link`,
      'name the file that it points to, or remove the link in a task before this one',
    )
  return refuse(
    `${path} is a ${kind}, not a file`,
    'name another path, or remove it in a task before this one',
  )
}

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

/** The owner, group, mode and backup for `write` and `upload`; undefined ones are left out. */
export function attributesOfWrite(
  params: {
    readonly owner?: string | undefined
    readonly group?: string | undefined
    readonly mode?: string | undefined
  },
  backup?: string,
): Pick<WriteAction, 'owner' | 'group' | 'mode' | 'backup'> {
  return {
    owner: params.owner,
    group: params.group,
    mode: params.mode,
    ...(backup === undefined ? {} : { backup }),
  }
}
