import { isMap, type Value } from '../contract/value.ts'
import type { Shape } from './answer-shape.ts'

/** A GET that types rely on: what it must answer, in which statuses. */
export interface ExpectedRoute {
  /** `:xname` stands for a node that HSM names. */
  readonly path: string
  readonly shape: Shape
  /** Statuses that are answers; 200 when absent. */
  readonly statuses?: readonly number[]
  /** What does not work where the route is missing; without it the route must be there. */
  readonly without?: string
}

/** What trueup relies on of a service. */
export interface ExpectedService {
  /** The versions that the types were run against; where a service tells none, those of the recordings. */
  readonly proved: readonly string[]
  /** Where the service tells its version; absent: it tells none. */
  readonly version?: { readonly path: string; read(json: Value | undefined): string | null }
  readonly routes: readonly ExpectedRoute[]
}

const inParts = (json: Value | undefined): string | null => {
  if (!isMap(json)) return null
  const parts = [json['major'], json['minor'], json['patch']]
  return parts.every((part) => typeof part === 'string' || typeof part === 'number')
    ? parts.join('.')
    : null
}
const inOne = (json: Value | undefined): string | null =>
  isMap(json) && typeof json['version'] === 'string' ? json['version'] : null

/** No node has this name: IMS looks it up, and signs in to none. */
const nowhere = 'x9999c9s63b0n0'

/**
 * The services of CSM as the types ask them, by their names in an inventory. Nothing here is costly for a service: the list of the
 * statuses of remote build nodes, for which IMS signs in to each of them, is never asked.
 */
export const expectedServices: ReadonlyMap<string, ExpectedService> = new Map([
  [
    'ims',
    {
      proved: ['3.20.0', '3.33.0'],
      version: { path: '/version', read: inOne },
      routes: [
        {
          path: '/v3/images',
          shape: {
            list: { map: { id: 'text', name: 'text', created: 'text', 'link?': linkShape() } },
          },
        },
        {
          path: '/v3/public-keys',
          shape: { list: { map: { id: 'text', name: 'text', public_key: 'text' } } },
        },
        { path: '/v3/remote-build-nodes', shape: { list: { map: { xname: 'text' } } } },
        { path: '/v3/jobs', shape: { list: { map: { id: 'text', status: 'text' } } } },
        {
          path: `/v3/remote-build-nodes/status/${nowhere}`,
          shape: { map: { detail: /^Requested resource does not exist/ } },
          statuses: [404],
          without: 'ims_remote_build_node_status, which CSM 1.5 does not have',
        },
      ],
    },
  ],
  [
    'cfs',
    {
      proved: ['1.20.2', '1.31.1'],
      version: { path: '/versions', read: inParts },
      routes: [
        {
          path: '/v3/configurations?limit=1',
          shape: {
            map: { configurations: { list: { map: { name: 'text', layers: { list: 'any' } } } } },
          },
        },
        {
          path: '/v3/sessions?limit=1',
          shape: { map: { sessions: { list: { map: { name: 'text', status: { map: {} } } } } } },
        },
      ],
    },
  ],
  [
    'bos',
    {
      proved: ['2.30.5', '2.50.0'],
      version: { path: '/v2/version', read: inParts },
      routes: [
        {
          path: '/v2/sessiontemplates',
          shape: { list: { map: { name: 'text', boot_sets: { map: {} } } } },
        },
        {
          path: '/v2/sessions',
          shape: { list: { map: { name: 'text', operation: 'text', status: { map: {} } } } },
        },
        {
          path: '/v2/components/:xname',
          shape: { map: { id: 'text', status: { map: {} }, enabled: 'truth' } },
        },
      ],
    },
  ],
  [
    'hsm',
    {
      proved: ['2.45.0'],
      routes: [
        { path: '/service/ready', shape: { map: { message: 'text' } } },
        {
          path: '/State/Components?type=Node',
          shape: {
            map: {
              Components: {
                list: { map: { ID: 'text', Type: 'text', State: 'text', 'Arch?': 'text' } },
              },
            },
          },
        },
        {
          path: '/locks/status?type=Node',
          shape: {
            map: {
              Components: {
                list: {
                  map: {
                    ID: 'text',
                    Locked: 'truth',
                    Reserved: 'truth',
                    ReservationDisabled: 'truth',
                  },
                },
              },
            },
          },
        },
      ],
    },
  ],
  [
    'sls',
    {
      proved: ['2.12.0'],
      routes: [
        {
          path: '/networks/NMNLB',
          shape: { map: { Name: 'text', ExtraProperties: { map: { Subnets: { list: 'any' } } } } },
        },
      ],
    },
  ],
  [
    'pcs',
    {
      proved: ['2.13.0'],
      routes: [
        {
          path: '/power-status?xname=:xname',
          shape: {
            map: { status: { list: { map: { xname: 'text', 'powerState?': 'text' } } } },
          },
        },
        {
          path: '/transitions',
          shape: { map: { transitions: { list: { map: { transitionID: 'text' } } } } },
        },
      ],
    },
  ],
])

function linkShape(): Shape {
  return { map: { path: 'text', 'etag?': 'text' } }
}
