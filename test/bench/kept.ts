import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { measure, type Cost } from './measure.ts'

const ticksPerSecond = 100

/** CPU seconds that a process has used so far, from /proc. */
function secondsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function keeperPid(runtime: string): number | null {
  try {
    const card = readFileSync(join(runtime, 'trueup-keeper', 'card'), 'utf8')
    return (JSON.parse(card) as { readonly pid: number }).pid
  } catch {
    return null
  }
}

/** Runs a command over kept connections: its CPU is that of the command line and of the keeper together. */
export async function measureKept(argv: readonly string[], runtime: string): Promise<Cost> {
  const pid = keeperPid(runtime)
  const before = pid === null ? 0 : secondsOf(pid)
  const cost = await measure(argv, { env: { XDG_RUNTIME_DIR: runtime } })
  const after = keeperPid(runtime)
  if (after === null) throw new Error(`no keeper in ${runtime}: ${cost.output}`)
  return { ...cost, cpu: cost.cpu + secondsOf(after) - (after === pid ? before : 0) }
}

/** The floor: its own figures of a pass in place of those of its whole process. */
export async function measureFloor(argv: readonly string[]): Promise<Cost> {
  const cost = await measure(argv)
  const [first] = JSON.parse(cost.output.trim().split('\n').at(-1)!) as {
    readonly wall: number
    readonly cpu: number
  }[]
  return { ...cost, ...first! }
}
