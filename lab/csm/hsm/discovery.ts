import { goBool, goStrings, goStruct, unmarshal } from '../go/go-json.ts'
import { normalized } from '../go/normalized-xname.ts'
import { empty, json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { hsmProblem } from './hsm-replies.ts'
import { interfaceOf } from './installed-inventory.ts'
import type { Endpoint } from './inventory-records.ts'
import { written } from './listed.ts'
import { enclosureOf, holds } from './parts.ts'

const source = 'hms-smd:cmd/smd/discover.go'

/** How a request has HSM ask controllers again. */
export const discoveryRoutes: readonly Route[] = [
  { method: 'POST', path: '/Inventory/Discover', source, answer: begin },
  { method: 'GET', path: '/Inventory/DiscoveryStatus', source, answer: listed },
  { method: 'GET', path: '/Inventory/DiscoveryStatus/:id', source, answer: described },
]

const discoverIn = goStruct('sm.DiscoverIn', { xnames: goStrings, force: goBool })

function begin(asked: Asked, system: System): Reply {
  const body = unmarshal(asked.body, discoverIn)
  if (body.error !== null) return hsmProblem(400, 'POST body was not understood')
  const { xnames = [], force = false } = body.value
  const { endpoints } = system.inventory
  const names: readonly string[] = xnames.length > 0 ? xnames : [...endpoints.keys()]
  if (names.length === 0) return hsmProblem(404, 'RedfishEndpoints collection is empty')
  const missing = names.find((each) => !endpoints.has(normalized(each)))
  if (missing !== undefined) return hsmProblem(404, `No such RedfishEndpoint: ${missing}`)
  discover(
    system,
    names.map((each) => endpoints.get(normalized(each))!),
    { force },
  )
  return json(200, [{ URI: '/hsm/v2/Inventory/DiscoveryStatus/0' }])
}

/** Has these controllers asked, as far as they may be: `asUpdate`, those alone that are to be asked after a change. */
export function discover(
  system: System,
  endpoints: readonly Endpoint[],
  { force = false, asUpdate = false }: { readonly force?: boolean; readonly asUpdate?: boolean },
): void {
  const { inventory, agenda, durations } = system
  const chosen = endpoints.filter(
    (each) =>
      each.Enabled &&
      (!asUpdate || each.RediscoverOnUpdate) &&
      (force || each.discovery.status !== 'DiscoveryStarted'),
  )
  if (chosen.length === 0) return
  const at = system.now()
  for (const each of chosen) settle(system, each.ID, 'DiscoveryStarted', at)
  inventory.discovery = { status: 'InProgress', at }
  agenda.at(at + durations.hsmDiscover, (then) => {
    for (const { ID } of chosen) finish(system, ID, then)
    inventory.discovery = { status: 'Complete', at: then }
  })
}

function settle(
  system: System,
  id: string,
  status: Endpoint['discovery']['status'],
  at: number,
): void {
  const { endpoints } = system.inventory
  const endpoint = endpoints.get(id)
  if (endpoint) endpoints.set(id, { ...endpoint, discovery: { at, status } })
}

// A controller that answers names what it holds, and their network cards.
function finish(system: System, id: string, at: number): void {
  const power = system.parts.get(id)?.power
  const answers = power !== undefined && power.powered() && !power.unreachable()
  settle(system, id, answers ? 'DiscoverOK' : 'HTTPsGetFailed', at)
  if (!answers || !system.inventory.endpoints.has(id)) return
  const found = heldBy(system, id)
  for (const xname of found) {
    system.emptied.delete(xname)
    const node = system.components.get(xname)
    if (!node) continue
    const card = interfaceOf(xname, '', at)
    const { interfaces } = system.inventory
    if (!interfaces.has(card.ID)) interfaces.set(card.ID, card)
  }
  written(system, found)
}

/** The components that a controller tells of: itself, and the nodes of its card, or the chassis and its slots. */
export function heldBy(system: System, id: string): readonly string[] {
  const chassis = /^(x\d+c\d+)b0$/.exec(id)?.[1]
  const enclosure = enclosureOf(id)
  return [...system.parts.values(), ...system.components.values()]
    .map((each) => each.xname)
    .filter((xname) =>
      chassis === undefined
        ? xname === id || xname === enclosure || holds(id, xname)
        : xname === id ||
          xname === chassis ||
          (/^x\d+c\d+[sr]\d+$/.test(xname) && holds(chassis, xname)),
    )
}

function record({ inventory }: System): readonly Readonly<Record<string, unknown>>[] {
  const { discovery } = inventory
  return discovery === null
    ? []
    : [
        {
          ID: 0,
          Status: discovery.status,
          LastUpdateTime: microseconds(discovery.at),
        },
      ]
}

function listed(_asked: Asked, system: System): Reply {
  const records = record(system)
  return records.length === 0 ? empty(204, 'application/json') : json(200, records)
}

function described(asked: Asked, system: System): Reply {
  const id = asked.params['id']!
  if (!/^\d+$/.test(id) || Number(id) > 0xffff_ffff)
    return hsmProblem(400, 'DiscoveryStatus ID not an unsigned integer')
  const found = Number(id) === 0 ? record(system)[0] : undefined
  return found ? json(200, found) : hsmProblem(404, 'no such DiscoveryStatus ID.')
}

/** A time as HSM writes it in its inventory. */
export function microseconds(at: number): string {
  return new Date(at).toISOString().replace('Z', '000Z')
}
