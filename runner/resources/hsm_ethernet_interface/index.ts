import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { ValueMap } from '../../contract/value.ts'
import { componentParam } from '../hsm-queries.ts'
import { macForm, macPattern } from '../mac-address.ts'
import { listFrom, mapsAt, objectFrom, textAt } from '../service-answers.ts'
import { interfaceChanges } from './interface-changes.ts'

/** HSM knows a network card: whose it is, and its addresses; or it knows it no more. */
export const hsmEthernetInterface = defineResource({
  name: 'hsm_ethernet_interface',
  summary: 'HSM knows a network card: whose it is, and its addresses; or it knows it no more.',
  source:
    'Replace a Compute Blade, "Delete the HSM entries" (network cards of the nodes); HSM v2 Inventory/EthernetInterfaces',
  params: {
    type: 'object',
    properties: {
      mac: {
        type: 'string',
        pattern: macPattern,
        identity: true,
        neededWith: { state: ['present'] },
        description: 'Address of the card.',
        examples: ['b4:2e:99:be:1a:2b'],
      },
      component: {
        ...componentParam,
        description:
          'Component that has the card. With `state: absent` and without `mac`, all of its cards are meant.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: '`absent`: HSM does not know the card; a discovery finds it again.',
      },
      description: {
        type: 'string',
        format: 'line',
        onlyWith: { state: ['present'] },
        description: 'A text about the card.',
      },
      ip_addresses: {
        type: 'array',
        orOne: true,
        onlyWith: { state: ['present'] },
        description: 'All of its IP addresses; the network of one that is there already is kept.',
        examples: [['10.252.1.26']],
        items: {
          type: 'string',
          pattern: '^[0-9A-Fa-f.:]+$',
          description: 'An address.',
        },
      },
    },
  },
  checks: {
    state: ({ state, mac, component }) =>
      state === 'absent' && mac === undefined && component === undefined
        ? {
            message: 'hsm_ethernet_interface does not say which card is meant',
            hint: 'add `mac:`, or `component:` for all cards of a component',
          }
        : null,
  },
  state: {
    present: { type: 'boolean', description: 'Whether HSM knows it, or one of them.' },
    component: { type: 'string', description: 'Component that has it.' },
    description: { type: 'string', description: 'The text about it.' },
    ip_addresses: {
      type: 'array',
      items: { type: 'string', description: 'An address.' },
      description: 'Its IP addresses, sorted.',
    },
    networks: {
      type: 'object',
      information: true,
      additionalProperties: { type: 'string', description: 'A network.' },
      description: 'Per IP address, its network where HSM has one.',
    },
    macs: {
      type: 'array',
      information: true,
      items: { type: 'string', description: 'The address of a card.' },
      description: 'The cards that were found.',
    },
  },
  destroys: ['absent'],
  probe: ({ mac, component }) => ({
    card:
      mac === undefined
        ? undefined
        : get('hsm', `/Inventory/EthernetInterfaces/${idOf(mac)}`, [200, 404]),
    cards:
      mac !== undefined || component === undefined
        ? undefined
        : get('hsm', `/Inventory/EthernetInterfaces?ComponentID=${component}`),
  }),
  observe: ({ card, cards }) => {
    const found: readonly ValueMap[] = card
      ? card.status === 200
        ? [objectFrom(card, 'hsm')]
        : []
      : cards
        ? listFrom(cards, 'hsm')
        : []
    const first = found.length > 0 ? found[0]! : undefined
    return {
      present: found.length > 0,
      component: textAt(first, 'ComponentID') || null,
      description: first ? (textAt(first, 'Description') ?? '') : null,
      ip_addresses: first
        ? addressesOf(first)
            .map(([address]) => address)
            .toSorted()
        : null,
      networks: Object.fromEntries(
        first ? addressesOf(first).filter(([, network]) => network !== '') : [],
      ),
      macs: found.map((each) => textAt(each, 'MACAddress') ?? ''),
    }
  },
  desire: ({ state, component, description, ip_addresses: addresses }) =>
    state === 'absent'
      ? { present: false }
      : {
          present: true,
          component,
          description,
          ip_addresses: addresses === undefined ? undefined : [...new Set(addresses)].toSorted(),
        },
  change: interfaceChanges,
})

function idOf(mac: string): string {
  return macForm(mac).replaceAll(':', '')
}

function addressesOf(card: ValueMap): readonly (readonly [address: string, network: string])[] {
  return mapsAt(card, 'IPAddresses').map((each) => [
    textAt(each, 'IPAddress') ?? '',
    textAt(each, 'Network') ?? '',
  ])
}
