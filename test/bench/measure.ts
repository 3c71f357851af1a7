import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What one command cost. */
export interface Cost {
  /** Seconds of wall clock, and of CPU of the command and the children that it waited for. */
  readonly wall: number
  readonly cpu: number
  /** The largest resident size of the command itself, in megabytes. */
  readonly rss: number
  /** Seconds until its first output. */
  readonly firstLine: number | null
  readonly exit: number
  readonly output: string
}
/** How a command is run. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** What is kept of the environment of whoever measures: NODE_EXTRA_CA_CERTS alone, where it is set, costs each start of Node more than all of its own work. */
const plainEnvironment = Object.fromEntries(
  ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TMPDIR'].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  ),
)

/** Run a command and measure it. bash's `times` counts whatever it waited for, so that forks are in the figure. */
export async function measure(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<Cost> {
  const marker = '\u0001times '
  const script = `"$@" 2>&1 </dev/null & p=$!; printf '%s\\n' "$p" >&3; wait $p; s=$?; TIMEFORMAT=; times >&3; exit $s`
  const began = performance.now()
  const child = spawn('bash', ['-c', script, marker, ...argv], {
    cwd: options.cwd,
    env: { ...plainEnvironment, ...options.env },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  const output: Buffer[] = []
  let told = ''
  let firstLine: number | null = null
  let rss = 0
  child.stdout!.on('data', (bytes: Buffer) => {
    firstLine ??= (performance.now() - began) / 1000
    output.push(bytes)
  })
  child.stdio[3]!.on('data', (bytes: Buffer) => (told += bytes.toString()))
  const watch = setInterval(
    () => (rss = Math.max(rss, residentOf(told.split('\n', 1)[0] ?? ''))),
    50,
  )
  const exit = await new Promise<number>((resolve) =>
    child.on('close', (code) => resolve(code ?? 255)),
  )
  const wall = (performance.now() - began) / 1000
  clearInterval(watch)
  return {
    wall,
    cpu: childSeconds(told),
    rss,
    firstLine,
    exit,
    output: Buffer.concat(output).toString(),
  }
}

/** The middle of each figure of several runs. */
export type Middle = Cost & {
  readonly all: readonly Pick<Cost, 'wall' | 'cpu' | 'rss' | 'firstLine' | 'exit'>[]
}

/** Run a command several times, and take the middle of each figure. */
export async function median(times: number, once: () => Promise<Cost>): Promise<Middle> {
  return (await inTurns(times, [once]))[0]!
}

/** The same for several commands, which take turns: what else the machine does then disturbs all of them alike. */
export async function inTurns(
  times: number,
  commands: readonly (() => Promise<Cost>)[],
): Promise<readonly Middle[]> {
  const costs: Cost[][] = commands.map(() => [])
  for (let i = 0; i < times; i++)
    for (const [each, once] of commands.entries()) costs[each]!.push(await once())
  return costs.map(middleOf)
}

function middleOf(costs: readonly Cost[]): Middle {
  const middle = (figures: readonly number[]): number =>
    [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)]!
  return {
    wall: middle(costs.map((cost) => cost.wall)),
    cpu: middle(costs.map((cost) => cost.cpu)),
    rss: middle(costs.map((cost) => cost.rss)),
    firstLine: middle(costs.map((cost) => cost.firstLine ?? cost.wall)),
    exit: Math.max(...costs.map((cost) => cost.exit)),
    output: costs.at(-1)!.output,
    all: costs.map(({ output: _, ...figures }) => figures),
  }
}

function residentOf(pid: string): number {
  try {
    return (
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
    )
  } catch {
    return 0
  }
}

/** The second line of `times`: user and system time of children, `0m1.234s 0m0.100s`. */
function childSeconds(text: string): number {
  const line = text.trim().split('\n').at(-1) ?? ''
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  )
}
