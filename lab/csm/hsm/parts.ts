import { parentOf, parseXname } from '../../../runner/text/xname.ts'
import type { Component, Power } from '../system-model.ts'
import type { Part } from './hsm-records.ts'

/** What HSM finds around these nodes: the controller and enclosure of each, and in a liquid-cooled cabinet its slot and chassis. */
export function partsAround(components: readonly Component[]): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>()
  const above = [...components].flatMap((each) =>
    surrounding(each).map((xname) => ({ xname, kind: each.class })),
  )
  for (const { xname, kind } of above.toSorted((a, b) => a.xname.length - b.xname.length)) {
    if (parts.has(xname)) continue
    const part = { xname, type: parseXname(xname)!.type, class: kind }
    const below = components.filter((each) => holds(xname, each.xname))
    parts.set(xname, { ...part, power: powerOfPart(part, parts, below) })
  }
  return parts
}

/** Whether a name stands for something that the other is a part of. */
export function holds(xname: string, inner: string): boolean {
  return inner.startsWith(xname) && /^[a-z]/.test(inner.slice(xname.length))
}

/** The enclosure of a node's controller. */
export function enclosureOf(controller: string): string {
  return controller.replace(/b(\d+)$/, 'e$1')
}

function surrounding({ xname, class: kind }: Component): readonly string[] {
  const controller = parentOf(xname)
  const slot = controller === null ? null : parentOf(controller)
  const chassis = slot === null ? null : parentOf(slot)
  if (controller === null || slot === null || chassis === null) return []
  const enclosure = enclosureOf(controller)
  return kind === 'River'
    ? [controller, enclosure]
    : [chassis, `${chassis}b0`, slot, controller, enclosure]
}

// A slot feeds what is in it, and a chassis its slots: what is fed has no power while its feeder has none.
function powerOfPart(
  { xname, type }: Pick<Part, 'xname' | 'type'>,
  parts: ReadonlyMap<string, Part>,
  nodes: readonly Component[],
): Power {
  let isOn = true
  // The controller of a chassis has power of its own.
  const feeder = type === 'ChassisBMC' ? undefined : parts.get(parentOf(xname) ?? '')?.power
  const isFeeder = type === 'Chassis' || type === 'ComputeModule'
  return {
    powered: () => isOn && feeder?.powered() !== false,
    async powerOn() {
      isOn = true
    },
    async powerOff() {
      isOn = false
      if (isFeeder) await Promise.all(nodes.map(({ machine }) => machine.powerOff()))
    },
    unreachable: () => nodes.some(({ machine }) => machine.unreachable()),
  }
}
