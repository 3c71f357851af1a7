import { exec, type Change } from '../../contract/change.ts'
import { cephUser } from '../rbd.ts'
import { refused } from '../refused.ts'

interface Wish {
  readonly id?: string | undefined
  readonly keyring?: string | undefined
  readonly pool: string
  readonly image: string
  readonly state: 'present' | 'absent'
  readonly exclusive: boolean
}
interface Current {
  readonly devices: readonly string[] | null
  readonly watchers: readonly string[] | null
}

/** What maps an image or unmaps it; or why that is refused. */
export function mapChanges(
  _diff: object,
  wish: Wish,
  current: Current,
): readonly Change<'mapped'>[] {
  const { pool, image, state, exclusive } = wish
  const spec = `${pool}/${image}`
  const repairs = ['mapped'] as const
  const [devices, watchers] = [current.devices ?? [], current.watchers ?? []]
  if (state === 'absent')
    return [
      {
        title: `unmap ${spec} from ${devices.join(' and ')}`,
        repairs,
        effect: 'replaces',
        guard: ['mapped'],
        actions: devices.map((device) => exec(['rbd', 'unmap', device])),
      },
    ]
  if (devices.length > 1)
    return refused(
      `map ${spec} once`,
      repairs,
      `${spec} is mapped ${devices.length} times: ${devices.join(', ')}`,
      'a write through one destroys what the other holds: find out which is mounted, and unmap the rest by hand',
    )
  if (watchers.length > 0)
    return refused(
      `map ${spec}`,
      repairs,
      `${spec} is open at ${watchers.join(', ')}, and a file system on two hosts is lost`,
      'give each host an image of its own; a host that died lets go after half a minute',
    )
  const options = exclusive ? ['-o', 'exclusive'] : []
  const map = exec(['rbd', 'map', ...options, ...cephUser(wish), spec], {
    name: 'map',
    timeout: 120,
  })
  return [
    {
      title: `map ${spec}`,
      repairs,
      effect: 'replaces',
      guard: ['mapped', 'status'],
      actions: [map],
    },
  ]
}
