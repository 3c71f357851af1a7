import { exec, type Change } from '../../contract/change.ts'
import type { Asker } from '../ceph-answers.ts'
import { cephUser } from '../rbd.ts'
import { refused } from '../refused.ts'

type Field = 'exists' | 'enabled' | 'size'

interface Wish extends Asker {
  readonly name: string
  readonly application?: string | undefined
  readonly size?: number | undefined
  readonly pg_num?: number | undefined
  readonly with_data: boolean
  readonly state: 'present' | 'absent'
}

/** What makes, sets or removes a pool; or why that is refused. */
export function poolChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  { objects, size: copies }: { readonly objects: number | null; readonly size: number | null },
): readonly Change<Field>[] {
  const { name, application, size, pg_num } = wish
  const pool = (...words: readonly string[]) =>
    exec(['ceph', ...cephUser(wish), 'osd', 'pool', ...words], { timeout: 120 })
  if (wish.state === 'absent') return removed(wish, objects, pool)
  const changes: Change<Field>[] = []
  if (diff.exists)
    changes.push({
      title: `make the pool ${name}`,
      repairs: ['exists'],
      actions: [pool('create', name, ...(pg_num === undefined ? [] : [String(pg_num)]))],
    })
  if (diff.enabled && application !== undefined)
    changes.push({
      title: `let ${application} use the pool ${name}`,
      repairs: ['enabled'],
      actions: [pool('application', 'enable', name, application)],
    })
  if (diff.size && size !== undefined) {
    const title = `keep ${size} copies in the pool ${name}`
    // Fewer copies lose nothing yet, and one is a loss with the next disk.
    if (size === 1)
      return refused(
        title,
        Object.keys(diff) as Field[],
        `one copy of each object of ${name} is lost with the first disk that fails`,
        'keep two or three; ceph asks for its own confirmation of one',
      )
    const change: Change<'size'> = {
      title,
      repairs: ['size'],
      actions: [pool('set', name, 'size', String(size))],
    }
    changes.push(copies === null ? change : { ...change, effect: 'replaces', guard: ['pools'] })
  }
  return changes
}

function removed(
  { name, with_data }: Wish,
  objects: number | null,
  pool: (...words: readonly string[]) => ReturnType<typeof exec>,
): readonly Change<Field>[] {
  const title = `remove the pool ${name}`
  if (objects === null && !with_data)
    return refused(
      title,
      ['exists'],
      `ceph does not say how many objects the pool ${name} holds`,
      'look at it with `ceph df`; `with_data: true` removes it whatever it holds',
    )
  if (objects !== 0 && !with_data)
    return refused(
      title,
      ['exists'],
      `the pool ${name} holds ${objects} objects`,
      'empty it first; `with_data: true` removes it with them',
    )
  return [
    {
      title: with_data ? `${title} with its ${objects ?? 'unknown'} objects` : title,
      repairs: ['exists'],
      effect: 'destroys',
      guard: with_data ? ['pools'] : ['pools', 'content'],
      actions: [pool('rm', name, name, '--yes-i-really-really-mean-it')],
    },
  ]
}
