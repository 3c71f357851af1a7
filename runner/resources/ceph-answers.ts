import { ask, type ExecProbe, type ExecReading } from '../contract/probe.ts'
import { parseJson } from '../contract/json.ts'
import { isMap, type Value, type ValueMap } from '../contract/value.ts'
import { lastLine } from './lines.ts'
import { cephUser, cephUserParams } from './rbd.ts'
import { valueAt } from './service-answers.ts'
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
        `ceph does not say ${asked}: ${lastLine(stderr) || `it ended with ${exit}`}`,
        'this host needs /etc/ceph/ceph.conf and a keyring that may ask this: try `ceph -s`',
      )
    : value
}

/** The maps of the list that ceph answered with, or that its answer holds under a name. An answer without a list is a failed read, not an empty list. */
export function cephList(
  reading: ExecReading,
  asked: string,
  ...path: readonly string[]
): readonly ValueMap[] {
  const list = valueAt(cephAnswer(reading, asked), ...path)
  return Array.isArray(list)
    ? list.filter(isMap)
    : unclear(
        `ceph does not say ${asked}: its answer has no list of them`,
        'run the command by hand on the host',
      )
}
