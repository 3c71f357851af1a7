import { joinLines, newLines, splitLines, type Line } from '../lines.ts'

/**
 * The path of a parameter below /proc/sys. The first separator decides, as for sysctl(8): behind a `/` the name is a path as it
 * stands, behind a `.` the two change places, so that the name of an interface may hold a dot.
 */
export function pathOf(name: string): string {
  const first = /[./]/.exec(name)?.[0]
  return first === '/' ? name : name.replace(/[./]/g, (each) => (each === '.' ? '/' : '.'))
}

/** The value that counts in a file, which is the last one, or null. */
export function valueIn(file: string, name: string): string | null {
  return settings(file, name).at(-1) ?? null
}

function settings(file: string, name: string): readonly string[] {
  const path = pathOf(name)
  return splitLines(file).flatMap((line) => {
    const found = settingOf(line)
    return found?.path === path ? [found.value] : []
  })
}

/** The file with one line for the parameter, in the place of the last that it had; or with none. */
export function edited(file: string, name: string, value: string | null): string {
  const lines = splitLines(file)
  const path = pathOf(name)
  const ours = lines.map((line) => settingOf(line)?.path === path)
  const last = ours.lastIndexOf(true)
  const mine = `${name} = ${value}`
  const kept = lines.flatMap((line, i) =>
    !ours[i] ? [line] : i === last && value !== null ? [{ ...line, text: mine }] : [],
  )
  return joinLines(last < 0 && value !== null ? [...kept, ...newLines([mine], lines)] : kept)
}

function settingOf({ text }: Line): { readonly path: string; readonly value: string } | null {
  if (!text.includes('=')) return null
  const found = /^(?:-\s*)?([^#;=\s][^=\s]*)\s*=(.*)$/.exec(text.trim())
  return found && { path: pathOf(found[1]!), value: blanked(found[2]!) }
}

/** A value with single blanks: the kernel separates several numbers by tabs, people by blanks. */
export function blanked(value: string): string {
  return value.trim().replace(/\s+/g, ' ')
}
