import { setMaxListeners } from 'node:events'
import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

/** Seconds of a duration as coreutils read it, or null. */
function seconds(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text)
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }
  return match ? Number(match[1]) * units[match[2]!]! : null
}

async function timeout(call: Call): Promise<Output> {
  const options = parse(
    call.args,
    'k= kill-after= s= signal= foreground preserve-status v verbose',
    true,
  )
  if (options.wrong)
    return fail(125, `timeout: ${options.wrong}\nTry 'timeout --help' for more information.\n`)
  const [limit, ...argv] = options.operands
  if (limit === undefined || argv.length === 0)
    return fail(125, "timeout: missing operand\nTry 'timeout --help' for more information.\n")
  const wait = seconds(limit)
  if (wait === null)
    return fail(
      125,
      `timeout: invalid time interval '${limit}'\nTry 'timeout --help' for more information.\n`,
    )
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  let late = false
  const timer =
    wait === 0
      ? undefined
      : setTimeout(() => {
          late = true
          stop.abort()
        }, wait * 1000)
  try {
    const output = await call.run(argv, { signal: stop.signal })
    return late && !options.has('preserve-status') ? { ...output, exitCode: 124 } : output
  } finally {
    clearTimeout(timer)
  }
}

function passOn(call: Call): Promise<Output> | Output {
  const argv = call.args.filter(
    (arg, i) =>
      !(arg.startsWith('-') && call.args.slice(0, i).every((each) => each.startsWith('-'))),
  )
  const own =
    call.name === 'nice' || call.name === 'ionice'
      ? argv.slice(/^-?\d+$/.test(argv[0] ?? '') ? 1 : 0)
      : argv
  return own.length === 0 ? ok() : call.run(own)
}

function umask(call: Call): Output {
  const text = call.args.find((arg) => !arg.startsWith('-'))
  if (text === undefined) return ok(`${call.files.umask.toString(8).padStart(4, '0')}\n`)
  if (!/^[0-7]{1,4}$/.test(text)) return fail(1, `sh: umask: ${text}: octal number out of range\n`)
  call.setUmask(Number.parseInt(text, 8))
  return ok()
}

/** Commands that run others, or change how they run. */
export const processCommands: readonly LabCommand[] = [
  { names: ['timeout'], run: timeout },
  { names: ['setsid', 'nohup', 'nice', 'ionice', 'stdbuf'], run: passOn },
  { names: ['umask'], run: umask },
]
