import type { Change } from '../../contract/change.ts'
import type { Value, ValueMap } from '../../contract/value.ts'
import { macForm } from '../mac-address.ts'
import { refused } from '../refused.ts'
import { given } from '../service-answers.ts'

interface Wish {
  readonly xname: string
  readonly state: 'present' | 'absent'
  readonly enabled?: boolean | undefined
  readonly rediscover?: boolean | undefined
  readonly fqdn?: string | undefined
  readonly user?: string | undefined
  readonly mac_address?: string | undefined
}
type Field = 'present' | 'enabled' | 'rediscover' | 'fqdn' | 'user' | 'mac_address' | 'discovery'
type Drifted = { readonly [F in Field]?: unknown }

const path = '/Inventory/RedfishEndpoints'

/** What is written, by the names of HSM. */
export function wishedFields(wish: {
  readonly enabled?: boolean | undefined
  readonly rediscover?: boolean | undefined
  readonly fqdn?: string | undefined
  readonly user?: string | undefined
  readonly mac?: string | undefined
}): ValueMap {
  return given({
    Enabled: wish.enabled,
    RediscoverOnUpdate: wish.rediscover,
    FQDN: wish.fqdn,
    User: wish.user,
    MACAddr: wish.mac === undefined ? undefined : macForm(wish.mac),
  })
}

/** How HSM's record of a controller is made, written or removed. */
export function endpointChanges(diff: Drifted, wish: Wish): readonly Change<Field>[] {
  const { xname, state } = wish
  const drifted = Object.keys(diff) as Field[]
  if (state === 'absent') return [removal(xname)]
  if (diff.discovery)
    return refused(
      `leave the discovery of ${xname} to HSM`,
      drifted,
      `how the discovery of ${xname} ended is what HSM found, and is not written`,
      '`hsm_discovery` begins one; compare it with `require`, or wait for it with `wait`',
    )
  return diff.present ? [creation(wish, drifted)] : [writing(diff, wish, drifted)]
}

// What the controller carries is Empty in HSM from then on, until it is discovered again.
function removal(xname: string): Change<Field> {
  return {
    title: `remove ${xname} from what HSM asks; what it carries is empty then`,
    repairs: ['present'],
    effect: 'destroys',
    guard: ['endpoint'],
    actions: [
      {
        do: 'http',
        service: 'hsm',
        method: 'DELETE',
        path: `${path}/${xname}`,
        statuses: [200, 404],
      },
    ],
  }
}

function creation(wish: Wish, repairs: readonly Field[]): Change<Field> {
  const { xname, enabled, rediscover, fqdn, user, mac_address: mac } = wish
  return {
    title: `have HSM ask ${xname}`,
    repairs,
    actions: [
      {
        do: 'http',
        service: 'hsm',
        method: 'POST',
        path,
        body: { ID: xname, FQDN: xname, ...wishedFields({ enabled, rediscover, fqdn, user, mac }) },
        statuses: [201],
      },
    ],
  }
}

function writing(diff: Drifted, wish: Wish, repairs: readonly Field[]): Change<Field> {
  const { xname, enabled, rediscover, fqdn, user, mac_address: mac } = wish
  const body = wishedFields({
    enabled: diff.enabled ? enabled : undefined,
    rediscover: diff.rediscover ? rediscover : undefined,
    fqdn: diff.fqdn ? fqdn : undefined,
    user: diff.user ? user : undefined,
    mac: diff.mac_address ? mac : undefined,
  })
  return {
    title: titleOf(diff, wish),
    repairs,
    effect: 'replaces',
    guard: ['endpoint'],
    actions: [
      {
        do: 'http',
        service: 'hsm',
        method: 'PATCH',
        path: `${path}/${xname}`,
        body: { ...body, ...(diff.fqdn ? partsOf(fqdn ?? '') : {}) },
        statuses: [200],
      },
    ],
  }
}

function titleOf(diff: Drifted, { xname, enabled }: Wish): string {
  if (!diff.enabled) return `write ${xname} in HSM`
  return enabled
    ? `have HSM ask ${xname} again`
    : `have HSM ask ${xname} no more; what it carries is empty then`
}

// HSM holds a name against its parts: a request that writes the one writes the others.
function partsOf(fqdn: string): { readonly [field: string]: Value } {
  const isAddress = fqdn.includes(':') || /^\d+(?:\.\d+){3}$/.test(fqdn)
  const [host = '', ...domain] = isAddress ? [fqdn] : fqdn.split('.')
  return { Hostname: host, Domain: domain.join('.') }
}
