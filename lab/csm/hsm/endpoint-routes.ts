import { parseXname } from '../../../runner/text/xname.ts'
import { goBool, goString, goStruct } from '../go/go-json.ts'
import { normalized } from '../go/normalized-xname.ts'
import { empty, json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { discover, heldBy, microseconds } from './discovery.ts'
import { describedEndpoint, type GivenEndpoint } from './endpoint-description.ts'
import { wantedIn } from './filter.ts'
import { bodyOf, done, hsmProblem, made } from './hsm-replies.ts'
import type { Endpoint } from './inventory-records.ts'
import { written } from './listed.ts'
import { vocabulary } from './vocabulary.ts'

const source = 'hms-smd:cmd/smd/smd-api.go'
const base = '/Inventory/RedfishEndpoints'

/** HSM's routes for the controllers that it asks by Redfish. */
export const endpointRoutes: readonly Route[] = [
  { method: 'GET', path: base, source, answer: listed },
  { method: 'POST', path: base, source, answer: create },
  { method: 'DELETE', path: base, source, answer: removeAll },
  { method: 'GET', path: `${base}/Query/:xname`, source, answer: query },
  { method: 'GET', path: `${base}/:xname`, source, answer: describe },
  { method: 'PUT', path: `${base}/:xname`, source, answer: replace },
  { method: 'PATCH', path: `${base}/:xname`, source, answer: patch },
  { method: 'DELETE', path: `${base}/:xname`, source, answer: remove },
]

const texts = 'ID Type Name Hostname Domain FQDN UUID User Password MACAddr IPAddress TemplateID'
const truths = 'Enabled UseSSDP MACRequired RediscoverOnUpdate'
const fields = {
  ...Object.fromEntries(texts.split(' ').map((name) => [name, goString])),
  ...Object.fromEntries(truths.split(' ').map((name) => [name, goBool])),
}
const rawEndpoint = goStruct('rf.RawRedfishEP', fields)
const posted = goStruct('main.scanableRedfishEndpoint.RawRedfishEP', {
  ...fields,
  RedfishEndpoints: { kind: 'list', of: rawEndpoint },
})
const patched = goStruct('sm.RedfishEndpointPatch', fields)

/** A controller as HSM shows it: its password is in Vault. */
function shown(endpoint: Endpoint): Record<string, unknown> {
  const { ID, Type, Name, Hostname, Domain, FQDN, Enabled, UUID, User, discovery } = endpoint
  const given = (name: string, value: unknown): object => (value ? { [name]: value } : {})
  return {
    ID,
    Type,
    ...given('Name', Name),
    Hostname,
    Domain,
    FQDN,
    Enabled,
    ...given('UUID', UUID),
    User,
    Password: '',
    ...given('UseSSDP', endpoint.UseSSDP),
    ...given('MACRequired', endpoint.MACRequired),
    ...given('MACAddr', endpoint.MACAddr),
    ...given('IPAddress', endpoint.IPAddress),
    RediscoverOnUpdate: endpoint.RediscoverOnUpdate,
    ...given('TemplateID', endpoint.TemplateID),
    DiscoveryInfo: {
      ...(discovery.at === null ? {} : { LastDiscoveryAttempt: microseconds(discovery.at) }),
      LastDiscoveryStatus: discovery.status,
      ...(discovery.status === 'DiscoverOK' ? { RedfishVersion: '1.7.0' } : {}),
    },
  }
}

function all(system: System): readonly Endpoint[] {
  return [...system.inventory.endpoints.values()]
}

function several(endpoints: readonly Endpoint[]): Reply {
  return json(200, { RedfishEndpoints: endpoints.map(shown) })
}

const filters: Readonly<Record<string, (endpoint: Endpoint) => string>> = {
  id: (each) => each.ID,
  fqdn: (each) => each.FQDN,
  type: (each) => each.Type,
  uuid: (each) => each.UUID,
  macaddr: (each) => each.MACAddr,
  ipaddress: (each) => each.IPAddress,
  laststatus: (each) => each.discovery.status,
}

function listed(asked: Asked, system: System): Reply {
  const wanted = wantedIn(asked.query)
  let found = all(system)
  for (const [name, read] of Object.entries(filters)) {
    const values = (wanted[name] ?? []).map((text) => ({
      isRefused: text.startsWith('!'),
      value: canonical(name, text.replace(/^!/, '')),
    }))
    if (values.some(({ value }) => value === null))
      return hsmProblem(
        400,
        `bad query param: Argument was not a valid ${name === 'id' ? 'xname ID' : 'HMS Type'}`,
      )
    const [refused, accepted] = [true, false].map((kind) =>
      values.filter(({ isRefused }) => isRefused === kind).map(({ value }) => value),
    )
    found = found.filter(
      (each) =>
        !refused!.includes(read(each)) &&
        (accepted!.length === 0 || accepted!.includes(read(each))),
    )
  }
  return several(found)
}

function canonical(name: string, text: string): string | null {
  if (name === 'id') return parseXname(normalized(text)) ? normalized(text) : null
  if (name !== 'type') return text
  return vocabulary.Type.find((each) => each.toLowerCase() === text.toLowerCase()) ?? null
}

function query(asked: Asked, system: System): Reply {
  return ['all', 's0'].includes(asked.params['xname']!)
    ? several(all(system))
    : hsmProblem(400, 'not yet implemented')
}

function describe(asked: Asked, system: System): Reply {
  const found = system.inventory.endpoints.get(normalized(asked.params['xname']!))
  return found ? json(200, shown(found)) : hsmProblem(404, 'no such xname.')
}

function create(asked: Asked, system: System): Reply {
  const body = bodyOf(asked, posted)
  if (body.refused) return body.refused
  const { RedfishEndpoints: list, ...single } = body.value
  const given: readonly GivenEndpoint[] = Object.keys(single).length > 0 ? [single] : (list ?? [])
  const endpoints: Endpoint[] = []
  for (const [index, each] of given.entries()) {
    const endpoint = describedEndpoint(each)
    if ('error' in endpoint)
      return hsmProblem(
        400,
        `couldn't validate endpoint data${single === each ? '' : ` at idx ${index}`}: ${endpoint.error}`,
      )
    endpoints.push(endpoint)
  }
  const { endpoints: held } = system.inventory
  const taken = new Set(all(system).map((each) => each.FQDN))
  if (endpoints.some((each) => held.has(each.ID) || taken.has(each.FQDN)))
    return hsmProblem(
      409,
      'operation would conflict with an existing resource that has the same FQDN or xname ID.',
    )
  for (const each of endpoints) held.set(each.ID, each)
  discover(system, endpoints, { asUpdate: true })
  return endpoints.length === 0
    ? empty(204, 'application/json')
    : made(...endpoints.map((each) => `/hsm/v2${base}/${each.ID}`))
}

function replace(asked: Asked, system: System): Reply {
  const body = bodyOf(asked, rawEndpoint)
  if (body.refused) return body.refused
  const xname = normalized(asked.params['xname']!)
  const { ID: id = '' } = body.value
  if (id !== '' && normalized(id) !== xname)
    return hsmProblem(400, 'xname in URL and PUT body do not match')
  const endpoint = describedEndpoint({ ...body.value, ID: xname })
  if ('error' in endpoint)
    return hsmProblem(400, `couldn't validate endpoint data: ${endpoint.error}`)
  const held = system.inventory.endpoints.get(xname)
  return held
    ? store(system, { ...endpoint, discovery: held.discovery })
    : hsmProblem(404, `No such entry: ${xname}`)
}

function patch(asked: Asked, system: System): Reply {
  const body = bodyOf(asked, patched)
  if (body.refused) return body.refused
  const xname = normalized(asked.params['xname']!)
  if (!parseXname(xname)) return hsmProblem(400, 'xname in URL is not valid')
  const held = system.inventory.endpoints.get(xname)
  if (!held) return hsmProblem(404, `No such entry: ${xname}`)
  const { ID: _id, Type: _type, Password: _password, ...given } = body.value
  const differs = Object.entries(given).some(
    ([name, value]) => (held as unknown as Record<string, unknown>)[name] !== value,
  )
  if (!differs) {
    // What is as it was is stored no more; whether it is asked again is looked at all the same.
    discover(system, [held], { asUpdate: true })
    return json(200, shown(system.inventory.endpoints.get(xname)!))
  }
  const endpoint = describedEndpoint({ ...held, ...given })
  return 'error' in endpoint
    ? hsmProblem(500, "operation 'PATCH' failed during store")
    : store(system, { ...endpoint, discovery: held.discovery })
}

// What a controller that is not asked any more holds is taken for removed.
function store(system: System, endpoint: Endpoint): Reply {
  if (all(system).some((each) => each.ID !== endpoint.ID && each.FQDN === endpoint.FQDN))
    return hsmProblem(
      409,
      'operation would conflict with an existing resource that has the same FQDN',
    )
  system.inventory.endpoints.set(endpoint.ID, endpoint)
  if (!endpoint.Enabled) empties(system, endpoint.ID)
  discover(system, [endpoint], { asUpdate: true })
  return json(200, shown(system.inventory.endpoints.get(endpoint.ID)!))
}

function empties(system: System, id: string): void {
  const held = heldBy(system, id)
  for (const xname of held) system.emptied.add(xname)
  written(system, held)
}

function remove(asked: Asked, system: System): Reply {
  const given = asked.params['xname']!
  if (!/^[a-z0-9]+$/i.test(given)) return hsmProblem(400, 'Argument was not a valid xname ID')
  const xname = normalized(given)
  if (!system.inventory.endpoints.delete(xname)) return hsmProblem(404, 'no such xname.')
  empties(system, xname)
  return done('deleted 1 entry')
}

function removeAll(_asked: Asked, system: System): Reply {
  const ids = [...system.inventory.endpoints.keys()]
  if (ids.length === 0) return hsmProblem(404, 'no entries to delete')
  for (const id of ids) empties(system, id)
  system.inventory.endpoints.clear()
  return done(`deleted ${ids.length} entries`)
}
