import { parentOf } from '../../../runner/text/xname.ts'
import type { Power, Component } from '../system-model.ts'
import type { System } from '../system.ts'
import type { Part } from './hsm-records.ts'

/** A component as HSM's table has it, whether it is a node or not; empty texts where HSM has none. */
export interface Listed {
  readonly xname: string
  readonly type: string
  readonly state: string
  readonly role: string
  readonly subRole: string
  /** -1 where it has none. */
  readonly nid: number
  readonly netType: string
  readonly arch: string
  readonly class: string
}

/** All components in the order of HSM's table. */
export function inOrder(system: System): readonly Listed[] {
  return system.order.flatMap((xname) => listedAt(system, xname) ?? [])
}

/** The component of this name; null where HSM has none. */
export function listedAt(system: System, xname: string): Listed | null {
  const node = system.components.get(xname)
  if (node) return listedNode(node, system)
  const part = system.parts.get(xname)
  return part ? listedPart(part, system) : null
}

/** Whether HSM has a component of this name. */
export function isListed(system: System, xname: string): boolean {
  return system.components.has(xname) || system.parts.has(xname)
}

/** A row that is written goes to the end of the table. */
export function written(system: System, xnames: readonly string[]): void {
  const kept = system.order.filter((xname) => !xnames.includes(xname))
  system.order.splice(0, system.order.length, ...kept, ...xnames)
}

/** What PCS switches under this name: a node's machine, or a slot, a chassis or a controller; null where it knows none. */
export function powerOf(system: System, xname: string): Power | null {
  const machine = system.components.get(xname)?.machine
  if (!machine) return system.parts.get(xname)?.power ?? null
  const controller = system.parts.get(parentOf(xname) ?? '')?.power
  return {
    powered: () => machine.powered(),
    powerOn: (order) => machine.powerOn(order),
    powerOff: () => machine.powerOff(),
    // A controller without power answers nothing.
    unreachable: () => machine.unreachable() || controller?.powered() === false,
  }
}

function listedNode(component: Component, system: System): Listed {
  const { xname, nid, netType = '', arch } = component
  const { role, subRole = '' } = system.roles.get(xname) ?? component
  return {
    xname,
    type: 'Node',
    state: system.emptied.has(xname) ? 'Empty' : stateOf(component),
    role,
    subRole,
    nid,
    netType,
    arch,
    class: component.class,
  }
}

function stateOf({ machine }: Component): 'Off' | 'On' | 'Ready' {
  if (!machine.powered()) return 'Off'
  return machine.ready() ? 'Ready' : 'On'
}

// A controller that has power is Ready; what only carries power is On.
function listedPart({ xname, type, class: kind, power }: Part, system: System): Listed {
  const on = type.endsWith('BMC') ? 'Ready' : 'On'
  const { role, subRole = '' } = system.roles.get(xname) ?? { role: '' }
  return {
    xname,
    type,
    state: system.emptied.has(xname) ? 'Empty' : power.powered() ? on : 'Off',
    role,
    subRole,
    nid: -1,
    netType: 'Sling',
    arch: 'X86',
    class: kind,
  }
}
