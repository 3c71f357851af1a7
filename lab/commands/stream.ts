import { toErrors } from '../node/session-files.ts'
import { bytesAt } from './file-commands.ts'
import { fail, forEach, ok, type Call, type LabCommand, type Output, parse } from './command.ts'

async function head(call: Call): Promise<Output> {
  const options = parse(
    call.args.map((arg) => arg.replace(/^-(\d+)$/, '-n$1')),
    'c= bytes= n= lines= q quiet silent v verbose z',
  )
  if (options.wrong)
    return fail(1, `head: ${options.wrong}\nTry 'head --help' for more information.\n`)
  const bytes = options.value('c', 'bytes')
  // Exactly so many bytes, so that the rest of the session's input stays for the next reader.
  if (bytes !== undefined && !/^\d+$/.test(bytes)) return call.original()
  if (bytes !== undefined && options.operands.length === 0)
    return ok(await call.take(Number(bytes)))
  const lines = options.value('n', 'lines') ?? '10'
  const cut = (data: Uint8Array): Uint8Array =>
    bytes === undefined ? firstLines(data, Number(lines)) : data.subarray(0, Number(bytes))
  if (options.operands.length === 0) return ok(cut(await call.stdin()))
  const titled = options.operands.length > 1 && !options.has('q', 'quiet', 'silent')
  return forEach(
    'head',
    options.operands,
    (operand) => {
      const data = Buffer.from(cut(bytesAt(call, operand)))
      return titled
        ? Buffer.concat([
            Buffer.from(`${operand === options.operands[0] ? '' : '\n'}==> ${operand} <==\n`),
            data,
          ])
        : data
    },
    (operand, text) =>
      text === 'Is a directory'
        ? `error reading '${operand}': ${text}`
        : `cannot open '${operand}' for reading: ${text}`,
  )
}

function firstLines(data: Uint8Array, count: number): Uint8Array {
  if (count < 0)
    return Buffer.from(
      Buffer.from(data)
        .toString('latin1')
        .split('\n')
        .slice(0, count - 1)
        .join('\n') + '\n',
      'latin1',
    )
  let at = 0
  for (let line = 0; line < count && at < data.length; line++) {
    const end = data.indexOf(10, at)
    at = end < 0 ? data.length : end + 1
  }
  return data.subarray(0, at)
}

/** As much of dd as scripts use: blocks from input to output, files by `if=` and `of=`. */
async function dd(call: Call): Promise<Output> {
  // Without operands it hands on what it gets, and the session sees it now: the shell alone would keep it to the end.
  if (call.args.length === 0 || call.args[0] === toErrors) {
    call.print(await call.stdin(), call.args.length === 0 ? 1 : 2)
    return ok()
  }
  const given = new Map(
    call.args.map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]),
  )
  const unknown = call.args.find(
    (arg) => !/^(?:if|of|bs|ibs|obs|count|skip|seek|iflag|oflag|conv|status)=/.test(arg),
  )
  if (unknown !== undefined)
    return fail(1, `dd: unrecognized operand '${unknown}'\nTry 'dd --help' for more information.\n`)
  const block = sizeOf(given.get('bs') ?? given.get('ibs') ?? '512')
  const count = given.has('count') ? sizeOf(given.get('count')!) : null
  let data: Buffer
  if (given.has('if')) {
    const skip = sizeOf(given.get('skip') ?? '0') * block
    const source = given.get('if')!
    const whole =
      source === '/dev/zero'
        ? Buffer.alloc((count ?? 0) * block)
        : Buffer.from(call.files.read(call.path(source)))
    data = whole.subarray(skip, count === null ? undefined : skip + count * block)
  } else data = count === null ? await call.stdin() : await call.take(count * block)
  const report =
    given.get('status') === 'none'
      ? ''
      : `${Math.floor(data.length / block)}+${data.length % block === 0 ? 0 : 1} records in\n${Math.floor(data.length / block)}+${data.length % block === 0 ? 0 : 1} records out\n${data.length} bytes copied, 0.0001 s, 1.0 MB/s\n`
  if (!given.has('of')) return ok(data, report)
  const target = call.path(given.get('of')!)
  call.files.write(target, data)
  return ok('', report)
}

function sizeOf(text: string): number {
  const match = /^(\d+)([kKMGcb]?)B?$/.exec(text)
  const unit: Readonly<Record<string, number>> = {
    '': 1,
    c: 1,
    b: 512,
    k: 1024,
    K: 1024,
    M: 2 ** 20,
    G: 2 ** 30,
  }
  return match ? Number(match[1]) * unit[match[2]!]! : 0
}

/** Commands that pass bytes on. */
export const streamCommands: readonly LabCommand[] = [
  { names: ['head'], run: head },
  { names: ['dd'], run: dd },
]
