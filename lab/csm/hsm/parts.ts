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
    const below = components.filter((each) => holds(xname, each.xname))
    parts.set(xname, {
      xname,
      type: parseXname(xname)!.type,
      class: kind,
      power: powerOfPart(xname, parts, below),
    })
  }
  return parts
}

/** Whether a name stands for something that the other is a part of. */
export function holds(xname: string, inner: string): boolean {
  return inner.startsWith(xname) && /^[a-z]/.test(inner.slice(xname.length))
}

function surrounding({ xname, class: kind }: Component): readonly string[] {
  const controller = parentOf(xname)
  const slot = controller === null ? null : parentOf(controller)
  const chassis = slot === null ? null : parentOf(slot)
  if (controller === null || slot === null || chassis === null) return []
  const enclosure = `${slot}${controller.slice(slot.length).replace('b', 'e')}`
  return kind === 'River'
    ? [controller, enclosure]
    : [chassis, `${chassis}b0`, slot, controller, enclosure]
}

// A slot feeds its controllers, and a chassis its slots: what is fed has no power while the feeder has none.
function powerOfPart(
  xname: string,
  parts: ReadonlyMap<string, Part>,
  nodes: readonly Component[],
): Power {
  let isOn = true
  const feeders = (): readonly Part[] =>
    [...parts.values()].filter(
      ({ xname: other, type }) =>
        (type === 'Chassis' || type === 'ComputeModule') && holds(other, xname),
    )
  const isController = parseXname(xname)?.type === 'ChassisBMC'
  return {
    powered: () => isOn && (isController || feeders().every(({ power }) => power.powered())),
    async powerOn() {
      isOn = true
    },
    async powerOff() {
      isOn = false
      await Promise.all(nodes.map(({ machine }) => machine.powerOff()))
    },
    unreachable: () => nodes.some(({ machine }) => machine.unreachable()),
  }
}
