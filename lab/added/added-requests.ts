import { plain, type Located } from '../../runner/source/located.ts'
import { didYouMean } from '../../runner/source/suggest.ts'
import { kindNamed, type ApiObject } from '../kubernetes/api-object.ts'
import { parseYaml } from '../../runner/source/located-yaml.ts'
import { join } from 'node:path'
import type { AddedRequest } from './additions.ts'
import { entriesOf, keyOf, namedFile, textAt, type Reading } from './lab-yaml.ts'

const methods = ['POST', 'PUT', 'PATCH', 'DELETE']

/** The requests that set what the services hold at first. */
export function addedRequests(
  reading: Reading,
  located: Located | undefined,
): readonly AddedRequest[] {
  const items = located?.kind === 'list' ? located.items : []
  return items.flatMap((item) => {
    const entries = entriesOf(item)
    const [ask] = entries.filter(({ key }) => methods.includes(key))
    const strange = entries.find(({ key }) => key !== 'body' && key !== ask?.key)
    const path = ask ? textAt(item, ask.key) : undefined
    if (!ask || strange || !path?.startsWith('/apis/')) {
      reading.report(
        'lab/with-route',
        strange ? `a request has no '${strange.key}'` : 'this is not a request',
        strange?.keyAt ?? item.at,
        'write - PUT: /apis/cfs/v3/configurations/one, and body: beside it',
      )
      return []
    }
    const body = keyOf(item, 'body')
    return [
      { method: ask.key, path, body: body ? JSON.stringify(plain(body)) : '', at: ask.value.at },
    ]
  })
}

/** The objects of Kubernetes: written out in lab.yaml, or a file each. */
export function addedObjects(reading: Reading, located: Located | undefined): readonly ApiObject[] {
  const items = located?.kind === 'list' ? located.items : []
  return items.flatMap((item) => {
    const object = item.kind === 'scalar' ? objectOfFile(reading, item) : item
    if (!object) return []
    const kind = textAt(object, 'kind') ?? ''
    const known = kindNamed(kind)
    const name = textAt(keyOf(object, 'metadata'), 'name')
    if (known?.kind !== kind || name === undefined) {
      reading.report(
        'lab/with-value',
        known?.kind === kind
          ? 'this object has no metadata.name'
          : `the lab's Kubernetes has no kind '${kind}'`,
        keyOf(object, 'kind')?.at ?? object.at,
        known?.kind === kind
          ? 'add metadata: { name: NAME, namespace: services }'
          : known
            ? `write kind: ${known.kind}`
            : didYouMean(kind, objectKinds),
      )
      return []
    }
    const value = plain(object) as unknown as ApiObject
    const namespace = known.isNamespaced ? { namespace: value.metadata.namespace ?? 'default' } : {}
    return [
      { ...value, apiVersion: known.apiVersion, metadata: { ...value.metadata, ...namespace } },
    ]
  })
}

const objectKinds = [
  'ConfigMap',
  'Secret',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Job',
  'Pod',
  'Node',
  'Namespace',
]

function objectOfFile(reading: Reading, named: Located): Located | null {
  const bytes = namedFile(reading, named)
  if (bytes === null) return null
  const file = join(reading.folder.root, String(plain(named)))
  const { value, diagnostics } = parseYaml(file, bytes.toString('utf8'))
  for (const { code, message, at, hint } of diagnostics)
    reading.report(code, message, at ?? named.at, hint ?? 'fix the line that is shown')
  return value
}
