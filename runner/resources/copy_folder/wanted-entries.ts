import type { LocalFolder } from '../../contract/param-schema.ts'
import { modeText } from '../../text/mode.ts'

/** What a folder holds, wherever it lies. */
export type Source = Pick<LocalFolder, 'folders' | 'files'>

/** How entries are to be owned and what they permit. */
export interface Attributes {
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mode: string
  readonly directory_mode: string
}

/** The paths below the folder, each behind the folder that holds it; `.` is the folder itself. */
export function pathsOf({ folders, files }: Source): readonly string[] {
  return ['.', ...folders, ...files.map(({ below }) => below)]
}

/** What is to be at each path. A source that is not a folder is said in the place of the folder itself. */
export function wantedEntries(
  { folders, files }: Source,
  attributes: Attributes,
  strange: string | null,
): Readonly<Record<string, string>> {
  const directory = `directory ${attributes.directory_mode}${ownersText(attributes)}`
  if (strange !== null) return { '.': `of a ${strange}` }
  return Object.fromEntries([
    ...['.', ...folders].map((below) => [below, directory] as const),
    ...files.map(
      ({ below, runs, file }) =>
        [
          below,
          `file ${modeOf(attributes.mode, runs)}${ownersText(attributes)} ${file.sha256}`,
        ] as const,
    ),
  ])
}

/** The permissions of a file: one that runs may be run by all who may read it. */
function modeOf(mode: string, runs: boolean): string {
  const bits = Number.parseInt(mode, 8)
  return runs ? modeText(bits | ((bits & 0o444) >> 2)) : mode
}

/** Owner and group as an entry says them: those that the task names, and no others. */
export function ownersText({ owner, group }: Pick<Attributes, 'owner' | 'group'>): string {
  return owner === undefined && group === undefined ? '' : ` ${owner ?? ''}:${group ?? ''}`
}
