import { readConfig, type Config } from '../config/read-config.ts'
import type { Retention } from '../journal/retention.ts'
import type { Io } from './io.ts'
import { trustOf } from './trust-of-user.ts'

/** What the configuration says that no option of a command says. */
export interface Configured {
  readonly retention: Retention
  readonly onEnd: OnEnd
  /** A file with the sudo password. */
  readonly becomePasswordFile?: string
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
  const number = (name: string): number | undefined => values.get(name)?.read as number | undefined
  const count = number('keep_runs.count')
  const bytes = number('keep_runs.size')
  const seconds = number('keep_runs.age')
  const command = values.get('on_end.command')?.read as readonly string[] | undefined
  const webhook = values.get('on_end.webhook')?.read as string | undefined
  const becomePasswordFile = values.get('become_password_file')?.read as string | undefined
  return {
    ...(becomePasswordFile === undefined ? {} : { becomePasswordFile }),
    retention: {
      ...(count === undefined ? {} : { count }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(seconds === undefined ? {} : { seconds }),
    },
    onEnd: {
      ...(command === undefined ? {} : { command }),
      ...(webhook === undefined ? {} : { webhook }),
    },
  }
}
