import { text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { unclear } from '../unclear.ts'
import { listenersOf } from './listeners.ts'

/** On this host something listens on a TCP port, or nothing does. */
export const port = defineResource({
  name: 'port',
  summary: 'On this host something listens on a TCP port, or nothing does.',
  source: "Ansible's wait_for; proc(5), /proc/net/tcp",
  params: {
    type: 'object',
    required: ['port'],
    properties: {
      port: {
        type: 'integer',
        identity: true,
        minimum: 1,
        maximum: 65_535,
        description: 'Number of the TCP port.',
      },
      address: {
        type: 'string',
        identity: true,
        pattern: '^[0-9a-f.:]+$',
        description:
          'Address that it must listen on; one that listens on all addresses counts. Left out: any.',
        examples: ['127.0.0.1'],
      },
      state: {
        type: 'string',
        enum: ['started', 'stopped'],
        default: 'started',
        description: 'Something listens, or nothing.',
      },
    },
  },
  state: {
    listening: { type: 'boolean', description: 'Whether something listens.' },
    addresses: {
      type: 'array',
      items: { type: 'string', description: 'Address.' },
      information: true,
      description: 'The addresses on which something listens at this port; 0.0.0.0 and :: are all.',
    },
  },
  probe: () => ({
    four: text('/proc/net/tcp', { cap: 16_777_216 }),
    six: text('/proc/net/tcp6', { cap: 16_777_216 }),
  }),
  observe: ({ four, six }, params) => {
    if (!four.exists)
      return unclear(
        '/proc/net/tcp is not there',
        'only Linux has it; use `require:` with `command` for another system',
      )
    const listeners = [
      ...listenersOf(four.text),
      ...(six.exists ? listenersOf(six.text) : []),
    ].filter((each) => each.port === params.port)
    const addresses = [...new Set(listeners.map((each) => each.address))]
    return {
      listening: addresses.some(
        (each) =>
          params.address === undefined ||
          each === params.address ||
          each === '0.0.0.0' ||
          each === '::',
      ),
      addresses,
    }
  },
  desire: ({ state }) => ({ listening: state === 'started' }),
})
