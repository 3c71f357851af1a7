import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
}
const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
}

/** The bytes of a set as tr reads it: ranges, classes, escapes (octal ones too). */
function setOf(text: string): number[] {
  const source = Buffer.from(text).toString('latin1')
  const out: number[] = []
  let range = false
  for (let i = 0; i < source.length;) {
    const named = /^\[:([a-z]+):\]/.exec(source.slice(i))
    if (named && classes[named[1]!]) {
      for (let byte = 0; byte < 256; byte++)
        if (classes[named[1]!]!.test(String.fromCharCode(byte))) out.push(byte)
      i += named[0].length
      continue
    }
    if (source[i] === '-' && out.length > 0 && i + 1 < source.length && !range) {
      range = true
      i += 1
      continue
    }
    const octal = /^\\([0-7]{1,3})/.exec(source.slice(i))
    let byte: number
    if (octal) {
      byte = Number.parseInt(octal[1]!, 8) & 255
      i += octal[0].length
    } else if (source[i] === '\\' && i + 1 < source.length) {
      byte = escapes[source[i + 1]!] ?? source.charCodeAt(i + 1)
      i += 2
    } else byte = source.charCodeAt(i++)
    const from = range ? out.pop()! : byte
    for (let each = from; each <= byte; each++) out.push(each)
    range = false
  }
  return out
}

async function tr(call: Call): Promise<Output> {
  const options = parse(
    call.args,
    'c C complement d delete s squeeze-repeats t truncate-set1',
    true,
  )
  if (options.wrong) return fail(1, `tr: ${options.wrong}\nTry 'tr --help' for more information.\n`)
  const [first, second] = options.operands
  const deletes = options.has('d', 'delete')
  const squeezes = options.has('s', 'squeeze-repeats')
  if (first === undefined)
    return fail(1, "tr: missing operand\nTry 'tr --help' for more information.\n")
  if (second === undefined && !deletes && !squeezes)
    return fail(
      1,
      `tr: missing operand after '${first}'\nTwo strings must be given when translating.\nTry 'tr --help' for more information.\n`,
    )
  const named = setOf(first)
  const from = options.has('c', 'C', 'complement')
    ? Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !named.includes(byte))
    : named
  const to = second === undefined ? [] : setOf(second)
  const map = new Map<number, number>()
  if (!deletes)
    from.forEach((byte, i) => to.length > 0 && map.set(byte, to[Math.min(i, to.length - 1)]!))
  const gone = new Set(deletes ? from : [])
  const squeezed = new Set(squeezes ? (second === undefined ? from : to) : [])
  const out: number[] = []
  for (const byte of await call.stdin()) {
    if (gone.has(byte)) continue
    const next = map.get(byte) ?? byte
    if (!(squeezed.has(next) && out.at(-1) === next)) out.push(next)
  }
  return ok(Uint8Array.from(out))
}

async function od(call: Call): Promise<Output> {
  const options = parse(
    call.args,
    'A= address-radix= t= format= v output-duplicates N= read-bytes= j= skip-bytes= c b x w= width=',
  )
  if (options.wrong) return fail(1, `od: ${options.wrong}\nTry 'od --help' for more information.\n`)
  const format =
    options.value('t', 'format') ?? (options.has('c') ? 'c' : options.has('b') ? 'o1' : null)
  if (format === null || !/^(?:[xou]1|c)z?$/.test(format)) return call.original()
  const files = options.operands.map((operand) => call.files.read(call.path(operand)))
  const data = Buffer.concat(files.length > 0 ? files : [await call.stdin()])
    .subarray(Number(options.value('j', 'skip-bytes') ?? 0))
    .subarray(0, Number(options.value('N', 'read-bytes') ?? Infinity))
  const radix = options.value('A', 'address-radix') ?? 'o'
  const address = (at: number): string =>
    radix === 'n'
      ? ''
      : radix === 'x'
        ? at.toString(16).padStart(6, '0')
        : radix === 'd'
          ? String(at).padStart(7, '0')
          : at.toString(8).padStart(7, '0')
  const width = Number(options.value('w', 'width') ?? 16)
  const cells: Readonly<Record<string, (byte: number) => string>> = {
    x1: (byte) => ` ${byte.toString(16).padStart(2, '0')}`,
    o1: (byte) => ` ${byte.toString(8).padStart(3, '0')}`,
    u1: (byte) => ` ${String(byte).padStart(3)}`,
    c: (byte) => letter(byte).padStart(4),
  }
  let out = ''
  for (let at = 0; at < data.length; at += width)
    out += `${address(at)}${[...data.subarray(at, at + width)].map(cells[format]!).join('')}\n`
  return ok(`${out}${radix === 'n' ? '' : `${address(data.length)}\n`}`)
}

function letter(byte: number): string {
  const named = Object.entries({ ...escapes, 0: 0 }).find(
    ([name, value]) => value === byte && name !== '\\',
  )
  if (named) return `\\${named[0]}`
  return byte < 32 || byte > 126 ? byte.toString(8).padStart(3, '0') : String.fromCharCode(byte)
}

/** Commands that work on bytes. */
export const translateCommands: readonly LabCommand[] = [
  { names: ['tr'], run: tr },
  { names: ['od'], run: od },
]
