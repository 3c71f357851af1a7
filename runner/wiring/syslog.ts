import { spawn } from 'node:child_process'
import type { LogRecord } from '../report/log-records.ts'

/** Severities of syslog, with the facility `user`. */
const priorities = { error: 11, warning: 12, info: 14 } as const satisfies Record<
  LogRecord['severity'],
  number
>

/** How long what is left may take at the end, in milliseconds. */
const patience = 5000

/** Writes records to the system's log by `logger`, which journald and every syslog daemon read. */
export function openSyslog(env: NodeJS.ProcessEnv): {
  take(record: LogRecord): void
  close(): Promise<string | null>
} {
  const child = spawn('logger', ['--tag', 'trueup', '--prio-prefix', '--size', '16KiB'], {
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, 500)))
  // What `logger` no longer reads is lost: its end says why.
  child.stdin.on('error', () => undefined)
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(`logger cannot be started: ${error.message}`))
    child.once('close', (code, signal) =>
      resolve(code === 0 ? null : `logger ended with ${signal ?? `exit ${code}`}: ${said.trim()}`),
    )
  })
  return {
    take: ({ severity, text }) => child.stdin.write(`<${priorities[severity]}>${text}\n`),
    close() {
      child.stdin.end()
      const late = setTimeout(() => child.kill(), patience)
      return ended.finally(() => clearTimeout(late))
    },
  }
}
