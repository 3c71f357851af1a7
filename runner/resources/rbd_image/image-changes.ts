import { exec, type Change } from '../../contract/change.ts'
import { sizeText } from '../../text/size.ts'
import { drifted } from '../attributes.ts'
import { cephUser } from '../rbd.ts'
import { refused } from '../refused.ts'

/** Sizes of images are whole numbers of these bytes. */
export const mebi = 2 ** 20
/** What rbd gives an image by itself; the kernels of older hosts do not know the last three. */
export const usualFeatures = [
  'layering',
  'exclusive-lock',
  'object-map',
  'fast-diff',
  'deep-flatten',
]

type Field = 'exists' | 'size' | 'features'
const fields: readonly Field[] = ['exists', 'size', 'features']

interface Wish {
  readonly pool: string
  readonly name: string
  readonly size?: number | undefined
  readonly disable_features?: readonly string[] | undefined
  readonly id?: string | undefined
  readonly keyring?: string | undefined
  readonly state: 'present' | 'absent'
}
interface Current {
  readonly size: number | null
  readonly snapshots: number | null
  readonly watchers: readonly string[] | null
}
interface Differences {
  readonly exists?: unknown
  readonly size?: unknown
  readonly features?: { readonly to: unknown }
}

/** What makes, changes or removes an image; or why that is refused. */
export function imageChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  if (wish.state === 'absent') return removal(diff, wish, current)
  return diff.exists ? [...creation(diff, wish)] : adjusting(diff, wish, current)
}

function specOf({ pool, name }: Wish): string {
  return `${pool}/${name}`
}

function removal(
  diff: Differences,
  wish: Wish,
  { watchers, snapshots }: Current,
): readonly Change<Field>[] {
  const spec = specOf(wish)
  const title = `remove the image ${spec} and all that it holds`
  if (watchers?.length)
    return refused(
      title,
      drifted(diff, fields),
      `${spec} is open at ${watchers.join(', ')}`,
      'unmount and unmap it there in a task before this one',
    )
  if (snapshots)
    return refused(
      title,
      drifted(diff, fields),
      `${spec} has ${snapshots} snapshots`,
      `look at them with \`rbd snap ls ${spec}\`, and remove them by hand if they may go`,
    )
  return [
    {
      title,
      repairs: ['exists'],
      effect: 'destroys',
      guard: ['status'],
      actions: [exec(['rbd', 'rm', ...cephUser(wish), '--no-progress', spec], { timeout: 3600 })],
    },
  ]
}

function creation(diff: Differences, wish: Wish): readonly Change<Field>[] {
  const { size, disable_features } = wish
  const spec = specOf(wish)
  if (size === undefined)
    return refused(
      `create the image ${spec}`,
      drifted(diff, fields),
      `the image ${spec} does not exist, and the task gives no size`,
      'add `size:`',
    )
  const features =
    disable_features &&
    usualFeatures.filter((feature) => !disable_features.some((off) => off === feature))
  const words = [
    ...cephUser(wish),
    '--size',
    `${size / mebi}M`,
    ...(features ? ['--image-feature', features.join(',')] : []),
  ]
  return [
    {
      title: `create the image ${spec} of ${sizeText(size)}`,
      repairs: drifted(diff, fields),
      actions: [exec(['rbd', 'create', ...words, spec], { timeout: 120 })],
    },
  ]
}

function adjusting(diff: Differences, wish: Wish, current: Current): readonly Change<Field>[] {
  const { size } = wish
  const spec = specOf(wish)
  const user = cephUser(wish)
  if (diff.size && size! < current.size!)
    return refused(
      `resize ${spec}`,
      drifted(diff, fields),
      `${spec} has ${sizeText(current.size!)}, and making it smaller destroys what lies behind ${sizeText(size!)}`,
      `write \`size: ${sizeText(current.size!)}\``,
    )
  const off = Object.keys(diff.features?.to ?? {})
  const switchOff: Change<Field> = {
    title: `switch ${off.join(', ')} of ${spec} off`,
    repairs: ['features'],
    actions: [exec(['rbd', 'feature', 'disable', ...user, spec, ...off], { timeout: 120 })],
  }
  if (!diff.size) return off.length > 0 ? [switchOff] : []
  const grow: Change<Field> = {
    title: `let ${spec} grow to ${sizeText(size!)}`,
    repairs: ['size'],
    actions: [
      exec(['rbd', 'resize', ...user, '--no-progress', '--size', `${size! / mebi}M`, spec], {
        timeout: 120,
      }),
    ],
  }
  return [...(off.length > 0 ? [switchOff] : []), grow]
}
