import { ask, type ExecProbe, type ExecReading } from '../contract/probe.ts'
import { isMap, type ValueMap } from '../contract/value.ts'
import { parseJson } from '../contract/json.ts'
import { lastLine } from './lines.ts'
import { unclear } from './unclear.ts'

/** The form of names of pools and images, as far as they need no quoting. */
export const rbdName = '^[A-Za-z0-9_.][A-Za-z0-9_.-]*$'

/** The params that say as whom the cluster is asked. */
export const cephUserParams = {
  id: {
    type: 'string',
    pattern: rbdName,
    description: 'Ceph user, without `client.`; rbd takes `admin` when it is left out.',
    examples: ['kube'],
  },
  keyring: { type: 'string', format: 'path', pattern: '^/', description: 'Keyring of that user.' },
} as const

/** The options that say as whom the cluster is asked. */
export function cephUser({
  id,
  keyring,
}: {
  readonly id?: string | undefined
  readonly keyring?: string | undefined
}): readonly string[] {
  return [
    ...(id === undefined ? [] : ['--id', id]),
    ...(keyring === undefined ? [] : ['--keyring', keyring]),
  ]
}

/** Asks rbd for something of one image, as JSON. */
export function askRbd(
  command: 'info' | 'status',
  spec: string,
  user: readonly string[],
): ExecProbe {
  return ask(['rbd', command, ...user, '--format', 'json', spec], [0, 2], {
    ahead: false,
    timeout: 60,
  })
}

/** What rbd says of an image; null if the image does not exist. rbd also exits with 2 if the cluster does not answer. */
export function answerOf(reading: ExecReading, spec: string): ValueMap | null {
  if (reading.exit === 2) {
    const words = reading.stderr.trim()
    if (words.includes('error opening image') && words.includes('No such file or directory'))
      return null
    return unclear(
      `rbd cannot say whether there is ${spec}: ${lastLine(words)}`,
      words.includes('error opening pool')
        ? 'look at the pools with `ceph osd lspools`'
        : 'this host needs /etc/ceph/ceph.conf and the keyring of the user: try `ceph -s`',
    )
  }
  const json = parseJson(reading.stdout)
  return isMap(json)
    ? json
    : unclear(
        `the answer of rbd about ${spec} is not JSON`,
        `look at it with \`rbd info --format json ${spec}\``,
      )
}

/** The addresses of those that have an image open. */
export function watchersOf(status: ValueMap): readonly string[] {
  const watchers = status['watchers']
  if (typeof watchers !== 'object' || watchers === null)
    return unclear(
      'rbd status gives no list of watchers',
      'look at it with `rbd status --format json`',
    )
  return Object.values(watchers).map((each) => String((each as ValueMap)['address']))
}
