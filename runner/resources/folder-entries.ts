import { withoutEnd } from '../text/trim-end.ts'
import { ask, type ExecProbe } from '../contract/probe.ts'

// 20 names are enough for a message. The listing ends before it is cut, so that its exit still counts.
const script = 'names=$(find "$@") || exit 9; printf "%s\\n" "$names" | head -n 20'

/** Asks for the first entries of a folder, hidden ones too; of those whose name fits a pattern of the shell, where patterns are given. */
export function entriesIn(
  folder: string,
  patterns: readonly string[] = [],
  not: readonly string[] = [],
): ExecProbe {
  const only = patterns.flatMap((pattern, i) =>
    i === 0 ? ['-name', pattern] : ['-o', '-name', pattern],
  )
  const without = not.flatMap((pattern) => ['!', '-name', pattern])
  // The slash at the end lets find look into a folder that a link leads to.
  const inside = `${withoutEnd(folder, '/')}/`
  return ask(
    [
      'sh',
      '-c',
      script,
      'sh',
      inside,
      '-mindepth',
      '1',
      '-maxdepth',
      '1',
      ...(only.length > 0 ? ['(', ...only, ')'] : []),
      ...without,
    ],
    [0],
    { timeout: 60, shown: `list ${folder}` },
  )
}

/** The names that were listed. */
export function namesIn(listing: string): readonly string[] {
  return listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(line.lastIndexOf('/') + 1))
}

// Names, kinds, owners, sizes and times: content that came, went or changed shows in one of them.
const listing =
  'all=$(find "$1" -xdev -mindepth 1 -exec stat -c "%f %u %g %s %Y %i %n" {} +) || exit 9; if [ -z "$all" ]; then echo 0; exit; fi; printf "%s\\n" "$all" | wc -l; printf "%s\\n" "$all" | sort | sha256sum'

/** Asks for the number of entries of a tree on its own file system, and for a hash of their listing. */
export function treeIn(folder: string): ExecProbe {
  return ask(['sh', '-c', listing, 'sh', folder], [0], {
    ahead: false,
    timeout: 600,
    shown: `list all of ${folder}`,
  })
}

/** Asks when the content of a file was changed: a new one may have the size of the old. */
export function changedAt(path: string): ExecProbe {
  const asked = 'stat -c %y "$1" 2>/dev/null || stat -f %m "$1"'
  return ask(['sh', '-c', asked, 'sh', path], [0], { shown: `look when ${path} was changed` })
}

/** What a tree holds, as a state holds it: `nothing`, or how many entries, and the hash of their listing. */
export function treeText(said: string): string {
  const [count = '0', hash = ''] = said.trim().split(/\s+/)
  return count === '0' ? 'nothing' : `${count} entries (${hash.slice(0, 16)})`
}
