import { stringify } from 'yaml'
import { shortName, type ApiKind, type ApiObject } from '../../kubernetes/api-object.ts'
import { fail, ok, type Output } from '../command.ts'
import { jsonPath } from './json-path.ts'

/** Objects as `kubectl get` prints them: one by its name, or a list. */
export function showObjects(
  kind: ApiKind,
  objects: readonly ApiObject[],
  { format, isOne, allNamespaces, withManagers, hasHeader }: ShowOptions,
): Output {
  const shown = withManagers ? objects : objects.map(withoutManagers)
  if (format === undefined || format === 'wide')
    return ok(table(kind, objects, allNamespaces, hasHeader))
  if (format === 'name')
    return ok(objects.map(({ metadata }) => `${shortName(kind, metadata.name)}\n`).join(''))
  const given = isOne
    ? shown[0]
    : { apiVersion: 'v1', items: shown, kind: 'List', metadata: { resourceVersion: '' } }
  if (format === 'json') return ok(`${JSON.stringify(sorted(given), null, 4)}\n`)
  if (format === 'yaml')
    // kubectl quotes what YAML 1.1 would take for a time or a truth.
    return ok(
      stringify(sorted(given), {
        lineWidth: 0,
        indentSeq: false,
        singleQuote: false,
        compat: 'yaml-1.1',
      }),
    )
  const path = /^jsonpath=(.*)$/s.exec(format)?.[1]
  return path === undefined
    ? fail(
        1,
        `error: unable to match a printer suitable for the output format "${format}", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml\n`,
      )
    : jsonPath(path, given)
}

/** How objects are printed. */
export interface ShowOptions {
  readonly format: string | undefined
  readonly isOne: boolean
  readonly allNamespaces: boolean
  readonly withManagers: boolean
  readonly hasHeader: boolean
}

function withoutManagers(object: ApiObject): ApiObject {
  const { managedFields, ...metadata } = object.metadata
  return managedFields === undefined ? object : { ...object, metadata }
}

/** Keys in the order of the alphabet, as kubectl writes them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, held]) => [key, sorted(held)]),
  )
}

type Column = readonly [string, (object: ApiObject) => string]

const field = (object: ApiObject, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined,
    object,
  )
const number = (object: ApiObject, ...path: readonly string[]): string =>
  String(field(object, ...path) ?? 0)
const age: Column = ['AGE', () => '30d']

const columnsOf: Readonly<Record<string, readonly Column[]>> = {
  ConfigMap: [['DATA', (each) => String(Object.keys(each['data'] ?? {}).length)], age],
  Secret: [
    ['TYPE', (each) => String(each['type'])],
    ['DATA', (each) => String(Object.keys(each['data'] ?? {}).length)],
    age,
  ],
  Pod: [
    ['READY', (each) => (field(each, 'status', 'phase') === 'Running' ? '1/1' : '0/1')],
    ['STATUS', (each) => String(field(each, 'status', 'phase'))],
    ['RESTARTS', () => '0'],
    age,
  ],
  Node: [
    ['STATUS', nodeStatus],
    ['ROLES', nodeRoles],
    age,
    ['VERSION', (each) => String(field(each, 'status', 'nodeInfo', 'kubeletVersion'))],
  ],
  Namespace: [['STATUS', (each) => String(field(each, 'status', 'phase'))], age],
  Deployment: [
    [
      'READY',
      (each) => `${number(each, 'status', 'readyReplicas')}/${number(each, 'spec', 'replicas')}`,
    ],
    ['UP-TO-DATE', (each) => number(each, 'status', 'updatedReplicas')],
    ['AVAILABLE', (each) => number(each, 'status', 'availableReplicas')],
    age,
  ],
  StatefulSet: [
    [
      'READY',
      (each) => `${number(each, 'status', 'readyReplicas')}/${number(each, 'spec', 'replicas')}`,
    ],
    age,
  ],
  DaemonSet: [
    ['DESIRED', (each) => number(each, 'status', 'desiredNumberScheduled')],
    ['CURRENT', (each) => number(each, 'status', 'currentNumberScheduled')],
    ['READY', (each) => number(each, 'status', 'numberReady')],
    ['UP-TO-DATE', (each) => number(each, 'status', 'updatedNumberScheduled')],
    ['AVAILABLE', (each) => number(each, 'status', 'numberAvailable')],
    ['NODE SELECTOR', () => '<none>'],
    age,
  ],
  CronJob: [
    ['SCHEDULE', (each) => String(field(each, 'spec', 'schedule'))],
    ['SUSPEND', (each) => (field(each, 'spec', 'suspend') === true ? 'True' : 'False')],
    ['ACTIVE', () => '0'],
    ['LAST SCHEDULE', () => '62s'],
    age,
  ],
  Job: [['COMPLETIONS', () => '1/1'], ['DURATION', () => '8s'], age],
}

function nodeStatus(each: ApiObject): string {
  const conditions = field(each, 'status', 'conditions') as readonly {
    type: string
    status: string
  }[]
  const isReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  const closed = field(each, 'spec', 'unschedulable') === true ? ',SchedulingDisabled' : ''
  return `${isReady ? 'Ready' : 'NotReady'}${closed}`
}

function nodeRoles({ metadata }: ApiObject): string {
  const roles = Object.keys(metadata.labels ?? {})
    .filter((label) => label.startsWith('node-role.kubernetes.io/'))
    .map((label) => label.split('/')[1])
  return roles.join(',') || '<none>'
}

function table(
  kind: ApiKind,
  objects: readonly ApiObject[],
  allNamespaces: boolean,
  hasHeader: boolean,
): string {
  const columns: readonly Column[] = [
    ...(allNamespaces && kind.isNamespaced
      ? ([['NAMESPACE', ({ metadata }: ApiObject) => metadata.namespace ?? '']] as const)
      : []),
    ['NAME', ({ metadata }) => metadata.name],
    ...columnsOf[kind.kind]!,
  ]
  const rows = [
    ...(hasHeader ? [columns.map(([title]) => title)] : []),
    ...objects.map((each) => columns.map(([, cell]) => cell(each))),
  ]
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at]!))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('')
}
