/** One mount, as /proc/self/mountinfo tells it. */
export interface Mount {
  readonly id: string
  readonly parent: string
  /** `major:minor` of the file system. */
  readonly device: string
  /** The folder of the file system that shows at `path`: `/`, or for a bind mount another. */
  readonly root: string
  readonly path: string
  readonly fstype: string
  /** What was mounted, as text; the numbers decide, not this. */
  readonly source: string
  /** Options of the mount and of its file system. */
  readonly options: readonly string[]
}

/** The mounts of a mountinfo (proc(5)); blanks in its paths are octal escapes. */
export function mountsOf(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ')
    const [id, parent, device, root, path, own = ''] = before.split(' ')
    const [fstype, source, ofFileSystem = ''] = (after ?? '').split(' ')
    if (!id || !parent || !device || !root || !path || !fstype || source === undefined) return []
    return [
      {
        id,
        parent,
        device,
        root: decoded(root),
        path: decoded(path),
        fstype,
        source: decoded(source),
        options: [...own.split(','), ...ofFileSystem.split(',')],
      },
    ]
  })
}

/** The mounts at this very path, the one that shows first. Of mounts that are stacked each is the parent of the next. */
export function stackAt(mounts: readonly Mount[], path: string): readonly Mount[] {
  const here = mounts.filter((mount) => mount.path === path)
  let top = here.find((mount) => !here.some((other) => other.parent === mount.id))
  const stack: Mount[] = []
  while (top && !stack.includes(top)) {
    stack.push(top)
    const below: string = top.parent
    top = here.find((mount) => mount.id === below)
  }
  return stack
}

/** Which folder of which file system shows at a real path. */
export function originOf(
  mounts: readonly Mount[],
  path: string,
): { readonly device: string; readonly root: string } | null {
  const holders = mounts.filter(
    (mount) => path === mount.path || path.startsWith(mount.path === '/' ? '/' : `${mount.path}/`),
  )
  const nearest = holders.reduce(
    (longest, { path: each }) => (each.length > longest.length ? each : longest),
    '',
  )
  const mount = stackAt(mounts, nearest)[0]
  if (!mount) return null
  const rest = path.slice(mount.path === '/' ? 0 : mount.path.length)
  return {
    device: mount.device,
    root:
      rest === '' || rest === '/' ? mount.root : `${mount.root === '/' ? '' : mount.root}${rest}`,
  }
}

/** What is mounted below a real path, the deepest first: the order in which it can be unmounted. */
export function belowIn(text: string, path: string): readonly string[] {
  const inside = path === '/' ? '/' : `${path}/`
  const paths = mountsOf(text).map((mount) => mount.path)
  return [...new Set(paths.filter((each) => each !== path && each.startsWith(inside)))].sort(
    (a, b) => b.length - a.length,
  )
}

/** A path as mountinfo writes it. */
export function encoded(path: string): string {
  return path.replace(
    /[ \t\n\\]/g,
    (each) => `\\${each.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
}

function decoded(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}
