import { ask, type ExecProbe, type ExecReading } from '../contract/probe.ts'
import { parseJson } from '../contract/json.ts'
import type { Value } from '../contract/value.ts'
import { cephUser, cephUserParams } from './rbd.ts'
import { unclear } from './unclear.ts'

/** The params that say as whom the cluster is asked, where they identify it. */
export const cephAsker = {
  id: {
    ...cephUserParams.id,
    identity: true,
    description: 'Ceph user, without `client.`; ceph takes `admin` when it is left out.',
  },
  keyring: { ...cephUserParams.keyring, identity: true },
} as const

/** As whom the cluster is asked. */
export interface Asker {
  readonly id?: string | undefined
  readonly keyring?: string | undefined
}

/** Asks the cluster for something, as JSON. */
export function askCeph(asker: Asker, ...words: readonly string[]): ExecProbe {
  return ask(['ceph', ...cephUser(asker), ...words, '--format', 'json'], 'any', {
    ahead: false,
    timeout: 60,
  })
}

/** What the cluster answered; a failed read where it did not. */
export function cephAnswer({ exit, stdout, stderr }: ExecReading, asked: string): Value {
  const value = exit === 0 ? parseJson(stdout.trim()) : undefined
  return value === undefined
    ? unclear(
        `ceph does not say ${asked}: ${stderr.trim().split('\n').at(-1) || `it ended with ${exit}`}`,
        'this host needs /etc/ceph/ceph.conf and a keyring that may ask this: try `ceph -s`',
      )
    : value
}
