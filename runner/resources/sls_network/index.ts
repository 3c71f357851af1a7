import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { mapsAt, objectFrom, textAt } from '../service-answers.ts'
import { unclear } from '../unclear.ts'

/** A network of SLS has exactly one reservation of this name, and this is its address. */
export const slsNetwork = defineResource({
  name: 'sls_network',
  summary: 'A network of SLS has exactly one reservation of this name, and this is its address.',
  source:
    'Configure a Remote Build Node, "Create storage on the node" (cray sls networks describe NMNLB)',
  params: {
    type: 'object',
    required: ['network', 'reservation'],
    properties: {
      network: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_]+$',
        description: 'Name of the network.',
        examples: ['NMNLB'],
      },
      reservation: {
        type: 'string',
        format: 'line',
        identity: true,
        minLength: 1,
        description: 'Name of the reservation, whole.',
        examples: ['unbound'],
      },
      subnet: {
        type: 'string',
        format: 'line',
        identity: true,
        description: 'Name of the subnet that it must lie in. Left out: any.',
        examples: ['nmn_metallb_address_pool'],
      },
      address: {
        type: 'string',
        matcher: true,
        description: 'Address that it must have. Left out: any.',
      },
    },
  },
  state: {
    address: { type: 'string', description: 'Its address.' },
    address6: {
      type: 'string',
      information: true,
      description: 'Its IPv6 address; null where it has none.',
    },
    aliases: {
      type: 'array',
      items: { type: 'string', description: 'Name.' },
      information: true,
      description: 'Its other names.',
    },
    subnet: { type: 'string', information: true, description: 'Name of its subnet.' },
    cidr: { type: 'string', information: true, description: 'Range of its subnet.' },
    gateway: { type: 'string', information: true, description: 'Gateway of its subnet.' },
  },
  probe: ({ network }) => ({ network: get('sls', `/networks/${network}`, [200, 404]) }),
  observe: (readings, { network, reservation, subnet }) => {
    if (readings.network.status === 404)
      return unclear(`SLS has no network ${network}`, 'look at them with `cray sls networks list`')
    const subnets = mapsAt(
      objectFrom(readings.network, 'sls'),
      'ExtraProperties',
      'Subnets',
    ).filter((each) => subnet === undefined || each['Name'] === subnet)
    const hits = subnets.flatMap((each) =>
      mapsAt(each, 'IPReservations')
        .filter((one) => one['Name'] === reservation)
        .map((one) => ({ subnet: each, one })),
    )
    const where = subnet === undefined ? network : `${network}, subnet ${subnet},`
    if (hits.length === 0)
      return unclear(
        `${where} has no reservation named ${reservation}`,
        `look at them with \`cray sls networks describe ${network}\``,
      )
    if (hits.length > 1)
      return unclear(
        `${where} has ${hits.length} reservations named ${reservation}: ${hits.map(({ one }) => textAt(one, 'IPAddress')).join(', ')}`,
        'say which with `subnet:`, or correct SLS',
      )
    const [hit] = hits
    const aliases = hit!.one['Aliases']
    return {
      address:
        textAt(hit!.one, 'IPAddress') ??
        unclear(`the reservation ${reservation} of ${network} has no address`, 'correct it in SLS'),
      address6: textAt(hit!.one, 'IPAddress6'),
      aliases: Array.isArray(aliases) ? aliases.map(String) : [],
      subnet: textAt(hit!.subnet, 'Name'),
      cidr: textAt(hit!.subnet, 'CIDR'),
      gateway: textAt(hit!.subnet, 'Gateway'),
    }
  },
  desire: ({ address }) => ({ address }),
})
