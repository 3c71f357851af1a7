import type { Seen } from '../../contract/probe.ts'
import { mountsOf, originOf, stackAt, type Mount } from './mountinfo.ts'

/** What is mounted at the path of a task. */
export interface Found {
  /** The mounts at the path, the one that shows first. */
  readonly stack: readonly Mount[]
  /** Whether what shows is what `src` names, by device number and folder. */
  readonly isWanted: boolean
  /** The path without links; empty where a folder on the way is missing. */
  readonly real: string
}

/** A tag in the place of a device, as mount(8) takes it. */
const tagForm = /^(?:UUID|LABEL|PARTUUID|PARTLABEL|ID)=/

/** Whether `src` names a device by what stands on it. */
export function isTag(src: string | undefined): boolean {
  return src !== undefined && tagForm.test(src)
}

/** The path of the device or folder that `src` names: itself, or what its tag leads to; undefined where that is not known. */
export function deviceOf(src: string | undefined, seen: Seen): string | undefined {
  if (src?.startsWith('/')) return src
  const found = isTag(src) && seen['tagged']?.exit === 0 ? lineOf(seen['tagged'].stdout) : ''
  return found.startsWith('/') ? found : undefined
}

/** What the readings say is mounted; undefined before they are there. */
export function look(seen: Seen, src: string | undefined, bind: boolean): Found | undefined {
  if (seen['mounts']?.text === undefined || !seen['real']) return undefined
  // A tag is looked up first: until then nothing can be said of what is mounted.
  if (isTag(src) && (!seen['tagged'] || (seen['tagged'].exit === 0 && !seen['source'])))
    return undefined
  const mounts = mountsOf(seen['mounts'].text)
  const real = lineOf(seen['real'].stdout)
  const stack = stackAt(mounts, real)
  return {
    stack,
    real,
    isWanted:
      stack[0] !== undefined && src !== undefined && shows(stack[0], mounts, seen, src, bind),
  }
}

/** A mount as findmnt shows it, with the number that tells it from another of the same name. */
export function described({ source, root, device }: Mount): string {
  return `${source}${root === '/' ? '' : `[${root}]`} (${device})`
}

function shows(
  top: Mount,
  mounts: readonly Mount[],
  seen: Seen,
  src: string,
  bind: boolean,
): boolean {
  // What has no number of its own is known by its text alone.
  if (!src.startsWith('/') && !isTag(src)) return top.source === src || top.source === `${src}/`
  if (!seen['source']?.exists) return false
  if (!bind) return top.root === '/' && seen['source'].rdev === top.device
  const origin = originOf(mounts, lineOf(seen['origin']?.stdout))
  return origin !== null && origin.device === top.device && origin.root === top.root
}

function lineOf(stdout: string | undefined): string {
  return (stdout ?? '').replace(/\n$/, '')
}
