import type { Change } from '../../contract/change.ts'
import { Secret } from '../../contract/secret.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'
import { dataWith } from './entry-data.ts'

type Field = 'exists' | 'values'

interface Wish {
  readonly mount: string
  readonly path: string
  readonly values?: { readonly [key: string]: Secret } | undefined
  readonly state: 'present' | 'absent'
}
interface Current {
  readonly exists: boolean | null
  readonly data: Secret | null
  readonly engine: number | null
  readonly version: number | null
}

/** What writes or deletes an entry of Vault; or why that is refused. */
export function entryChanges(
  diff: { readonly [F in Field]?: unknown },
  { mount, path, values, state }: Wish,
  { exists, data, engine, version }: Current,
): readonly Change<Field>[] {
  const called = `${mount}/${path}`
  const route = `/${mount}/${engine === 2 ? 'data/' : ''}${path}`
  if (state === 'absent')
    return [
      {
        title: `delete ${called} of Vault`,
        repairs: ['exists'],
        effect: 'destroys',
        guard: ['entry'],
        actions: [{ do: 'http', service: 'vault', method: 'DELETE', path: route, statuses: [204] }],
      },
    ]
  const title = `set ${Object.keys(values ?? {}).join(', ') || 'nothing'} of ${called} in Vault`
  const repairs = drifted(diff, ['exists', 'values'])
  if (values === undefined || Object.keys(values).length === 0)
    return refused(
      title,
      repairs,
      `Vault has nothing at ${called}, and the task gives no values for it`,
      'add `values:`, or use `require`',
    )
  const whole = dataWith(exists ? data : null, values)
  const action = {
    do: 'http' as const,
    service: 'vault',
    method: 'POST' as const,
    path: route,
    headers: { 'content-type': 'application/json' },
    // An engine with versions refuses the write where another user has written meanwhile.
    text:
      engine === 2
        ? Secret.compose(['{"data":', whole, `,"options":{"cas":${version ?? 0}}}`])
        : whole,
    statuses: [200, 204],
  }
  return exists
    ? [{ title, repairs, effect: 'replaces', guard: ['entry'], actions: [action] }]
    : [{ title, repairs, actions: [action] }]
}
