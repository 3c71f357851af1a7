import { exec, type Action, type Change } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { lineChange, wantedLine } from './fstab.ts'
import { bareOptions, isBind } from './mount-options.ts'
import { refusalOf, type Current, type Wish } from './refusal.ts'

type Field = 'source' | 'times' | 'mode' | 'options' | 'line'
type Differences = { readonly [F in Field]?: unknown }

interface WholeWish extends Wish {
  readonly mode?: string | undefined
  readonly passno?: number | undefined
}
interface WholeCurrent extends Current {
  readonly times: number | null
  /** The path without links. */
  readonly real: string | null
  readonly line: string | null
  /** The text of /etc/fstab. */
  readonly table: string | null
}

/** What mounts or unmounts, or changes what is mounted; or why that is refused. */
export function mountChanges(
  diff: Differences,
  wish: WholeWish,
  current: WholeCurrent,
): readonly Change<Field>[] {
  // The line comes last: a place that cannot be mounted now would keep the next boot waiting.
  return [...nowChanges(diff, wish, current), ...(diff.line ? [lineOf(wish, current)] : [])]
}

function lineOf(wish: WholeWish, { table, line }: WholeCurrent): Change<Field> {
  return lineChange(wish, table, wantedLine(wish, line))
}

/** What changes the mounts of now. */
function nowChanges(
  diff: Differences,
  wish: WholeWish,
  current: WholeCurrent,
): readonly Change<Field>[] {
  if (!diff.source && !diff.times) return adjusting(diff, wish, current)
  const { path, src, state } = wish
  const isUnmounted = state === 'unmounted' || !diff.source
  const title = isUnmounted ? `unmount ${path}` : `mount ${src ?? 'something'} at ${path}`
  const refusal = refusalOf(wish, current, !diff.source)
  if (refusal)
    return [
      {
        title,
        repairs: drifted(diff, ['source', 'times', 'mode', 'options']),
        actions: [refusal],
      },
    ]
  return [
    isUnmounted ? unmounting(title, diff, wish, current) : mounting(title, diff, wish, current),
  ]
}

/** Options and mode of what is mounted already. */
function adjusting(
  diff: Differences,
  { path, opts, mode }: WholeWish,
  { real }: WholeCurrent,
): readonly Change<Field>[] {
  const options = ['remount', ...(isBind(opts) ? ['bind'] : []), ...bareOptions(opts)].join(',')
  const remount: Change<Field> = {
    title: `remount ${path} with ${opts}`,
    repairs: ['options'],
    actions: [exec(['mount', '-o', options, real!], { byName: [real!] })],
  }
  const chmod: Change<Field> = {
    title: `set the mode of ${path} to ${mode}`,
    repairs: ['mode'],
    actions: [{ do: 'attributes', path: real!, mode }],
  }
  return [...(diff.options ? [remount] : []), ...(diff.mode ? [chmod] : [])]
}

function busyGuard({ busy }: WholeCurrent): readonly string[] {
  return busy === null ? [] : ['busy']
}

function unmounting(
  title: string,
  diff: Differences,
  { state }: WholeWish,
  current: WholeCurrent,
): Change<Field> {
  const stays = state === 'unmounted' ? 0 : 1
  const unmounts = Array.from({ length: current.times! - stays }, () =>
    exec(['umount', current.real!], { byName: [current.real!] }),
  )
  return {
    title: unmounts.length > 1 ? `${title} ${unmounts.length} times` : title,
    repairs: drifted(diff, ['source', 'times']),
    effect: 'replaces',
    guard: ['here', ...busyGuard(current)],
    actions: unmounts,
  }
}

function mounting(
  title: string,
  diff: Differences,
  wish: WholeWish,
  current: WholeCurrent,
): Change<Field> {
  const actions = mountActions(wish, current)
  const repairs = drifted(diff, ['source', 'times', 'mode', 'options'])
  // What is hidden on purpose may come and go; a folder that was empty must still be.
  if (current.covers?.length)
    return {
      title,
      repairs,
      actions,
      effect: 'replaces',
      guard: ['here', ...busyGuard(current)],
    }
  const covers = current.covers === null ? [] : ['covers']
  return { title, repairs, actions, guard: ['here', ...busyGuard(current), ...covers] }
}

function mountActions(
  { path, src, fstype, opts, mode }: WholeWish,
  { path_kind }: WholeCurrent,
): readonly Action[] {
  const bind = isBind(opts)
  const options = bareOptions(opts)
  const kind = bind ? ['--bind'] : fstype === undefined ? [] : ['-t', fstype]
  const act = exec(
    ['mount', ...kind, ...(options.length > 0 ? ['-o', options.join(',')] : []), src!, path],
    // The path is walked by its name once more, and so is what is mounted there.
    { timeout: 180, byName: src!.startsWith('/') ? [src!, path] : [path] },
  )
  const folder: readonly Action[] =
    path_kind === null ? [{ do: 'attributes', path, make: true }] : []
  // A folder gets its mode before it is bound: /tmp is at no moment closed to others.
  const chmod: readonly Action[] =
    mode === undefined ? [] : [{ do: 'attributes', path: bind ? src! : path, mode }]
  return bind ? [...folder, ...chmod, act] : [...folder, act, ...chmod]
}
