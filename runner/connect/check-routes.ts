import { execFile } from 'node:child_process'
import { hostname } from 'node:os'
import { promisify } from 'node:util'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Host, Inventory } from '../model/host.ts'
import { accountOf } from './account.ts'
import { configFaults } from './openssh/ssh-words.ts'
import { loadSshConfig } from './ssh/openssh-files/config-files.ts'
import { routeTo, type Controller } from './ssh/route.ts'

/** What the ways to hosts are checked with. */
export interface RouteOptions {
  readonly inventory: Inventory
  readonly env: Readonly<Record<string, string | undefined>>
  readonly sshConfigFile?: string | undefined
  readonly home?: string
}

/** Every mistake of the ssh_config files of these hosts, and of the ways to them. Nothing is connected to. */
export async function checkRoutes(
  hosts: readonly Host[],
  options: RouteOptions,
): Promise<readonly Diagnostic[]> {
  const found = new Map<string, Diagnostic>()
  const add = (diagnostics: readonly Diagnostic[]): void => {
    // Many hosts share a line: it is reported once.
    for (const each of diagnostics)
      found.set(
        each.at === undefined
          ? `${each.code} ${each.message}`
          : `${each.code} ${each.at.file}:${each.at.line}`,
        each,
      )
  }
  const reached = hosts.filter(({ connection }) => connection.kind === 'ssh')
  const fileOf = ({ connection }: Host): string | undefined =>
    connection.sshConfig ?? options.sshConfigFile
  const own = reached.filter(({ connection }) => connection.transport !== 'openssh')
  for (const file of new Set(own.map(fileOf)))
    add(
      routeFaults(
        own.filter((host) => fileOf(host) === file),
        file,
        options,
      ),
    )
  const others = reached.filter(({ connection }) => connection.transport === 'openssh')
  for (const file of new Set(others.map(fileOf))) add(await sshFaults(file, options))
  return [...found.values()]
}

function routeFaults(
  hosts: readonly Host[],
  file: string | undefined,
  { inventory, env, home }: RouteOptions,
): readonly Diagnostic[] {
  const account = accountOf({ env, ...(home === undefined ? {} : { home }) })
  const faults: Diagnostic[] = []
  const caught = (work: () => void): boolean => {
    try {
      work()
      return true
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error
      faults.push(...error.diagnostics)
      return false
    }
  }
  let config: Controller['config'] = []
  if (!caught(() => (config = loadSshConfig(file, account.home)))) return faults
  const controller: Controller = {
    localUser: account.user,
    localHost: hostname(),
    home: account.home,
    env,
    config,
    inventoryHost: (name) => inventory.hosts.get(name),
  }
  for (const host of hosts) caught(() => void routeTo(host, controller))
  return faults
}

/** ssh reads every line of its ssh_config, whichever host it is asked for. */
async function sshFaults(
  file: string | undefined,
  { env }: RouteOptions,
): Promise<readonly Diagnostic[]> {
  try {
    await promisify(execFile)(
      'ssh',
      ['-G', ...(file === undefined ? [] : ['-F', file]), '--', 'localhost'],
      { env },
    )
    return []
  } catch (error) {
    // Without ssh, the connection to the host reports that.
    return configFaults(undefined, (error as { stderr?: string }).stderr ?? '')
  }
}
