// The options of the programs of this repository: `npm run campaign -- --count 500`. A wrong one is said in a line, and nothing begins.
import { parseArgs } from 'node:util'

/** Reads arguments: the values, or why they are wrong. An option of the type `number` is a whole number, `least` or more. */
export function optionsOf(argv, options, { positionals = false } = {}) {
  let read
  try {
    read = parseArgs({
      args: argv,
      allowPositionals: positionals,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { type, default: usual }]) => [
          name,
          {
            type: type === 'boolean' ? 'boolean' : 'string',
            ...(usual === undefined ? {} : { default: type === 'number' ? String(usual) : usual }),
          },
        ]),
      ),
    })
  } catch (error) {
    return { wrong: `${error.message.split('. ')[0]}; there are ${namesOf(options)}` }
  }
  const values = { ...read.values }
  for (const [name, { type, least = 0 }] of Object.entries(options)) {
    if (type !== 'number' || values[name] === undefined) continue
    const given = values[name]
    if (!/^\d+$/.test(given) || !Number.isSafeInteger(Number(given)) || Number(given) < least)
      return { wrong: `--${name} wants a whole number, ${least} or more, not '${given}'` }
    values[name] = Number(given)
  }
  return { values, positionals: read.positionals }
}

/** The options that this program was started with. Wrong ones end it with exit 3. */
export function readOptions(program, options, more) {
  const read = optionsOf(process.argv.slice(2), options, more)
  if (read.wrong === undefined) return read
  process.stderr.write(`${program}: ${read.wrong}\n`)
  process.exit(3)
}

function namesOf(options) {
  const names = Object.keys(options).map((name) => `--${name}`)
  return names.length === 0 ? 'none' : names.join(', ')
}
