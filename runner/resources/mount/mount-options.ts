/** Options that the kernel keeps for each mount, so that they can be read back: the flag, and whether the word sets it or clears it. */
const words: Readonly<Record<string, readonly (readonly [flag: string, on: boolean])[]>> = {
  ro: [['ro', true]],
  rw: [['ro', false]],
  nosuid: [['nosuid', true]],
  suid: [['nosuid', false]],
  nodev: [['nodev', true]],
  dev: [['nodev', false]],
  noexec: [['noexec', true]],
  exec: [['noexec', false]],
  noatime: [['noatime', true]],
  atime: [['noatime', false]],
  relatime: [['relatime', true]],
  strictatime: [
    ['noatime', false],
    ['relatime', false],
  ],
  nodiratime: [['nodiratime', true]],
  diratime: [['nodiratime', false]],
}
const flags = [...new Set(Object.values(words).flatMap((set) => set.map(([flag]) => flag)))]

/** The options of a mount that can be compared, each on or off. */
export function flagsOf(options: readonly string[]): Readonly<Record<string, boolean>> {
  return Object.fromEntries(flags.map((flag) => [flag, options.includes(flag)]))
}

/** The options of a task that can be compared; undefined if it has none of them. */
export function wantedFlags(
  opts: string | undefined,
): Readonly<Record<string, boolean>> | undefined {
  const wanted = partsOf(opts).flatMap((part) => words[part] ?? [])
  return wanted.length > 0 ? Object.fromEntries(wanted) : undefined
}

/** Whether the options ask for a bind mount. */
export function isBind(opts: string | undefined): boolean {
  return partsOf(opts).some((part) => part === 'bind' || part === 'rbind')
}

/** The options without those that say what kind of mount it is, for a remount. */
export function bareOptions(opts: string | undefined): readonly string[] {
  return partsOf(opts).filter((part) => part !== 'bind' && part !== 'rbind' && part !== 'defaults')
}

function partsOf(opts: string | undefined): readonly string[] {
  return (opts ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}
