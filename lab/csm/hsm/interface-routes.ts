import { parseXname } from '../../../runner/text/xname.ts'
import { goString, goStruct, type GoType } from '../go/go-json.ts'
import { normalized } from '../go/normalized-xname.ts'
import { json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { microseconds } from './discovery.ts'
import { wantedIn, type Wanted } from './filter.ts'
import { bodyOf, done, hsmProblem } from './hsm-replies.ts'
import type { EthernetInterface, InterfaceAddress } from './inventory-records.ts'
import { vocabulary } from './vocabulary.ts'

const source = 'hms-smd:cmd/smd/smd-api.go'
const base = '/Inventory/EthernetInterfaces'
const one = `${base}/:id`

/** HSM's routes for the network cards of components. */
export const interfaceRoutes: readonly Route[] = [
  { method: 'GET', path: base, source, answer: listed },
  { method: 'POST', path: base, source, answer: create },
  { method: 'DELETE', path: base, source, answer: removeAll },
  { method: 'GET', path: one, source, answer: describe },
  { method: 'PATCH', path: one, source, answer: patch },
  { method: 'DELETE', path: one, source, answer: remove },
  { method: 'GET', path: `${one}/IPAddresses`, source, answer: addresses },
  { method: 'POST', path: `${one}/IPAddresses`, source, answer: addAddress },
  { method: 'PATCH', path: `${one}/IPAddresses/:ipaddr`, source, answer: patchAddress },
  { method: 'DELETE', path: `${one}/IPAddresses/:ipaddr`, source, answer: removeAddress },
]

const address = goStruct('sm.IPAddressMapping', { IPAddress: goString, Network: goString })
const addressList: GoType = { kind: 'list', of: address }
const posted = goStruct('sm.CompEthInterfaceV2', {
  ...Object.fromEntries(
    'ID Description MACAddress LastUpdate ComponentID Type'
      .split(' ')
      .map((name) => [name, goString]),
  ),
  IPAddresses: addressList,
})
const patched = goStruct('sm.CompEthInterfaceV2Patch', {
  Description: goString,
  ComponentID: goString,
  IPAddresses: addressList,
})
const patchedAddress = goStruct('sm.IPAddressMappingPatch', { Network: goString })

const noCard = 'no such component ethernet interface.'

function shown(card: EthernetInterface): Record<string, unknown> {
  const { at, ComponentID, Type, IPAddresses, ...rest } = card
  return { ...rest, LastUpdate: microseconds(at), ComponentID, Type, IPAddresses }
}

function listed(asked: Asked, system: System): Reply {
  const wanted = wantedIn(asked.query)
  const wrong = wrongFilter(wanted)
  if (wrong !== null) return hsmProblem(400, wrong)
  return json(
    200,
    [...system.inventory.interfaces.values()].filter((card) => passes(card, wanted)).map(shown),
  )
}

function wrongFilter(wanted: Wanted): string | null {
  if (wanted['id']?.includes('')) return 'Invalid component ethernet interface ID.'
  if (wanted['macaddress']?.includes('')) return 'Invalid component ethernet interface MAC address.'
  if (wanted['componentid']?.some((each) => each !== '' && !parseXname(normalized(each))))
    return 'Invalid CompID.'
  if (wanted['type']?.some((each) => typeNamed(each) === null)) return 'Invalid HMS type.'
  const times = [wanted['olderthan']?.[0], wanted['newerthan']?.[0]]
  return times.some((each) => each !== undefined && !isTime(each))
    ? 'bad query param: Argument was not in a valid RFC3339 time format'
    : null
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
}

function typeNamed(text: string): string | null {
  return vocabulary.Type.find((each) => each.toLowerCase() === text.toLowerCase()) ?? null
}

function passes(card: EthernetInterface, wanted: Wanted): boolean {
  const isOne = (name: string, held: string, form = (text: string): string => text): boolean =>
    wanted[name] === undefined || wanted[name].map(form).includes(held)
  const [older, newer] = [wanted['olderthan']?.[0], wanted['newerthan']?.[0]]
  return (
    isOne('id', card.ID, (text) => text.toLowerCase()) &&
    isOne('macaddress', card.MACAddress, (text) => text.toLowerCase()) &&
    isOne('componentid', card.ComponentID, normalized) &&
    isOne('type', card.Type, (text) => typeNamed(text)!) &&
    (wanted['ipaddress'] === undefined ||
      card.IPAddresses.some((each) => wanted['ipaddress']!.includes(each.IPAddress))) &&
    (wanted['network'] === undefined ||
      card.IPAddresses.some((each) => wanted['network']!.includes(each.Network ?? ''))) &&
    (older === undefined || card.at < Date.parse(older)) &&
    (newer === undefined || card.at > Date.parse(newer))
  )
}

function create(asked: Asked, system: System): Reply {
  const body = bodyOf(asked, posted)
  if (body.refused) return body.refused
  const mac = macIn(body.value['MACAddress'] ?? '')
  if ('error' in mac) return hsmProblem(400, mac.error)
  const IPAddresses: readonly InterfaceAddress[] = (body.value['IPAddresses'] ?? []).map(mapping)
  if (IPAddresses.some((each) => each.IPAddress === ''))
    return hsmProblem(400, 'Invalid CompEthInterface IP Address')
  const component = normalized(body.value['ComponentID'] ?? '')
  if (component !== '' && !parseXname(component))
    return hsmProblem(400, 'Invalid CompEthInterface component ID')
  const ID = mac.value.replaceAll(':', '')
  const { interfaces } = system.inventory
  if (interfaces.has(ID))
    return hsmProblem(
      409,
      'operation would conflict with an existing component ethernet interface that has the same MAC address.',
    )
  interfaces.set(ID, {
    ID,
    Description: body.value['Description'] ?? '',
    MACAddress: mac.value,
    at: system.now(),
    ComponentID: component,
    Type: parseXname(component)?.type ?? '',
    IPAddresses,
  })
  return created(`/hsm/v2${base}/${ID}`)
}

function created(uri: string): Reply {
  return { ...json(201, { URI: uri }), headers: { location: uri } }
}

function mapping(given: Readonly<Record<string, string | undefined>>): InterfaceAddress {
  const { IPAddress = '', Network = '' } = given
  return { IPAddress, ...(Network === '' ? {} : { Network }) }
}

// Colons, hyphens and dots between the digits are read alike.
function macIn(text: string): { readonly value: string } | { readonly error: string } {
  const digits = text.toLowerCase().replace(/[-:.]/g, '').trim()
  if (digits.length !== 12) return { error: 'MAC string has invalid length' }
  return /^[0-9a-f]{12}$/.test(digits)
    ? { value: digits.match(/../g)!.join(':') }
    : { error: `strconv.ParseInt: parsing ${JSON.stringify(digits)}: invalid syntax` }
}

function cardIn(asked: Asked, system: System): EthernetInterface | undefined {
  return system.inventory.interfaces.get(asked.params['id']!)
}

function missing(asked: Asked): Reply {
  return hsmProblem(404, `No such component ethernet interface: ${asked.params['id']!}`)
}

function describe(asked: Asked, system: System): Reply {
  const id = asked.params['id']!.toLowerCase()
  const card = system.inventory.interfaces.get(id)
  return card
    ? json(200, shown(card))
    : hsmProblem(404, `No such component ethernet interface: ${id}`)
}

function patch(asked: Asked, system: System): Reply {
  const body = bodyOf(asked, patched)
  if (body.refused) return body.refused
  const { Description, ComponentID, IPAddresses } = body.value
  if ([Description, ComponentID, IPAddresses].every((each) => each === undefined))
    return hsmProblem(400, 'Request must have at least one patch field.')
  const card = cardIn(asked, system)
  if (!card) return hsmProblem(404, noCard)
  const component = ComponentID === undefined ? card.ComponentID : normalized(ComponentID)
  if (ComponentID !== undefined && !parseXname(component))
    return hsmProblem(400, 'bad query param: Argument was not a valid xname ID')
  return json(
    200,
    shown(
      stored(system, card, {
        ...(Description === undefined ? {} : { Description }),
        ...(ComponentID === undefined
          ? {}
          : { ComponentID: component, Type: parseXname(component)!.type }),
        ...(IPAddresses === undefined
          ? {}
          : { IPAddresses: IPAddresses.map(mapping), at: system.now() }),
      }),
    ),
  )
}

function stored(
  system: System,
  card: EthernetInterface,
  to: Partial<EthernetInterface>,
): EthernetInterface {
  const next = { ...card, ...to }
  system.inventory.interfaces.set(card.ID, next)
  return next
}

function remove(asked: Asked, system: System): Reply {
  return system.inventory.interfaces.delete(asked.params['id']!.toLowerCase())
    ? done('deleted 1 entry')
    : hsmProblem(404, noCard)
}

function removeAll(_asked: Asked, system: System): Reply {
  const { interfaces } = system.inventory
  const { size } = interfaces
  if (size === 0) return hsmProblem(404, 'no entries to delete')
  interfaces.clear()
  return done(`deleted ${size} entries`)
}

function addresses(asked: Asked, system: System): Reply {
  const card = cardIn(asked, system)
  return card ? json(200, card.IPAddresses) : missing(asked)
}

function addAddress(asked: Asked, system: System): Reply {
  const body = bodyOf(asked, address)
  if (body.refused) return body.refused
  const given = mapping(body.value)
  if (given.IPAddress === '') return hsmProblem(400, 'Invalid CompEthInterface IP Address')
  const card = cardIn(asked, system)
  if (!card) return missing(asked)
  if (card.IPAddresses.some((each) => each.IPAddress === given.IPAddress))
    return hsmProblem(
      409,
      'operation would conflict with an existing IP Address on the same ethernet interface.',
    )
  stored(system, card, { IPAddresses: [...card.IPAddresses, given], at: system.now() })
  return created(`/hsm/v2${base}/${card.ID}/IPAddresses/${given.IPAddress}`)
}

function patchAddress(asked: Asked, system: System): Reply {
  const body = bodyOf(asked, patchedAddress)
  if (body.refused) return body.refused
  const card = cardIn(asked, system)
  const held = card?.IPAddresses.find((each) => each.IPAddress === asked.params['ipaddr'])
  if (!card || !held) return hsmProblem(404, 'no such IP address in component ethernet interface.')
  const next = mapping({ IPAddress: held.IPAddress, Network: body.value['Network'] })
  stored(system, card, {
    IPAddresses: card.IPAddresses.map((each) => (each === held ? next : each)),
    at: system.now(),
  })
  return json(200, next)
}

function removeAddress(asked: Asked, system: System): Reply {
  const card = cardIn(asked, system)
  if (!card) return missing(asked)
  const kept = card.IPAddresses.filter((each) => each.IPAddress !== asked.params['ipaddr'])
  if (kept.length === card.IPAddresses.length)
    return hsmProblem(404, 'component ethernet interface has no such ip address.')
  stored(system, card, { IPAddresses: kept, at: system.now() })
  return done('deleted 1 entry')
}
