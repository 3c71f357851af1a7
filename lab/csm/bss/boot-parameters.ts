import { randomUUID } from 'node:crypto'
import { goInt32, goMap, goString, goStrings, goStruct, unmarshal } from '../go/go-json.ts'
import { refused } from '../problems.ts'
import { json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { nodeByMac, nodeByNid } from './boot-lookup.ts'
import { goInteger, listIn } from './boot-query.ts'
import { forgetImage, inStoredOrder, keep, noCloudInit, type BootRecord } from './boot-records.ts'
import { mergedCloudInit } from './cloud-init-merge.ts'

const source = 'hms-bss:cmd/boot-script-service/default_api.go'
const path = '/bootparameters'

/** What nodes boot: read, made, replaced, changed and forgotten. */
export const bootParameterRoutes: readonly Route[] = [
  { method: 'GET', path, source, answer: read },
  { method: 'POST', path, source, answer: create },
  { method: 'PUT', path, source, answer: replace },
  { method: 'PATCH', path, source, answer: change },
  { method: 'DELETE', path, source, answer: remove },
]

interface BootParams {
  readonly hosts?: readonly string[]
  readonly macs?: readonly string[]
  readonly nids?: readonly number[]
  readonly params?: string
  readonly kernel?: string
  readonly initrd?: string
  readonly 'cloud-init'?: Partial<BootRecord['cloudInit']>
}

const parameters = goStruct('bssTypes.BootParams', {
  hosts: goStrings,
  macs: goStrings,
  nids: { kind: 'list', of: goInt32 },
  params: goString,
  kernel: goString,
  initrd: goString,
  'cloud-init': goStruct('bssTypes.CloudInit', {
    'meta-data': goMap('bssTypes.CloudDataType'),
    'user-data': goMap('bssTypes.CloudDataType'),
    'phone-home': goStruct('bssTypes.PhoneHome', {
      pub_key_dsa: goString,
      pub_key_rsa: goString,
      pub_key_ecdsa: goString,
      pub_key_ed25519: goString,
      instance_id: goString,
      hostname: goString,
      fqdn: goString,
    }),
  }),
})

function bodyOf(asked: Asked): { readonly value: BootParams } | Reply {
  const body = unmarshal(asked.body, parameters)
  if (body.error === null) return { value: body.value }
  // A body that is read as a stream ends otherwise than a text.
  const ended = asked.body.trim() === '' ? 'EOF' : 'unexpected EOF'
  return badRequest(body.error === 'unexpected end of JSON input' ? ended : body.error)
}

function badRequest(why: string): Reply {
  return refused(400, 'Bad Request', `Bad Request: ${why}`)
}

/** All that BSS holds: kernels and initrds with their parameters, then what is kept for names; null where there is nothing. */
export function listedRecords({ bss }: System): readonly Record<string, unknown>[] | null {
  const listed = [
    ...inStoredOrder(bss.kernels.keys()).map((kernel) =>
      shown({ params: bss.kernels.get(kernel)!, kernel }),
    ),
    ...inStoredOrder(bss.initrds.keys()).map((initrd) =>
      shown({ params: bss.initrds.get(initrd)!, initrd }),
    ),
    ...[...bss.records.keys()].toSorted().map((name) => recordOf(name, bss.records.get(name)!)),
  ]
  return listed.length > 0 ? listed : null
}

function recordOf(name: string, record: BootRecord): Record<string, unknown> {
  return shown({ hosts: [name], ...record })
}

// What is empty is left out, and cloud-init never is.
function shown(parts: Partial<BootRecord> & { readonly hosts?: readonly string[] }) {
  const { hosts, params, kernel, initrd, cloudInit = noCloudInit } = parts
  return {
    ...(hosts ? { hosts } : {}),
    ...(params ? { params } : {}),
    ...(kernel ? { kernel } : {}),
    ...(initrd ? { initrd } : {}),
    'cloud-init': cloudInit,
  }
}

function read(asked: Asked, system: System): Reply {
  const wanted = wantedIn(asked)
  if ('status' in wanted) return wanted
  if (wanted === everything) return json(200, listedRecords(system))
  const { bss } = system
  const { hosts = [], macs = [], nids = [], kernel = '', initrd = '' } = wanted
  const missing = hosts.filter((each) => !bss.records.has(each))
  const others = [...bss.records.keys()].filter((name) => {
    const component = system.components.get(name)
    return (
      component !== undefined &&
      (macs.some((mac) => nodeByMac(system, mac) === component) || nids.includes(component.nid))
    )
  })
  const found = [
    ...(bss.kernels.has(kernel) ? [shown({ kernel, params: bss.kernels.get(kernel)! })] : []),
    ...(bss.initrds.has(initrd) ? [shown({ initrd, params: bss.initrds.get(initrd)! })] : []),
    ...[...hosts.filter((each) => bss.records.has(each)), ...others].map((name) =>
      recordOf(name, bss.records.get(name)!),
    ),
  ]
  return found.length > 0 ? json(200, found) : nothingFor({ ...wanted, hosts: missing })
}

const everything: BootParams = {}

// What is wanted stands in the query, in the body, or in both.
function wantedIn({ body, query }: Asked): BootParams | Reply {
  const [names, macs, nids] = [listIn(query, 'name'), listIn(query, 'mac'), listIn(query, 'nid')]
  const asks = names.length + macs.length + nids.length > 0
  if (body === '' && !asks) return everything
  const given = unmarshal(body, parameters)
  if (given.error !== null && !asks)
    return refused(400, 'Bad Request', `Failed to interpret request body '${body}': ${given.error}`)
  const wanted: BootParams = given.error === null ? given.value : {}
  const numbers = nids.map(goInteger)
  const wrong = numbers.indexOf(null)
  if (wrong >= 0) return refused(400, 'Bad Request', `Bad Request - Invalid nid '${nids[wrong]}'`)
  return {
    ...wanted,
    hosts: [...(wanted.hosts ?? []), ...names],
    macs: [...(wanted.macs ?? []), ...macs],
    nids: [...(wanted.nids ?? []), ...numbers.flatMap((each) => each ?? [])],
  }
}

function nothingFor({ hosts, macs, nids, kernel, initrd }: BootParams): Reply {
  const kinds = [
    ...(hosts?.length ? ['Hosts'] : []),
    ...(macs?.length ? ['MACs'] : []),
    ...(nids?.length ? ['NIDs'] : []),
    ...(kernel ? ['kernel'] : []),
    ...(initrd ? ['initrd'] : []),
  ]
  if (kinds.length === 0) return refused(400, 'Bad Request', 'No specified data requested')
  const last = kinds.pop()!
  const before = kinds.length > 0 ? `${kinds.join(', ')} or ` : ''
  return refused(404, 'Not Found', `Cannot find boot parameters for requested ${before}${last}`)
}

function create(asked: Asked, system: System): Reply {
  const body = bodyOf(asked)
  if ('status' in body) return body
  const existing = existingIn(body.value, system)
  return existing === null
    ? store(body.value, system, 201)
    : badRequest(`Already exists: ${existing}`)
}

// Only the first kind that is given is looked at.
function existingIn({ hosts, macs, nids, kernel, initrd }: BootParams, system: System) {
  const { records, kernels, initrds } = system.bss
  const isKept = (xname: string | undefined): boolean => xname !== undefined && records.has(xname)
  if (hosts?.length) return hosts.find((each) => isKept(each)) ?? null
  if (macs?.length) return macs.find((each) => isKept(nodeByMac(system, each)?.xname)) ?? null
  if (nids?.length)
    return nids.find((each) => isKept(nodeByNid(system, each)?.xname))?.toString() ?? null
  if (kernel) return kernels.has(kernel) ? kernel : null
  return initrd && initrds.has(initrd) ? initrd : null
}

function replace(asked: Asked, system: System): Reply {
  const body = bodyOf(asked)
  return 'status' in body ? body : store(body.value, system, 200)
}

/** Keeps a record for the first kind of names that is given; without any the parameters are those of a kernel or initrd. */
function store(given: BootParams, system: System, status: number): Reply {
  const { hosts, macs, nids, params = '', kernel = '', initrd = '' } = given
  const names = hosts?.length
    ? hosts
    : macs?.length
      ? macs.map((mac) => nodeByMac(system, mac)?.xname ?? mac)
      : (nids ?? []).map((nid) => nodeByNid(system, nid)?.xname ?? `nid${nid}`)
  if (names.length === 0) {
    storeImage(given, system)
    return done(status)
  }
  const cloudInit = mergedCloudInit(noCloudInit, given['cloud-init'] ?? {})
  keep(system.bss, names, { params, kernel, initrd, cloudInit })
  return { ...done(status), headers: { 'bss-referral-token': randomUUID() } }
}

function storeImage({ params = '', kernel, initrd }: BootParams, { bss }: System): void {
  if (initrd) bss.initrds.set(initrd, kernel ? (bss.initrds.get(initrd) ?? '') : params)
  if (kernel) bss.kernels.set(kernel, params)
}

function done(status: number): Reply {
  return { status, contentType: 'application/json; charset=UTF-8', body: '' }
}

function change(asked: Asked, system: System): Reply {
  const body = bodyOf(asked)
  if ('status' in body) return body
  const given = body.value
  const names = changedIn(given, system)
  if ('missing' in names)
    return refused(
      404,
      'Not Found',
      `Not Found: Error looking up ${names.missing}: Key /params/${names.missing} does not exist`,
    )
  // A MAC address that HSM does not know is passed over, and what is left may be meant for the kernel.
  if (names.found.length === 0) storeImage(given, system)
  for (const name of names.found) {
    const { params, kernel, initrd, cloudInit } = system.bss.records.get(name)!
    keep(system.bss, [name], {
      params: given.params || params,
      kernel: given.kernel || kernel,
      initrd: given.initrd || initrd,
      cloudInit: mergedCloudInit(cloudInit, given['cloud-init'] ?? {}),
    })
  }
  return done(200)
}

function changedIn(
  { hosts = [], macs = [], nids = [] }: BootParams,
  system: System,
): { readonly found: readonly string[] } | { readonly missing: string } {
  const { records } = system.bss
  const found = new Set<string>()
  for (const names of [
    ...hosts.map((host) => [host]),
    ...macs.flatMap((mac) => namesOf(nodeByMac(system, mac)?.xname, mac)),
    ...nids.flatMap((nid) => namesOf(nodeByNid(system, nid)?.xname, `nid${nid}`)),
  ]) {
    const name = names.find((each) => records.has(each))
    if (name === undefined) return { missing: names.at(-1)! }
    found.add(name)
  }
  return { found: [...found] }
}

function namesOf(xname: string | undefined, other: string): readonly (readonly string[])[] {
  return xname === undefined ? [] : [[xname, other]]
}

function remove(asked: Asked, system: System): Reply {
  const body = bodyOf(asked)
  if ('status' in body) return body
  const { hosts = [], macs = [], nids = [], kernel, initrd } = body.value
  const names = [
    ...hosts,
    ...macs.flatMap((mac) => nodeByMac(system, mac)?.xname ?? []),
    ...nids.map((nid) => nodeByNid(system, nid)?.xname ?? `nid${nid}`),
  ]
  const missing = names.filter((name) => !system.bss.records.delete(name))
  if (kernel) forgetImage(system.bss, 'kernel', kernel)
  if (initrd) forgetImage(system.bss, 'initrd', initrd)
  return missing.length > 0
    ? refused(
        400,
        'Bad Request',
        `Key ${missing[0]} deletion: Key /params/${missing[0]} does not exist`,
      )
    : done(200)
}
