import type { Command } from 'commander'
import { readConfig, type Config } from '../config/read-config.ts'
import { settings } from '../config/settings.ts'
import type { Retention } from '../journal/retention.ts'
import { parseDuration } from '../text/duration.ts'
import { parseSize } from '../text/size.ts'
import type { Io } from './io.ts'
import { settle } from './settle.ts'
import { trustOf } from './trust.ts'

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

/** Gives the options of a command that were not typed the values of the configuration. */
export function configure(io: Io, command: Command): void {
  const names = new Set(command.options.map((option) => option.attributeName()))
  const wanted = settings.filter(({ option }) => option !== undefined && names.has(option))
  if (wanted.length === 0) return
  const config = configOf(io)
  settle(io, config.diagnostics)
  for (const { name, option } of wanted) {
    const found = config.values.get(name)
    const source = command.getOptionValueSource(option!)
    if (found && (source === undefined || source === 'default'))
      command.setOptionValueWithSource(option!, found.value, 'config')
  }
  if (names.has('forks')) command.setOptionValue('configured', configuredOf(config))
}

function configuredOf({ values }: Config): Configured {
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
