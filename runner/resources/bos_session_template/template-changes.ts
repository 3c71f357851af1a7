import type { Change, HttpAction } from '../../contract/change.ts'
import type { ValueMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'
import { writtenSets } from './boot-set.ts'

type Field = 'exists' | 'boot_sets' | 'others' | 'configuration' | 'enable_cfs' | 'description'
const fields: readonly Field[] = [
  'exists',
  'boot_sets',
  'others',
  'configuration',
  'enable_cfs',
  'description',
]

interface Wish {
  readonly name: string
  readonly boot_sets?: { readonly [name: string]: object } | undefined
  readonly cfs?: { readonly configuration?: string | undefined } | undefined
  readonly enable_cfs?: boolean | undefined
  readonly description?: string | undefined
  readonly state: 'present' | 'absent'
}
interface Current {
  readonly exists: boolean | null
  readonly configuration: string | null
  readonly enable_cfs: boolean | null
  readonly description: string | null
}

/** What writes or deletes a template; or why that is refused. */
export function templateChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { name, boot_sets, state } = wish
  const path = `/v2/sessiontemplates/${name}`
  if (state === 'absent')
    return [
      {
        title: `delete the session template ${name}`,
        repairs: ['exists'],
        effect: 'destroys',
        guard: ['template'],
        actions: [{ do: 'http', service: 'bos', method: 'DELETE', path, statuses: [204, 404] }],
      },
    ]
  const repairs = drifted(diff, fields)
  if (boot_sets === undefined)
    return refused(
      `write the session template ${name}`,
      repairs,
      `the task gives no boot sets for ${name}`,
      'add `boot_sets:`: BOS writes a template as a whole',
    )
  const put: HttpAction = {
    do: 'http',
    service: 'bos',
    method: 'PUT',
    path,
    body: { boot_sets: writtenSets(boot_sets), ...restOfBody(wish, current) },
    statuses: [200],
  }
  if (!current.exists)
    return [{ title: `create the session template ${name}`, repairs, actions: [put] }]
  return [
    {
      title: `replace the session template ${name}`,
      repairs,
      effect: 'replaces',
      guard: ['template'],
      actions: [put],
    },
  ]
}

/** A PUT replaces all: what the task leaves out is sent as it is. */
function restOfBody({ cfs, enable_cfs, description }: Wish, current: Current): ValueMap {
  const configuration = cfs?.configuration ?? current.configuration
  const enabled = enable_cfs ?? current.enable_cfs
  const text = description ?? current.description
  return {
    ...(configuration === null ? {} : { cfs: { configuration } }),
    ...(enabled === null ? {} : { enable_cfs: enabled }),
    ...(text === null ? {} : { description: text }),
  }
}
