import { shellWord as word } from '../../text/shell-word.ts'

export { word }

/** A command that prints a text and nothing else, by the shell itself, so that no process list shows it. */
export function producer(text: string): string {
  if (!text.includes('\0')) return `printf %s ${word(text)}`
  return `printf %b ${word(text.replaceAll('\\', '\\\\').replaceAll('\0', '\\0000'))}`
}

/** Whether a text may be a word of a command line: a NUL can not. */
export function isWord(text: string): boolean {
  return !text.includes('\0')
}

/** A host's path in a script: `~user/…` stands on `$h`, which `homeOf` sets before. */
export function pathWord(path: string): string {
  const user = userOf(path)
  return user === null ? word(path) : `"$h"${word(path.slice(1 + user.length))}`
}

/** The script line that sets `$h` to the home that a path begins with; empty for other paths. */
export function homeOf(path: string): string {
  const user = userOf(path)
  return user === null ? '' : `h=~${user};U ${user || '"$(id -un)"'};`
}

/** Why a path cannot be read or written, or null. */
export function badPath(path: string): string | null {
  if (path.includes('\0')) return 'a path cannot hold a NUL'
  const user = userOf(path)
  if (user === null) return path.startsWith('/') ? null : `not an absolute path: ${path}`
  return user === '' || isUser(user) ? null : `not a user name: ${user}`
}

/** Whether a text is a user name, fit for a tilde and for sudo. */
export function isUser(name: string): boolean {
  return /^(?![0-9]+$)[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(name)
}

function userOf(path: string): string | null {
  return path.startsWith('~') ? path.slice(1).split('/', 1)[0]! : null
}
