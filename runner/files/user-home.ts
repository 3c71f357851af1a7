import { homedir } from 'node:os'

/** The home of the user; the root folder where the system knows none, as for a number without a name in a container. */
export function homeOf(env: Readonly<Record<string, string | undefined>>): string {
  if (env['HOME']) return env['HOME']
  try {
    return homedir()
  } catch {
    return '/'
  }
}
