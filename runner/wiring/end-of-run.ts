import { spawn, type ChildProcess } from 'node:child_process'
import type { Fold } from '../journal/outcome-of-log.ts'
import type { OnEnd } from './configured.ts'

/** How long the command or the webhook of an ended run may take, in milliseconds. */
const limit = 30_000

/** What is said of a run that has ended: names and counts, no output of a host. */
export interface RunSummary {
  readonly run: string
  readonly playbook: string
  readonly title: string
  readonly mode: 'run' | 'plan'
  readonly exit: number
  readonly failed: readonly string[]
  readonly unreachable: readonly string[]
  readonly changed: readonly string[]
}

/** The summary of a run from what its events said. */
export function summaryOf(
  fold: Fold,
  run: Pick<RunSummary, 'run' | 'playbook' | 'title' | 'mode' | 'exit'>,
): RunSummary {
  const { failed, unreachable, changed } = fold.end()
  return {
    ...run,
    failed: [...failed].sort(),
    unreachable: [...unreachable].sort(),
    changed: [...changed].sort(),
  }
}

/** Starts the command and calls the webhook of an ended run; gives what went wrong, which never changes how the run ended. */
export async function afterRun(onEnd: OnEnd, summary: RunSummary): Promise<readonly string[]> {
  const text = `${JSON.stringify(summary)}\n`
  const faults = await Promise.all([
    onEnd.command ? runCommand(onEnd.command, text) : null,
    onEnd.webhook ? post(onEnd.webhook, text) : null,
  ])
  return faults.filter((fault) => fault !== null)
}

function runCommand(
  [program = '', ...args]: readonly string[],
  text: string,
): Promise<string | null> {
  return new Promise((resolve) => {
    const fail = (error: unknown): void =>
      resolve(`on_end.command cannot be started: ${(error as Error).message}`)
    let child: ChildProcess
    try {
      child = spawn(program, args, { stdio: ['pipe', 2, 2], timeout: limit })
    } catch (error) {
      // Node throws some of the reasons, and tells others by an event.
      return fail(error)
    }
    child.once('error', fail)
    child.once('exit', (code, signal) =>
      resolve(code === 0 ? null : `on_end.command ended with ${signal ?? `exit ${code}`}`),
    )
    // A program that reads nothing closes its input.
    child.stdin?.once('error', () => undefined)
    child.stdin?.end(text)
  })
}

async function post(url: string, body: string): Promise<string | null> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      // An address that leads elsewhere was not configured.
      redirect: 'manual',
      signal: AbortSignal.timeout(limit),
    })
    return answer.ok ? null : `on_end.webhook answered ${answer.status}`
  } catch (error) {
    const { message, cause } = error as Error
    return `on_end.webhook was not reached: ${cause instanceof Error ? cause.message : message}`
  }
}
