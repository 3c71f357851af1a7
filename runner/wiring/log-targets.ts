import { DiagnosticError } from '../model/diagnostic.ts'
import type { LogRecord } from '../report/log-records.ts'
import { openOtlp } from './otlp-log.ts'
import { openSyslog } from './syslog.ts'

/** A log outside of this program that gets the records of a run. */
export interface LogTarget {
  take(record: LogRecord): void
  /** Delivers what is left; gives what went wrong, in words. */
  close(): Promise<string | null>
}

/** Where records can go: checked before the run begins. Throws DiagnosticError. */
export function checkLogTargets(given: readonly string[]): void {
  for (const target of given)
    if (target !== 'syslog' && !isAddress(target))
      throw new DiagnosticError({
        code: 'cli/log-to',
        message: `'${target}' is not a log that the records of a run can go to`,
        hint: 'write syslog, or otlp: and the address of a collector: otlp:http://collector:4318',
      })
}

/** Opens the logs that are named: `syslog`, `otlp:URL`. */
export async function openLogTargets(
  given: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly LogTarget[]> {
  checkLogTargets(given)
  const targets: LogTarget[] = []
  for (const target of given)
    targets.push(
      target === 'syslog' ? openSyslog(env) : await openOtlp(target.slice('otlp:'.length)),
    )
  return targets
}

function isAddress(target: string): boolean {
  return /^otlp:https?:\/\/[^\s/]+/.test(target) && URL.canParse(target.slice('otlp:'.length))
}
