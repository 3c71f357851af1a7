import { readConfig, type Config } from '../config/read-config.ts'
import type { Retention } from '../journal/retention.ts'
import { parseDuration } from '../text/duration.ts'
import { parseSize } from '../text/size.ts'
import type { Io } from './io.ts'
import { trustOf } from './trust-of-user.ts'

/** What the configuration says that no option of a command says. */
export interface Configured {
  readonly retention: Retention
  readonly onEnd: OnEnd
}

/** What happens when a run has ended. */
export interface OnEnd {
  readonly command?: readonly string[]
  readonly webhook?: string
}

/** The configuration of this user in this folder. */
export function configOf(io: Io): Config {
  return readConfig({
    env: io.env,
    cwd: io.cwd,
    trust: trustOf(io),
    ...(io.systemConfig === undefined ? {} : { systemFile: io.systemConfig }),
  })
}

/** What the configuration says beside the options of commands. */
export function configuredOf({ values }: Config): Configured {
  const text = (name: string): string | undefined => values.get(name)?.value as string | undefined
  const count = values.get('keep_runs.count')?.value as number | undefined
  const size = text('keep_runs.size')
  const age = text('keep_runs.age')
  const command = values.get('on_end.command')?.value as readonly string[] | undefined
  const webhook = text('on_end.webhook')
  return {
    retention: {
      ...(count === undefined ? {} : { count }),
      ...(size === undefined ? {} : { bytes: Number(parseSize(size)) }),
      ...(age === undefined ? {} : { seconds: parseDuration(age)! }),
    },
    onEnd: {
      ...(command === undefined ? {} : { command }),
      ...(webhook === undefined ? {} : { webhook }),
    },
  }
}
