import type { Diagnostic } from '../../model/diagnostic.ts'
import type { TypeFile } from './type-files.ts'
import { placeOf } from './type-places.ts'
import { isMap } from '../../contract/value.ts'

const functions = ['probe', 'observe', 'desire', 'change', 'act'] as const

const known = [
  'name',
  'summary',
  'source',
  'params',
  'state',
  'shows',
  'events',
  'settle',
  'boots',
  'destroys',
  ...functions,
]

type MakeFault = (message: string, hint: string, near?: string | RegExp | null) => Diagnostic

/** What a default export lacks to be a type. */
export function faultsOf(found: unknown, { file, text }: TypeFile): readonly Diagnostic[] {
  const fault: MakeFault = (message, hint, near = null) => ({
    code: 'type/export',
    message,
    at: placeOf(file, text, near),
    hint,
  })
  if (!isMap(found))
    return [
      fault(
        'the module exports no type',
        'write export default defineResource({ name, summary, params, state, probe, observe })',
      ),
    ]
  const type = found as unknown as Record<string, unknown>
  return [
    ...keyFaults(type, fault),
    ...textFaults(type, fault),
    ...functionFaults(type, fault),
    ...schemaFaults(type, fault),
  ]
}

function keyFaults(type: Record<string, unknown>, fault: MakeFault): readonly Diagnostic[] {
  return Object.keys(type)
    .filter((key) => !known.includes(key))
    .map((key) =>
      fault(`a type has no '${key}'`, `known are: ${known.join(', ')}`, new RegExp(`\\b${key}\\b`)),
    )
}

function textFaults(type: Record<string, unknown>, fault: MakeFault): readonly Diagnostic[] {
  const faults = (['name', 'summary'] as const)
    .filter((key) => typeof type[key] !== 'string' || type[key] === '')
    .map((key) =>
      fault(`its ${key} is not a string`, `add ${key}: '…'`, new RegExp(`\\b${key}\\s*:`)),
    )
  const { name } = type
  if (typeof name === 'string' && !/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?$/.test(name))
    faults.push(
      fault(
        `'${name}' cannot be the name of a type`,
        'small letters, digits and _, with one dot where it is of your site: site.motd',
        name,
      ),
    )
  return faults
}

function functionFaults(type: Record<string, unknown>, fault: MakeFault): readonly Diagnostic[] {
  const faults: Diagnostic[] = []
  for (const key of functions) {
    const isWrong =
      type[key] === undefined
        ? key === 'probe' || key === 'observe'
        : typeof type[key] !== 'function'
    if (isWrong)
      faults.push(
        fault(
          `its ${key} is not a function`,
          key === 'probe'
            ? "add probe: (params) => ({ file: text('/etc/motd') })"
            : `add ${key}: (…) => …`,
          new RegExp(`\\b${key}\\b`),
        ),
      )
  }
  if (type['change'] !== undefined && type['desire'] === undefined)
    faults.push(
      fault(
        'it changes something, and nothing is wanted',
        'add desire: (params) => ({ … })',
        /\bchange\b/,
      ),
    )
  return faults
}

function schemaFaults(type: Record<string, unknown>, fault: MakeFault): readonly Diagnostic[] {
  const params = type['params'] as
    { readonly type?: unknown; readonly properties?: unknown } | undefined
  if (!isMap(params) || params['type'] !== 'object' || !isMap(params['properties']))
    return [
      fault(
        'its params are not a schema',
        "add params: { type: 'object', required: [], properties: {} }",
        /\bparams\b/,
      ),
    ]
  if (!isMap(type['state']))
    return [
      fault(
        'its state is not a map of fields',
        "add state: { field: { type: 'string', description: '…' } }",
        /\bstate\b/,
      ),
    ]
  const { destroys } = type
  if (destroys !== undefined && destroys !== true && !Array.isArray(destroys))
    return [
      fault(
        'its destroys is neither true nor a list',
        "write destroys: true, or the values of its param `state` that destroy: ['absent']",
        /\bdestroys\b/,
      ),
    ]
  const described = [...Object.entries(params['properties']), ...Object.entries(type['state'])]
  const vague = described.filter(
    ([, each]) =>
      !isMap(each) || typeof each['type'] !== 'string' || typeof each['description'] !== 'string',
  )
  const identified = Object.values(params['properties']).some(
    (each) => isMap(each) && each['identity'] === true,
  )
  return [
    ...vague.map(([name]) =>
      fault(
        `'${name}' has no type or no description`,
        `write ${name}: { type: 'string', description: '…' }`,
        new RegExp(`\\b${name}\\b`),
      ),
    ),
    ...(identified
      ? []
      : [
          fault(
            'no param says which thing is meant',
            'mark those that do with identity: true: they are enough for `read`',
            /\bproperties\b/,
          ),
        ]),
  ]
}
