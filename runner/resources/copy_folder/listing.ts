import { ask, type ExecProbe } from '../../contract/probe.ts'
import { modeText } from '../../text/mode.ts'
import { unclear } from '../unclear.ts'
import { ownersText, type Attributes, type Source } from './wanted-entries.ts'

const limits = { timeout: 600, cap: 8 * 2 ** 20 } as const

// The paths come on standard input. What cannot be looked at is a failure: it is not known to be absent.
const list = `r=$1; set --
while IFS= read -r p; do case $p in .) set -- "$@" "$r";; *) set -- "$@" "$r/$p";; esac; done
e=$(stat -c %n -- "$@" 2>&1 >/dev/null | grep -Ev ': (No such file or directory|Not a directory)$' | head -n 1)
[ -z "$e" ] || { printf '%s\\n' "$e" >&2; exit 9; }
stat -c '%f %U %G %u %g %n' -- "$@" 2>/dev/null
echo --
for p do shift; if [ ! -L "$p" ] && [ -f "$p" ]; then set -- "$@" "$p"; fi; done
[ $# -eq 0 ] || sha256sum -- "$@"`

// The folder on its own file system; no link is followed.
const listAll = `cd -- "$1" || exit 9
find . -xdev -exec stat -c '%f %U %G %u %g %n' {} + || exit 9
echo --
find . -xdev -type f -exec sha256sum -- {} +`

/** Asks what is at these paths of a folder. */
export function listOf(folder: string, paths: readonly string[]): ExecProbe {
  return ask(['sh', '-c', list, 'sh', folder], [0], {
    ...limits,
    stdin: paths.map((path) => `${path}\n`).join(''),
    shown: `list ${paths.length} paths of ${folder}`,
  })
}

/** Asks for all that a folder of the host holds. */
export function listSource(folder: string): ExecProbe {
  return ask(['sh', '-c', listAll, 'sh', folder], [0], {
    ...limits,
    ahead: false,
    shown: `list all of ${folder}`,
  })
}

interface Line {
  readonly kind: string
  readonly mode: string
  readonly owner: string
  readonly group: string
  readonly uid: string
  readonly gid: string
  readonly path: string
  readonly sha256: string
}

const kinds: Readonly<Record<string, string>> = { '4': 'directory', '8': 'file', a: 'link' }

// A name with a line end makes a line more than there are entries: what it seems to say must not count.
function linesOf(text: string, folder: string): readonly Line[] {
  const [looks = '', hashes = '', ...more] = text.split(/^--$/m)
  const sums = new Map(
    hashes.split('\n').flatMap((line) => {
      const found = /^([0-9a-f]{64}) [ *](.*)$/.exec(line)
      return found ? [[found[2]!, found[1]!] as const] : []
    }),
  )
  const lines = looks
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => lineOf(line, sums) ?? unlisted(folder))
  const isClear = more.length === 0 && new Set(lines.map(({ path }) => path)).size === lines.length
  return isClear ? lines : unlisted(folder)
}

function lineOf(line: string, sums: ReadonlyMap<string, string>): Line | null {
  const [, raw = '', owner = '', group = '', uid = '', gid = '', path = ''] =
    /^([0-9a-f]+) (\S+) (\S+) (\d+) (\d+) (.+)$/.exec(line) ?? []
  if (raw === '') return null
  const bits = Number.parseInt(raw, 16)
  return {
    kind: kinds[(bits >> 12).toString(16)] ?? 'other',
    mode: modeText(bits),
    owner,
    group,
    uid,
    gid,
    path,
    sha256: sums.get(path) ?? '',
  }
}

function unlisted(folder: string): never {
  return unclear(
    `the list of ${folder} is not clear: the name of an entry or of its owner breaks a line of it`,
    `look at it with \`find ${folder} -xdev | cat -A\`, and rename what has a line end or a backslash in its name`,
  )
}

/** What is at each path, as a state holds it: `file 0644 HASH`, `directory 0755 root:root`, `link`, `absent`. */
export function listed(
  text: string,
  folder: string,
  paths: readonly string[],
  { owner, group }: Pick<Attributes, 'owner' | 'group'>,
): Readonly<Record<string, string>> {
  const found = new Map(linesOf(text, folder).map((line) => [line.path, line]))
  return Object.fromEntries(
    paths.map((path) => {
      const line = found.get(path === '.' ? folder : `${folder}/${path}`)
      if (!line) return [path, 'absent']
      if (line.kind !== 'file' && line.kind !== 'directory') return [path, line.kind]
      const owners = ownersText({
        owner: owner === undefined ? undefined : /^\d+$/.test(owner) ? line.uid : line.owner,
        group: group === undefined ? undefined : /^\d+$/.test(group) ? line.gid : line.group,
      })
      const hash = line.kind === 'file' ? ` ${line.sha256}` : ''
      return [path, `${line.kind} ${line.mode}${owners}${hash}`]
    }),
  )
}

const mostEntries = 2_000

/** What a folder of the host holds; null where it was not listed. */
export function sourceOf(text: string | undefined, folder: string | undefined): Source | null {
  if (text === undefined || folder === undefined) return null
  const lines = linesOf(text, folder).filter(({ path }) => path !== '.')
  if (lines.some(({ path }) => !path.startsWith('./') || path.includes('\\'))) unlisted(folder)
  if (lines.length > mostEntries)
    unclear(
      `${folder} has ${lines.length} entries, and ${mostEntries} are copied at most`,
      'copy it with `run:` and `command: { argv: [cp, -a, …] }` and `creates:`',
    )
  const strange = lines.find(({ kind }) => kind !== 'file' && kind !== 'directory')
  if (strange)
    unclear(
      `${folder}/${below(strange)} is a ${strange.kind}, which is not copied`,
      'copy it with a task of its own: file: { state: link }, or take it out of the folder',
    )
  return {
    folders: lines
      .filter(({ kind }) => kind === 'directory')
      .map(below)
      .sort(),
    files: lines
      .filter(({ kind }) => kind === 'file')
      .map((line) => ({
        below: below(line),
        runs: (Number.parseInt(line.mode, 8) & 0o100) !== 0,
        file: { path: `${folder}/${below(line)}`, size: 0, sha256: line.sha256 },
      }))
      .sort((a, b) => (a.below < b.below ? -1 : 1)),
  }
}

function below({ path }: Line): string {
  return path.slice('./'.length)
}
