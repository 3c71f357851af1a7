import { parseJson } from '../contract/json.ts'
import type { ExecReading } from '../contract/probe.ts'
import { isMap, type Value, type ValueMap } from '../contract/value.ts'
import { mapsAt, numberAt, textAt } from './service-answers.ts'
import { unclear } from './unclear.ts'

/** The params that say which object of Kubernetes is meant. */
export const objectParams = {
  namespace: {
    type: 'string',
    identity: true,
    default: 'default',
    pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
    description: 'Its namespace.',
    examples: ['services'],
  },
  name: {
    type: 'string',
    identity: true,
    pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
    description: 'Its name.',
  },
} as const

/** The argv of a kubectl command in a namespace. */
export function kubectl(namespace: string, ...words: readonly string[]): readonly string[] {
  return ['kubectl', '--namespace', namespace, ...words]
}

/** The object that `kubectl get --ignore-not-found --output json` printed; null where it is not there. */
export function objectOf({ stdout }: ExecReading): ValueMap | null {
  if (stdout.trim() === '') return null
  const object = parseJson(stdout)
  return isMap(object)
    ? object
    : unclear(
        'kubectl printed something that is not an object',
        'run the command by hand on the host',
      )
}

/** The items of the list that `kubectl get --output json` printed. An answer without a list is a failed read, not an empty list. */
export function itemsOf(reading: ExecReading): readonly ValueMap[] {
  const list = objectOf(reading)
  return Array.isArray(list?.['items'])
    ? mapsAt(list, 'items')
    : unclear('kubectl printed something that is not a list', 'run the command by hand on the host')
}

/** A pod as `namespace/name`. */
export function podName(pod: ValueMap): string {
  return `${textAt(pod, 'metadata', 'namespace') ?? ''}/${textAt(pod, 'metadata', 'name') ?? ''}`
}

/** A number that lies so deep in an object; 0 where it is missing: Kubernetes leaves out what is 0. */
export function countAt(object: Value | undefined, ...path: readonly string[]): number {
  return numberAt(object, ...path) ?? 0
}

/** How one key of a ConfigMap or a Secret is written: the argv, and what goes to its standard input. */
export function writeOfKey({
  kind,
  namespace,
  name,
  exists,
}: {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly namespace: string
  readonly name: string
  readonly exists: boolean
}): {
  readonly argv: readonly string[]
  bodyOf(field: string, key: string, value: string): ValueMap
} {
  const manager = ['--field-manager', 'trueup']
  return exists
    ? {
        argv: [
          ...kubectl(namespace, 'patch', kind.toLowerCase(), name, '--type', 'merge'),
          ...manager,
          ...['--patch-file', '/dev/stdin'],
        ],
        bodyOf: (field, key, value) => ({ [field]: { [key]: value } }),
      }
    : {
        argv: kubectl(namespace, 'create', ...manager, '-f', '-'),
        bodyOf: (field, key, value) => ({
          apiVersion: 'v1',
          kind,
          metadata: { name },
          [field]: { [key]: value },
        }),
      }
}
