import type { Change } from '../../contract/change.ts'
import type { Value, ValueMap } from '../../contract/value.ts'
import { refused } from '../refused.ts'
import { given } from '../service-answers.ts'

interface Wish {
  readonly xname: string
  readonly state: 'present' | 'absent'
  readonly class?: string | undefined
  readonly properties?: { readonly [name: string]: Value } | undefined
  readonly recurse: boolean
}
interface Current {
  readonly class: string | null
  readonly properties: ValueMap | null
  readonly children: readonly string[] | null
}
type Field = 'present' | 'class' | 'properties'

/** How an entry of SLS is made, written or removed; or why it is not. */
export function hardwareChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const repairs = Object.keys(diff) as Field[]
  if (wish.state === 'absent') return removal(wish, current)
  if (diff.present) return creation(wish, repairs)
  return [
    {
      title: `write ${wish.xname} in SLS`,
      repairs,
      effect: 'replaces',
      guard: ['entry'],
      actions: [
        {
          do: 'http',
          service: 'sls',
          method: 'PUT',
          path: `/hardware/${wish.xname}`,
          // SLS replaces all properties: those that are not wanted otherwise are sent as they are.
          body: {
            Class: wish.class ?? current.class ?? '',
            ExtraProperties: { ...current.properties, ...wish.properties },
          },
          statuses: [200],
        },
      ],
    },
  ]
}

function creation(wish: Wish, repairs: readonly Field[]): readonly Change<Field>[] {
  const { xname, class: kind, properties } = wish
  const title = `enter ${xname} into SLS`
  if (kind === undefined)
    return refused(
      title,
      repairs,
      `SLS takes no entry of ${xname} without the kind of its cabinet`,
      'add `class: River` for a rack, `Mountain` or `Hill` for a liquid-cooled cabinet',
    )
  return [
    {
      title,
      repairs,
      actions: [
        {
          do: 'http',
          service: 'sls',
          method: 'POST',
          path: '/hardware',
          body: given({ Xname: xname, Class: kind, ExtraProperties: properties }),
          statuses: [201],
        },
      ],
    },
  ]
}

// SLS removes all that lies below an entry with it, and says nothing of it.
function removal({ xname, recurse }: Wish, current: Current): readonly Change<Field>[] {
  const children = current.children ?? []
  const title =
    children.length > 0
      ? `remove ${xname} and all below it from SLS: ${children.join(', ')}`
      : `remove ${xname} from SLS`
  if (children.length > 0 && !recurse)
    return refused(
      title,
      ['present'],
      `SLS would remove what lies below ${xname} with it: ${children.join(', ')}`,
      'remove those first, or add `recurse: true` to remove all of it',
    )
  return [
    {
      title,
      repairs: ['present'],
      effect: 'destroys',
      guard: ['entry'],
      actions: [
        {
          do: 'http',
          service: 'sls',
          method: 'DELETE',
          path: `/hardware/${xname}`,
          statuses: [200, 404],
        },
      ],
    },
  ]
}
