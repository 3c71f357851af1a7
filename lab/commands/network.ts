import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

function host(call: Call): Output {
  const options = parse(call.args, 't= W= v 4 6 a')
  const [name, server] = options.operands
  if (options.wrong || name === undefined)
    return fail(1, 'Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n')
  const type = (options.value('t') ?? 'A').toUpperCase()
  if (type !== 'A' && type !== 'ANY')
    return fail(70, `host: the rehearsal lab does not simulate records of type ${type}\n`)
  const head =
    server === undefined
      ? ''
      : `Using domain server:\nName: ${server}\nAddress: ${server}#53\nAliases: \n\n`
  const address = call.machine.world.resolve?.(name) ?? null
  return address === null
    ? fail(1, '', `${head}Host ${name} not found: 3(NXDOMAIN)\n`)
    : ok(`${head}${name} has address ${address}\n`)
}

/** Questions to the name service. */
export const networkCommands: readonly LabCommand[] = [
  { names: ['host'], package: 'bind-utils', run: host },
]
