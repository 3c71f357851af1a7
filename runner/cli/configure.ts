import type { Command } from 'commander'
import { settings } from '../config/settings.ts'
import { configOf, configuredOf } from '../wiring/configured.ts'
import type { Io } from '../wiring/io.ts'
import { settle } from '../wiring/throw-on-errors.ts'

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
