import { refuse, type AttributesAction, type Change } from '../../contract/change.ts'
import { byteLength, writeLimit } from '../content.ts'
import { edited, grantOf, type KeyLine } from './keys.ts'

type Field = 'keys' | 'folder' | 'file'

/** What differs, and of what. */
interface Repair {
  readonly user: string
  readonly path: string
  /** The file is the one of the user's home, whose folder, owner and mode belong to it. */
  readonly isOwn: boolean
  /** What the folder and the file are; empty for one that does not exist. */
  readonly kinds: readonly string[]
  readonly group: string | null
  readonly text: string
  /** Options of each grant of the file. */
  readonly had: Readonly<Record<string, string>>
  /** Options of the grants that differ; null: it goes. */
  readonly wanted: Readonly<Record<string, string | null>> | undefined
  readonly given: readonly KeyLine[]
  readonly repairs: readonly Field[]
}

/** What makes the file and its folder as they are wanted, or why that is not done. */
export function changesOf(repair: Repair): readonly Change<Field>[] {
  const { path, wanted, repairs } = repair
  const title = titleOf(repair)
  const refused = refusalOf(repair)
  if (refused) return [{ title, repairs, actions: [refused] }]
  const folder = folderActions(repair)
  if (!wanted) return [{ title, repairs, actions: [...folder, ...fileActions(repair)] }]
  const gone = new Set(Object.keys(wanted).filter((grant) => wanted[grant] === null))
  const lines = repair.given.filter((line) => typeof wanted[grantOf(line)] === 'string')
  const content = edited(repair.text, lines, gone)
  if (byteLength(content) > writeLimit)
    return [
      {
        title,
        repairs,
        actions: [
          refuse(
            `${path} would have ${byteLength(content)} bytes, and a write carries ${writeLimit} at most`,
            'send the whole file with `copy` and `src:`',
          ),
        ],
      },
    ]
  const write = {
    do: 'write' as const,
    path,
    content,
    ...(repair.isOwn ? { owner: repair.user, group: repair.group ?? undefined, mode: '0600' } : {}),
  }
  const actions = [...folder, write]
  const replaces = Object.keys(wanted).some((grant) => repair.had[grant] !== undefined)
  // An edit by another user between reading and writing must not be lost: the engine reads the file again first.
  return [
    replaces
      ? { title, repairs, effect: 'replaces', guard: ['keys'], actions }
      : { title, repairs, guard: ['keys'], actions },
  ]
}

function refusalOf({ path, kinds: [folderKind, fileKind], wanted, had }: Repair) {
  if (folderKind !== '' && folderKind !== 'directory')
    return refuse(
      `${folderOf(path)} is a ${folderKind}, not a folder`,
      'give the file that sshd reads with `path:`',
    )
  if (fileKind !== '' && fileKind !== 'file')
    return refuse(
      `${path} is a ${fileKind}, not a file`,
      'give the file that sshd reads with `path:`',
    )
  const lifted = Object.entries(wanted ?? {}).find(
    ([grant, options]) => options === '' && restrictionOf(had[grant]) !== null,
  )
  return lifted
    ? refuse(
        `the key …${lifted[0].slice(-12)} is there with the options ${restrictionOf(had[lifted[0]])}`,
        'keep them with `key_options:`, or take the key out in a task before this one',
      )
    : null
}

/** The options of a grant that is there, where any of its lines has some. */
function restrictionOf(options: string | undefined): string | null {
  const isFree =
    options === undefined || /^(?:\d+ lines: )?(?:\(no options\)(?: \| )?)*$/.test(options)
  return isFree ? null : options
}

function folderActions(repair: Repair): readonly AttributesAction[] {
  if (!repair.repairs.includes('folder')) return []
  const is = repair.kinds[0] === '' ? { make: true as const } : { seenBy: 'folder' }
  return [{ ...belongsTo(repair, folderOf(repair.path), '0700'), ...is }]
}

function fileActions(repair: Repair): readonly AttributesAction[] {
  return repair.repairs.includes('file')
    ? [{ ...belongsTo(repair, repair.path, '0600'), seenBy: 'at' }]
    : []
}

function belongsTo({ user, group }: Repair, path: string, mode: string): AttributesAction {
  return { do: 'attributes', path, owner: user, group: group ?? undefined, mode }
}

function folderOf(path: string): string {
  return path.replace(/\/[^/]*$/, '')
}

function titleOf({ wanted, user }: Repair): string {
  if (!wanted) return `close the folder of ${user}'s keys to others`
  const options = Object.values(wanted)
  const remove = options.filter((each) => each === null).length
  const add = options.length - remove
  return [
    add > 0 ? `allow ${add} key${add > 1 ? 's' : ''} for ${user}` : '',
    remove > 0 ? `take ${remove} key${remove > 1 ? 's' : ''} from ${user}` : '',
  ]
    .filter(Boolean)
    .join(' and ')
}
