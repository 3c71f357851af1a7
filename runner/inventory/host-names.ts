import type { Code } from '../model/codes.ts'
import { parseXname } from '../text/xname.ts'

/** What is wrong with a name, and what to type instead. */
export interface NameFault {
  readonly code: Code
  readonly message: string
  readonly hint: string
}

/** The longest name that DNS knows. */
const longest = 253
/** DNS has no plus sign, but ssh_config may give names with one an address: sites write `gate+node` for a node behind a gate. */
const ordinary = /^[A-Za-z0-9_](?:[A-Za-z0-9_.+-]*[A-Za-z0-9_])?$/
const ipv6 = /^(?=(?:[^:]*:){2})[0-9A-Fa-f:]+(?:\.[0-9.]*)?(?:%[A-Za-z0-9_.-]{1,32})?$/
/** Names that patterns give a meaning of their own. */
export const reservedGroups: ReadonlySet<string> = new Set(['failed', 'changed'])

/** The name as the inventory knows it: an xname is normalized, any other name stays as written. */
export function hostKey(name: string): string {
  if (!/^\s*x[0-9]/i.test(name)) return name
  const parsed = parseXname(name)
  return parsed && isComponent(parsed.xname) ? parsed.xname : name
}

/** `x1` or `p1` may be anybody's host name; what begins like a cabinet of the machine and goes on as an xname is one. */
function isComponent(xname: string): boolean {
  return /^x(?:[0-9]{4}$|[0-9]+[a-z])/.test(xname)
}

/** What is wrong with a name as the name of a machine (not yet: whether it may be a host), or null. */
export function nameFault(name: string): NameFault | null {
  const code = 'inventory/host-name'
  if (name.length > longest)
    return {
      code,
      message: `a host name of ${name.length} characters: the longest name that DNS allows has ${longest}`,
      hint: 'shorten it',
    }
  if (ordinary.test(name) || ipv6.test(name)) return null
  const shown = JSON.stringify(name)
  if (name === '') return { code, message: 'the host name is empty', hint: 'write a name' }
  if (name.startsWith('-'))
    return {
      code,
      message: `${shown} begins with a dash: programs would take it for an option`,
      hint: 'remove the dash',
    }
  if (/\s/.test(name))
    return { code, message: `${shown} has a blank in it`, hint: 'join several names by commas' }
  if (name.includes('@'))
    return {
      code,
      message: `${shown} is not a host name`,
      hint: `write the user apart: ${name.slice(name.indexOf('@') + 1) || 'NAME'}: { user: ${name.slice(0, name.indexOf('@')) || 'root'} }`,
    }
  const port = /^([^:]+):([0-9]+)$/.exec(name)
  if (port)
    return {
      code,
      message: `${shown} is not a host name`,
      hint: `write the port apart: ${port[1]}: { port: ${port[2]} }`,
    }
  if (name.includes('{'))
    return {
      code,
      message: `${shown} is not a host name`,
      hint: 'ranges stand in square brackets: n[1-3]',
    }
  if (/[^\x21-\x7e]/.test(name))
    return {
      code,
      message: `${shown} has characters that host names cannot have`,
      hint: 'write an international name in its ASCII form (xn--…)',
    }
  return {
    code,
    message: `${shown} is not a host name`,
    hint: 'write letters, digits, dots, dashes, plus signs and underscores',
  }
}

/** Why a name cannot be a host of the inventory, though it may name a machine: a controller or a blade is not a node. */
export function hostFault(name: string): NameFault | null {
  const wrong = nameFault(name)
  if (wrong) return wrong
  if (name === 'all')
    return {
      code: 'inventory/host-name',
      message: "'all' means every host and cannot be one",
      hint: 'take another name',
    }
  const parsed = parseXname(name)
  if (
    !parsed ||
    !isComponent(parsed.xname) ||
    parsed.type === 'Node' ||
    parsed.type === 'VirtualNode'
  )
    return null
  const node = nodeNear(parsed.xname, parsed.type)
  const other = `to reach the ${parsed.type} itself, give the host a name of its own and write address: ${parsed.xname}`
  return {
    code: 'inventory/not-a-node',
    message: `${name} is a ${parsed.type}, not a node`,
    hint: node ? `did you mean ${node}? (${other})` : other,
  }
}

function nodeNear(xname: string, type: string): string | null {
  if (type === 'NodeBMC') return `${xname}n0`
  if (type === 'ComputeModule') return `${xname}b0n0`
  const within =
    /^(x[0-9]+c[0-9]+s[0-9]+b[0-9]+n[0-9]+)/.exec(xname) ??
    /^(x[0-9]+c[0-9]+s[0-9]+b[0-9]+)/.exec(xname)
  if (!within) return null
  return /n[0-9]+$/.test(within[1]!) ? within[1]! : `${within[1]}n0`
}

/** What is wrong with a group's name, or null. */
export function groupFault(name: string): NameFault | null {
  const code = 'inventory/group-name'
  if (reservedGroups.has(name))
    return {
      code,
      message: `'@${name}' is reserved for the hosts of the last run`,
      hint: 'take another name',
    }
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) && name.length <= longest) return null
  return {
    code,
    message: `${JSON.stringify(name.slice(0, 80))} is not a group name`,
    hint: 'write letters, digits, dots, dashes and underscores, without @',
  }
}

/** Whether a text is `user@host:port`, user and port being optional. */
export function isHop(text: string): boolean {
  const match =
    /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?:\[([0-9A-Fa-f:.%A-Za-z]+)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/.exec(
      text,
    )
  if (!match) return nameFault(text) === null
  const port = Number(match[3] ?? 22)
  return nameFault(match[1] ?? match[2]!) === null && port >= 1 && port <= 65_535
}
