import { userInfo } from 'node:os'

/** The user who runs this. */
export interface Account {
  readonly user: string
  readonly home: string
}

/** The account of the user who runs this, from the password database; `home` takes the place of its home. */
export function accountOf(options: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home?: string
}): Account {
  try {
    const { username, homedir } = userInfo()
    return { user: username, home: options.home ?? homedir }
  } catch {
    // In a container the user may be in no password database.
    return { user: options.env['USER'] ?? 'root', home: options.home ?? options.env['HOME'] ?? '/' }
  }
}
