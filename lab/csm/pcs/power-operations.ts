/** What PCS can be asked to do, and how it writes that. */
export const operations = {
  on: 'On',
  off: 'Off',
  'soft-off': 'Soft-Off',
  'soft-restart': 'Soft-Restart',
  'hard-restart': 'Hard-Restart',
  init: 'Init',
  'force-off': 'Force-Off',
} as const
/** One of them. */
export type Operation = keyof typeof operations

/** Whether a text, in lower case, is one of them. */
export function isOperation(text: string): text is Operation {
  return Object.hasOwn(operations, text)
}

/** The kinds of components whose power PCS controls. */
export const powered: ReadonlySet<string> = new Set([
  'Chassis',
  'ChassisBMC',
  'NodeBMC',
  'RouterBMC',
  'Node',
  'ComputeModule',
  'RouterModule',
  'MgmtSwitch',
  'MgmtHLSwitch',
  'CDUMgmtSwitch',
  'CabinetPDUPowerConnector',
])

/** What PCS can do to a component of this kind, in its own spelling. */
export function supportedBy(type: string): readonly string[] {
  if (type.endsWith('BMC')) return ['Soft-Restart']
  return type === 'Node'
    ? Object.values(operations)
    : ['Force-Off', 'Soft-Off', 'Off', 'On', 'Init', 'Hard-Restart', 'Soft-Restart']
}

/** The place of a command in the order that PCS keeps: what is fed goes down before its feeder, and comes up after it. */
export function placeOf(type: string, power: Action['power']): number {
  const level = type === 'Chassis' ? 0 : slots.has(type) ? 1 : 2
  return { off: 2 - level, 'off and on': 3, on: 4 + level }[power]
}

const slots: ReadonlySet<string> = new Set(['ComputeModule', 'RouterModule'])

/** One command to a controller, as the description of a task names it, and the power after it. */
export interface Action {
  readonly name: 'on' | 'gracefulshutdown' | 'forceoff' | 'gracefulrestart'
  readonly power: 'off' | 'on' | 'off and on'
}

/** What PCS finds before it does anything: it is done, it cannot be, or these are the commands. */
export type Course =
  | { readonly kind: 'done' }
  | { readonly kind: 'wrong power' }
  | { readonly kind: 'actions'; readonly actions: readonly Action[] }

const on: Action = { name: 'on', power: 'on' }
const off: Action = { name: 'gracefulshutdown', power: 'off' }

/** The course of an operation on a node with this power; null: its controller does not tell. */
export function courseOf(operation: Operation, power: 'on' | 'off' | null): Course {
  const act = (...actions: Action[]): Course => ({ kind: 'actions', actions })
  if (operation === 'on') return power === 'on' ? { kind: 'done' } : act(on)
  if (operation === 'off' || operation === 'soft-off')
    return power === 'off' ? { kind: 'done' } : act(off)
  if (operation === 'force-off')
    return power === 'off' ? { kind: 'done' } : act({ name: 'forceoff', power: 'off' })
  if (operation === 'init') return power === 'on' ? act(off, on) : act(on)
  if (power !== 'on') return { kind: 'wrong power' }
  return operation === 'soft-restart'
    ? act({ name: 'gracefulrestart', power: 'off and on' })
    : act(off, on)
}
