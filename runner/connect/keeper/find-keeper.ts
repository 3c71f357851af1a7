import { spawn } from 'node:child_process'
import { folderFault, readCard } from './keeper-card.ts'
import { greetKeeper, type Keeper, type KeeperClientOptions } from './keeper-client.ts'

/** Where a keeper is found, and how one is started. */
export interface KeeperPlace {
  readonly folder: string
  /** The program and the first arguments of what becomes a keeper; the folder follows. */
  readonly program: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** How long a new keeper may take to listen, in milliseconds. */
const patience = 5000

/** The keeper of this user; it is started where it is missing. Null where it cannot be had: `why` hears the reason. */
export async function findKeeper(
  place: KeeperPlace,
  options: KeeperClientOptions,
  why: (reason: string) => void = () => undefined,
): Promise<Keeper | null> {
  const fault = folderFault(place.folder)
  if (fault !== null) return (why(fault), null)
  const found = await greetPresent(place.folder, options)
  if (found) return found
  if (!(await startKeeper(place))) return (why('no keeper of connections could be started'), null)
  return greetPresent(place.folder, options)
}

/** The keeper that is there, or null. */
export async function greetPresent(
  folder: string,
  options: KeeperClientOptions,
): Promise<Keeper | null> {
  const card = readCard(folder)
  return card && greetKeeper(card, options)
}

// Of the run's environment it needs to find its user's files. Everything about a host comes over the socket, and no secret stands here.
const handedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'XDG_RUNTIME_DIR', 'LANG']

/** Starts a keeper; true when it listens. */
function startKeeper({ folder, program, env }: KeeperPlace): Promise<boolean> {
  const [file, ...first] = program
  if (file === undefined) return Promise.resolve(false)
  return new Promise((resolve) => {
    const child = spawn(file, [...first, folder], {
      detached: true,
      env: Object.fromEntries(handedOn.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
      // It says one word on its output when it listens, and closes it.
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const settle = (isThere: boolean): void => {
      clearTimeout(timer)
      child.stdout.destroy()
      child.unref()
      resolve(isThere)
    }
    const timer = setTimeout(() => settle(false), patience)
    child.once('error', () => settle(false))
    child.once('exit', () => settle(false))
    child.stdout.once('data', () => settle(true))
  })
}
