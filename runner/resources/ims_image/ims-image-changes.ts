import type { Change } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'
import { given } from '../service-answers.ts'

type Field = 'exists' | 'path' | 'etag'

interface Wish {
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly arch?: string | undefined
  readonly manifest?: string | undefined
  readonly etag?: string | undefined
  readonly state: 'present' | 'absent'
}
interface Current {
  readonly exists: boolean | null
  readonly id: string | null
  readonly path: string | null
  readonly count: number | null
}

/** What makes an image, gives it its manifest, or deletes it; or why that is refused. */
export function imageChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const repairs = drifted(diff, ['exists', 'path', 'etag'])
  if (wish.state === 'absent') return removed(wish, current)
  return current.exists ? linked(wish, current, repairs) : made(wish, repairs)
}

function removed({ name }: Wish, { id, count }: Current): readonly Change<Field>[] {
  const title = `delete the image ${id} of IMS`
  if (count !== 1)
    return refused(
      title,
      ['exists'],
      `IMS has ${count} images that fit ${name}`,
      'name the `id` of the one that is meant',
    )
  return [
    {
      title,
      repairs: ['exists'],
      effect: 'destroys',
      guard: ['images'],
      actions: [
        {
          do: 'http',
          service: 'ims',
          method: 'DELETE',
          path: `/v3/images/${id}`,
          statuses: [204, 404],
        },
      ],
    },
  ]
}

function linkTo({ manifest, etag }: Wish) {
  return manifest === undefined
    ? undefined
    : given({ path: manifest, etag: etag ?? '', type: 's3' })
}

function made(wish: Wish, repairs: readonly Field[]): readonly Change<Field>[] {
  const { id, name, arch } = wish
  const title = `make the image ${name ?? id} in IMS`
  if (name === undefined || arch === undefined)
    return refused(
      title,
      repairs,
      `IMS has no image ${name ?? id}, and gives the ids of new ones itself`,
      'give `name:` and `arch:` of the image that is to be made',
    )
  return [
    {
      title,
      repairs,
      actions: [
        {
          do: 'http',
          service: 'ims',
          method: 'POST',
          path: '/v3/images',
          body: given({ name, arch, link: linkTo(wish) }),
          statuses: [201],
        },
      ],
    },
  ]
}

// IMS takes a manifest once: what boots from an image must not change under it.
function linked(
  wish: Wish,
  { id, path }: Current,
  repairs: readonly Field[],
): readonly Change<Field>[] {
  const title = `give the image ${id} its manifest`
  if (path !== null)
    return refused(
      title,
      repairs,
      `the image ${id} has the manifest ${path} already, and IMS takes no other`,
      'make an image of another name, or delete this one with `state: absent`',
    )
  return [
    {
      title,
      repairs,
      actions: [
        {
          do: 'http',
          service: 'ims',
          method: 'PATCH',
          path: `/v3/images/${id}`,
          body: given({ link: linkTo(wish) }),
          statuses: [200],
        },
      ],
    },
  ]
}
