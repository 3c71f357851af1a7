import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { faultsLeft, type Wanted, writePlaybook } from './real-playbook.ts'
import { warm, type Next, type Report } from './schedule.ts'

/** How a real run is disturbed. */
const signals = [
  'SIGKILL',
  'SIGKILL',
  'SIGINT',
  'SIGINT twice',
  'SIGTERM',
  'SIGHUP',
  'shell',
] as const
type Disturbance = (typeof signals)[number]

const main = join(import.meta.dirname, '../../dist/bin/main.cjs')
/** How many commands an operator types before it counts as one that never comes to an end. */
const mostCommands = 14
/** Milliseconds after which a command counts as one that hangs. */
const patience = 300_000

/** A real schedule that goes on. */
interface Scene {
  readonly folder: string
  readonly next: Next
  readonly wanted: Wanted
  readonly story: string[]
  readonly faults: Set<string>
  readonly counts: Record<string, number>
  /** Disturbances that are still to come. */
  left: number
}

interface Ended {
  readonly isRun: boolean
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly said: string
}

/** Plays the schedule of a seed with real processes: the built command on this host, in a folder of its own. */
export async function playRealSchedule(seed: number): Promise<Report> {
  const next = warm(seed)
  const folder = mkdtempSync(join(tmpdir(), 'trueup-campaign-'))
  mkdirSync(join(folder, 'tmp'))
  const scene: Scene = {
    ...{ folder, next, wanted: writePlaybook(folder, next), story: [], counts: {} },
    ...{ faults: new Set<string>(), left: 1 + next(3) },
  }
  try {
    await followHints(scene)
    for (const fault of faultsLeft(folder, scene.wanted)) scene.faults.add(fault)
    await leftBehind(scene)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const { story, counts } = scene
  return { faults: [...scene.faults], story, counts }
}

async function followHints(scene: Scene): Promise<void> {
  const { next, story } = scene
  const byName = next(2) === 0
  story.push(`the operator: ${byName ? 'resume each run' : 'resume last'}`)
  let ended = await play(scene, ['run', 'campaign.yaml'])
  for (let typed = 0; typed < mostCommands; typed++) {
    const order = nextOrder(scene.folder, ended, byName)
    if (order === null) return
    ended = await play(scene, order)
    // There was no log yet.
    if (ended.code === 3) ended = await play(scene, ['run', 'campaign.yaml'])
  }
  scene.faults.add(`${mostCommands} commands did not come to an end: ${ended.said}`)
}

function nextOrder(folder: string, ended: Ended, byName: boolean): readonly string[] | null {
  const run = ['run', 'campaign.yaml']
  if (ended.code === 0) {
    const owing = /pay (?:them|all of them) with `trueup resume (\S+)`/.exec(ended.said)?.[1]
    if (owing !== undefined) return ['resume', owing]
    return ended.isRun && !/changed [1-9]/.test(ended.said) ? null : run
  }
  const [last] = logsIn(folder)
  if (last === undefined) return run
  return ['resume', byName ? last.replace(/\.jsonl$/, '') : 'last']
}

function logsIn(folder: string): readonly string[] {
  const at = join(folder, 'state/runs')
  return existsSync(at) ? readdirSync(at).sort().reverse() : []
}

/** One command; while disturbances are left, one comes at a moment of its life. */
async function play(scene: Scene, argv: readonly string[]): Promise<Ended> {
  const { folder, story, next } = scene
  story.push(argv.join(' '))
  const before = logsIn(folder).length
  const { child, ended } = trueup(folder, argv)
  const over = { yes: false }
  void ended.then(() => (over.yes = true))
  if (scene.left > 0) {
    scene.left--
    const kind = signals[next(signals.length)]!
    // Most come while it works, however long it takes to begin on a loaded machine.
    if (next(6) > 0) while (!over.yes && logsIn(folder).length === before) await sleep(5)
    await sleep(next(900))
    await disturb(scene, kind, child)
  }
  const end = await Promise.race([ended, sleep(patience, null, { ref: false })])
  if (end === null) {
    scene.faults.add(`trueup ${argv.join(' ')} did not end within ${patience / 1000} seconds`)
    child.kill('SIGKILL')
    return ended
  }
  story.push(`  exit ${end.code ?? 'of a signal'}`)
  return end
}

async function disturb(
  { story, counts, next }: Scene,
  kind: Disturbance,
  child: ChildProcess,
): Promise<void> {
  const name = kind === 'shell' ? 'SIGKILL of the shell on the host' : kind
  if (child.exitCode !== null) return
  counts[name] = (counts[name] ?? 0) + 1
  story.push(`  ${name}`)
  if (kind === 'shell') {
    for (const pid of childrenOf(child.pid!)) killIfThere(pid)
    return
  }
  child.kill(kind === 'SIGINT twice' ? 'SIGINT' : kind)
  if (kind !== 'SIGINT twice') return
  await sleep(next(300))
  child.kill('SIGINT')
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number)
  } catch {
    return []
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function trueup(
  folder: string,
  argv: readonly string[],
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const state = join(folder, 'state')
  const options = ['--state-dir', state, '--lock-timeout', '5m', '--output', 'plain']
  const child = spawn(process.execPath, [main, ...argv, ...options], {
    cwd: folder,
    env: { ...process.env, HOME: folder, TMPDIR: join(folder, 'tmp') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const ended = new Promise<Ended>((resolve) =>
    child.on('exit', (code) => resolve({ isRun: argv[0] === 'run', code, said })),
  )
  return { child, ended }
}

/** Seconds within which what a killed run began has ended. */
const rest = 30

/** Processes that work in the folder, files that were to be renamed, and locks. */
async function leftBehind({ folder, faults, wanted }: Scene): Promise<void> {
  let running: readonly string[] = []
  for (const end = Date.now() + rest * 1000; Date.now() < end; await sleep(200))
    if ((running = processesIn(folder)).length === 0) break
  for (const command of running) faults.add(`still running: ${command}`)
  for (const name of readdirSync(join(folder, 'tmp'))) faults.add(`left behind: tmp/${name}`)
  // The cache holds bytecode, which a first run leaves for later ones.
  const known = new Set([...wanted.names, 'campaign.yaml', 'types', 'tmp', 'state', '.cache'])
  for (const name of readdirSync(folder)) if (!known.has(name)) faults.add(`left behind: ${name}`)
  const locks = join(folder, 'state/locks')
  if (existsSync(locks))
    for (const name of readdirSync(locks))
      if (name.endsWith('.lock')) faults.add(`left behind: the lock ${name}`)
}

function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return command.includes(folder) ? [command.slice(0, 200)] : []
      } catch {
        // It has just ended.
        return []
      }
    })
}
