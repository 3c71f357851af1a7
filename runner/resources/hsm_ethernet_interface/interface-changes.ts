import type { Change, HttpAction } from '../../contract/change.ts'
import { macForm } from '../mac-address.ts'
import { refused } from '../refused.ts'
import { given } from '../service-answers.ts'

interface Wish {
  readonly mac?: string | undefined
  readonly component?: string | undefined
  readonly state: 'present' | 'absent'
  readonly description?: string | undefined
  readonly ip_addresses?: readonly string[] | undefined
}
interface Current {
  readonly component: string | null
  readonly networks: { readonly [address: string]: string } | null
  readonly macs: readonly string[] | null
}
type Field = 'present' | 'component' | 'description' | 'ip_addresses'
type Drifted = { readonly [F in Field]?: unknown }

const path = '/Inventory/EthernetInterfaces'

/** How HSM's record of a card is made, written or removed. */
export function interfaceChanges(
  diff: Drifted,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const repairs = Object.keys(diff) as Field[]
  if (wish.state === 'absent') return removals(wish, current)
  const mac = macForm(wish.mac ?? '')
  if (diff.present)
    return [{ title: `make the card ${mac} known to HSM`, repairs, actions: [post(mac, wish)] }]
  return [
    {
      title: `write the card ${mac} in HSM`,
      repairs,
      effect: 'replaces',
      guard: ['card'],
      actions: [
        http(
          'PATCH',
          `${path}/${idOf(mac)}`,
          [200],
          given({
            Description: diff.description ? wish.description : undefined,
            ComponentID: diff.component ? wish.component : undefined,
            IPAddresses: diff.ip_addresses
              ? mappings(wish.ip_addresses ?? [], current.networks ?? {})
              : undefined,
          }),
        ),
      ],
    },
  ]
}

// A card that another component has by now is not the one that was meant.
function removals(
  { mac, component }: Wish,
  { macs, ...current }: Current,
): readonly Change<Field>[] {
  if (mac !== undefined && component !== undefined && current.component !== component)
    return refused(
      `remove the card ${macForm(mac)} from HSM`,
      ['present'],
      `the card ${macForm(mac)} belongs to ${current.component ?? 'no component'}, not to ${component}`,
      'look at the cards of both with `cray hsm inventory ethernetInterfaces list --component-id XNAME`',
    )
  const found = macs ?? []
  return [
    {
      title:
        mac === undefined
          ? `remove the cards of ${component} from HSM: ${found.join(', ')}`
          : `remove the card ${macForm(mac)} from HSM`,
      repairs: ['present'],
      effect: 'destroys',
      guard: [mac === undefined ? 'cards' : 'card'],
      actions: found.map((each) => http('DELETE', `${path}/${idOf(macForm(each))}`, [200, 404])),
    },
  ]
}

function post(mac: string, { component, description, ip_addresses: addresses }: Wish): HttpAction {
  return http(
    'POST',
    path,
    [201],
    given({
      MACAddress: mac,
      Description: description,
      ComponentID: component,
      IPAddresses: addresses === undefined ? undefined : mappings(addresses, {}),
    }),
  )
}

function mappings(
  addresses: readonly string[],
  networks: { readonly [address: string]: string },
): readonly object[] {
  return [...new Set(addresses)].map((each) => {
    const network = networks[each]
    return { IPAddress: each, ...(network === undefined ? {} : { Network: network }) }
  })
}

function idOf(mac: string): string {
  return mac.replaceAll(':', '')
}

function http(
  method: 'POST' | 'PATCH' | 'DELETE',
  at: string,
  statuses: readonly number[],
  body?: HttpAction['body'],
): HttpAction {
  return {
    do: 'http',
    service: 'hsm',
    method,
    path: at,
    ...(body === undefined ? {} : { body }),
    statuses,
  }
}
