import type { ConnectionSettings, Host } from '../../model/host.ts'
import { resolvedText } from '../openssh/openssh-transport.ts'
import { readResolvedOptions, type ResolvedOptions } from '../openssh/resolved-options.ts'

/** How a host is reached by the system's ssh, with all that it needs of the run. */
export interface OpensshWay {
  readonly name: string
  readonly connection: ConnectionSettings
  readonly configFile?: string | undefined
  readonly knownHostsFile?: string | undefined
  readonly env: Readonly<Record<string, string>>
  /** What `ssh -G` says. Another line of ssh_config makes another text. */
  readonly resolved: string
}

/** What of a run's world decides how ssh reaches a host. */
export interface OpensshRun {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly configFile?: string | undefined
  readonly knownHostsFile?: string | undefined
}

// What ssh itself reads, and what Debian and SUSE send by their own ssh_config.
const handedOn =
  /^(?:HOME|KRB5CCNAME|KRB5_CONFIG|LANG|LC_\w+|LOGNAME|PATH|SSH_AUTH_SOCK|SSH_SK_PROVIDER|TERM|USER)$/

/** The way to a host whose connection may be kept, as text; null where each run logs in. */
export async function opensshWayText(host: Host, run: OpensshRun): Promise<string | null> {
  const { connection, name } = host
  if (connection.password !== undefined || connection.keyPassphrase !== undefined) return null
  if (connection.hostKeys === 'off' || connection.hostKeys === 'new-after-boot') return null
  // What is wrong is reported by the login.
  const resolved = await resolvedText(host, run).catch(() => null)
  if (resolved === null || !mayKeep(readResolvedOptions(resolved))) return null
  const { becomePassword: _, ...settings } = connection
  const { configFile, knownHostsFile, env } = run
  const handed = Object.entries(env).flatMap(([key, value]) =>
    handedOn.test(key) && value !== undefined ? [[key, value] as const] : [],
  )
  return JSON.stringify({
    name,
    connection: settings,
    configFile,
    knownHostsFile,
    env: Object.fromEntries(handed),
    resolved,
  } satisfies OpensshWay)
}

/** Not where the key is hardly checked, where a program gives the known keys, or where other variables of the run are sent. */
function mayKeep(resolved: ResolvedOptions): boolean {
  const strictness = resolved.one('stricthostkeychecking')?.toLowerCase() ?? 'ask'
  if (['no', 'false', 'off'].includes(strictness)) return false
  if ((resolved.one('knownhostscommand') ?? 'none') !== 'none') return false
  return resolved
    .all('sendenv')
    .flatMap((value) => value.split(/\s+/))
    .every((each) => /^(?:LANG|LC_\*|LC_\w+|TERM|COLORTERM|NO_COLOR)$/.test(each))
}
