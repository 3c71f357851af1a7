import type { Change, HttpAction } from '../../contract/change.ts'
import type { Value, ValueMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'
import { filled, sendable } from './layers.ts'

type Field = 'exists' | 'layers' | 'additional_inventory' | 'description'
const fields: readonly Field[] = ['exists', 'layers', 'additional_inventory', 'description']

interface Wish {
  readonly name: string
  readonly layers?: readonly { readonly [key: string]: unknown }[] | undefined
  readonly additional_inventory?: object | undefined
  readonly description?: string | undefined
  readonly state: 'present' | 'absent'
}
interface Current {
  readonly exists: boolean | null
  readonly description: string | null
  readonly additional_inventory: object | null
}

/** What writes or deletes a configuration; or why that is refused. */
export function configurationChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { name, layers, state } = wish
  const path = `/v3/configurations/${name}`
  if (state === 'absent')
    return [
      {
        title: `delete the configuration ${name}`,
        repairs: ['exists'],
        effect: 'destroys',
        guard: ['configuration'],
        actions: [{ do: 'http', service: 'cfs', method: 'DELETE', path, statuses: [204, 404] }],
      },
    ]
  const repairs = drifted(diff, fields)
  if (layers === undefined)
    return refused(
      `write the configuration ${name}`,
      repairs,
      `the task gives no layers for ${name}`,
      'add `layers:`: CFS writes a configuration as a whole',
    )
  const put: HttpAction = {
    do: 'http',
    service: 'cfs',
    method: 'PUT',
    path,
    body: bodyOf(layers, wish, current),
    statuses: [200],
  }
  if (!current.exists)
    return [{ title: `create the configuration ${name}`, repairs, actions: [put] }]
  return [
    {
      title: `replace the configuration ${name}`,
      repairs,
      effect: 'replaces',
      guard: ['configuration'],
      actions: [put],
    },
  ]
}

/** A PUT replaces all: what the task leaves out is sent as it is. */
function bodyOf(
  layers: readonly { readonly [key: string]: unknown }[],
  { description, additional_inventory }: Wish,
  current: Current,
): ValueMap {
  return {
    layers: layers.map(filled) as readonly Value[],
    ...filled({
      description: description ?? current.description,
      additional_inventory:
        additional_inventory ?? sendable(current.additional_inventory as ValueMap | null),
    }),
  }
}
