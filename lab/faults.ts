import { parseDuration } from '../runner/text/duration.ts'
import { DiagnosticError } from '../runner/model/diagnostic.ts'
import type { GatewayFault } from './csm/gateway.ts'
import type { ServiceFault } from './csm/service-fault-kinds.ts'
import type { CatalogFault } from './kubernetes/product-catalog.ts'
import type { NodeFault } from './node/node-model.ts'

/** Something that a lab does wrong on purpose. */
export type LabFault =
  | { readonly on: 'gateway'; readonly fault: GatewayFault }
  | { readonly on: 'node'; readonly node: string; readonly fault: NodeFault }
  | { readonly on: 'power'; readonly node: string; readonly power: 'on' | 'off' }
  | { readonly on: 'service'; readonly fault: ServiceFault }
  /** What the product catalog says. */
  | { readonly on: 'catalog'; readonly fault: CatalogFault }
  /** IMS gets a second, older image of each name. */
  | { readonly on: 'duplicate-images' }
  /** An ended job has left its folder and its container on a node. */
  | { readonly on: 'orphan'; readonly node: string }
  /** IMS's key is rotated: nodes that hold the old one refuse it. */
  | { readonly on: 'ims-keys' }
  /** Everything that was broken works again (power stays as it is). */
  | { readonly on: 'nothing' }

/** How faults are written on the command line, for its help and its errors. */
const faultUsage: readonly (readonly [string, string])[] = [
  ['clear', 'everything that was broken works again'],
  [
    'expire-tokens [AFTER]',
    'every token given out so far has expired, or will after so many requests',
  ],
  ['rotate-ims-keys', 'IMS has a new key: nodes that hold the old one refuse it'],
  ['unavailable PATH [TIMES]', 'the gateway answers 503 to paths that begin so'],
  ['slow PATH DURATION [TIMES]', 'the gateway waits before it answers paths that begin so'],
  ['cfs-session false | unknown | never [TIMES]', 'sessions of CFS fail, get lost, or never end'],
  ['cfs-no-artifacts [TIMES]', 'sessions of CFS succeed and list no image'],
  ['cfs-component [TIMES]', 'CFS fails to configure live nodes'],
  ['ims-job [TIMES]', 'jobs of IMS end in an error'],
  ['bos-no-nodes [TIMES]', 'sessions of BOS find no node to act on'],
  ['fas-operation [TIMES]', 'devices come up with their old firmware after an update'],
  ['lock-race [TIMES]', 'another client locks or unlocks a node just before the one that does'],
  [
    'catalog no-csm | many-versions | dead-images',
    'the product catalog lacks csm; has 1.9.9 after 1.10.0; names images that IMS does not have',
  ],
  ['duplicate-images', 'IMS gets a second, older image of each name; stays'],
  ['NODE orphan', 'an ended job of IMS has left its folder and its container; stays'],
  ['NODE no-boot | wrong-image', 'its next boots fail; it boots what it came up from at first'],
  ['NODE no-bmc', 'PCS cannot tell whether it has power'],
  ['NODE off | on', 'the power of a node'],
  ['NODE slow DURATION', 'every command of the node begins later'],
  ['NODE hang', 'commands are taken and never answered'],
  ['NODE drop-before-banner [TIMES]', 'the next connections end before the server says who it is'],
  ['NODE drop-in-command [TIMES]', 'connections are cut in the middle of the next commands'],
  [
    'NODE full-disk | read-only | zypper-lock | host-key',
    'no space left; nothing can be written; zypper is locked; another host key',
  ],
  ['NODE repository-dead [TEXT]', 'repositories whose URL has the text do not answer this node'],
  ['NODE sudo password | no-terminal | user', 'why sudo refuses'],
  ['NODE noisy-login TEXT', 'the login shell prints this before each command'],
]

/** Reads a fault as it was typed. Throws DiagnosticError with the ways to write one. */
export function parseFault(words: readonly string[], nodes: readonly string[]): LabFault {
  const [first = '', second, third, fourth] = words
  if (first === 'clear') return { on: 'nothing' }
  if (first === 'expire-tokens' && second !== undefined)
    return {
      on: 'service',
      fault: { kind: 'expire-tokens-after', times: timesOf(second).times! + 1 },
    }
  const service = serviceFault(first, second, third)
  if (service) return { on: 'service', fault: service }
  if (
    first === 'catalog' &&
    (second === 'no-csm' || second === 'many-versions' || second === 'dead-images')
  )
    return { on: 'catalog', fault: second }
  if (first === 'duplicate-images') return { on: 'duplicate-images' }
  if (first === 'expire-tokens') return { on: 'gateway', fault: { kind: 'expire-tokens' } }
  if (first === 'rotate-ims-keys') return { on: 'ims-keys' }
  if (first === 'unavailable' && second?.startsWith('/'))
    return { on: 'gateway', fault: { kind: 'unavailable', path: second, ...timesOf(third) } }
  if (first === 'slow' && second?.startsWith('/') && third !== undefined) {
    return {
      on: 'gateway',
      fault: { kind: 'slow', path: second, seconds: secondsOf(third), ...timesOf(fourth) },
    }
  }
  if (!nodes.includes(first))
    throw wrong(`${JSON.stringify(first)} is neither a fault nor a node of this lab`)
  if (second === 'on' || second === 'off') return { on: 'power', node: first, power: second }
  if (second === 'orphan') return { on: 'orphan', node: first }
  return { on: 'node', node: first, fault: nodeFault(second ?? '', words.slice(2)) }
}

function serviceFault(
  kind: string,
  second: string | undefined,
  third: string | undefined,
): ServiceFault | null {
  if (kind === 'cfs-session' && (second === 'false' || second === 'unknown' || second === 'never'))
    return { kind, ends: second, ...timesOf(third) }
  if (
    kind === 'cfs-no-artifacts' ||
    kind === 'cfs-component' ||
    kind === 'ims-job' ||
    kind === 'bos-no-nodes' ||
    kind === 'lock-race' ||
    kind === 'fas-operation'
  )
    return { kind, ...timesOf(second) }
  return null
}

function nodeFault(kind: string, rest: readonly string[]): NodeFault {
  const [first] = rest
  switch (kind) {
    case 'hang':
    case 'full-disk':
    case 'read-only':
    case 'zypper-lock':
    case 'host-key':
    case 'no-boot':
    case 'wrong-image':
    case 'no-bmc':
      return { kind }
    case 'slow':
      return { kind, milliseconds: secondsOf(first ?? '') * 1000 }
    case 'drop-before-banner':
    case 'drop-in-command':
      return { kind, times: timesOf(first).times ?? 1 }
    case 'repository-dead':
      return first === undefined ? { kind } : { kind, url: first }
    case 'sudo':
      if (first === 'password' || first === 'no-terminal' || first === 'user')
        return { kind, refuses: first }
      throw wrong('sudo refuses because of one of: password, no-terminal, user')
    case 'noisy-login':
      return { kind, text: rest.join(' ') }
    default:
      throw wrong(`${JSON.stringify(kind)} is not a fault of a node`)
  }
}

function secondsOf(text: string): number {
  const seconds = parseDuration(text)
  if (seconds === null)
    throw wrong(`${JSON.stringify(text)} is not a duration: write 500ms, 30s or 2m`)
  return seconds
}

function timesOf(text: string | undefined): { times?: number } {
  if (text === undefined) return {}
  if (!/^[1-9]\d*$/.test(text)) throw wrong(`${JSON.stringify(text)} is not a number of times`)
  return { times: Number(text) }
}

function wrong(message: string): DiagnosticError {
  const hint = `faults are written so:\n${faultUsage.map(([form, meaning]) => `  ${form.padEnd(52)} ${meaning}`).join('\n')}`
  return new DiagnosticError({ code: 'lab/fault', message, hint })
}

/** What can be broken, a command line each. */
export function faultUsageText(): string {
  const longest = Math.max(...faultUsage.map(([usage]) => usage.length))
  return faultUsage
    .map(([usage, what]) => `trueup lab fault ${usage.padEnd(longest + 2)}${what}`)
    .join('\n')
}
