import { settings, variableOf } from '../../config/settings.ts'
import { columns } from '../../report/text-table.ts'
import { configOf } from '../../wiring/configured.ts'
import type { Io } from '../../wiring/io.ts'
import { settle } from '../../wiring/throw-on-errors.ts'

/** `trueup config`: each setting with its value and where it comes from. */
export function configCommand(io: Io, flags: { readonly json?: boolean }): number {
  const config = configOf(io)
  settle(io, config.diagnostics)
  const rows = settings.map((setting) => {
    const found = config.values.get(setting.name)
    return {
      setting: setting.name,
      variable: variableOf(setting),
      value: found?.value ?? null,
      origin: found?.origin ?? 'default',
      otherwise: setting.otherwise,
    }
  })
  if (flags.json) {
    io.stdout.write(`${JSON.stringify({ files: config.files, settings: rows }, null, 2)}\n`)
    return 0
  }
  const files = config.files.length > 0 ? config.files.join(', ') : 'none'
  const lines = rows.map(({ setting, value, origin, otherwise }) => [
    setting,
    value === null ? otherwise : valueText(value),
    origin,
  ])
  io.stdout.write(
    `configuration files: ${files}\n\n${columns(['setting', 'value', 'from'], lines)}`,
  )
  return 0
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value)
}
