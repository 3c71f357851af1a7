import { exec, type Change, type ExecAction } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'

type Field = 'exists' | 'running' | 'enabled' | 'masked' | 'stale' | 'invocation' | 'changed_at'
const fields: readonly Field[] = [
  'exists',
  'running',
  'enabled',
  'masked',
  'stale',
  'invocation',
  'changed_at',
]
/** Unit files that name nothing which would want them at boot. */
const withoutBoot = ['static', 'generated', 'transient', 'indirect']

interface Wish {
  readonly name: string
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
}
interface Current {
  readonly running: boolean | null
  readonly unit_file_state: string | null
}
type Differences = { readonly [F in Field]?: unknown }

/** What brings a unit to its state, in the order in which systemd takes it; or why that is refused. */
export function serviceChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { name, enabled } = wish
  if (diff.exists)
    return refused(
      `find the unit ${name}`,
      drifted(diff, fields),
      `the unit ${name} does not exist`,
      'ensure the package that brings it in a task before this one',
    )
  if (diff.enabled && enabled && withoutBoot.includes(current.unit_file_state!))
    return refused(
      `enable ${name}`,
      drifted(diff, fields),
      `${name} is ${current.unit_file_state}: it has no place in the boot of its own`,
      'enable the unit that wants it, or leave `enabled` out',
    )
  return [
    ...reload(diff),
    ...(wish.masked ? [] : masking(diff, wish)),
    ...enabling(diff, wish),
    ...running(diff, wish, current),
    ...(wish.masked ? masking(diff, wish) : []),
  ]
}

function unit(verb: string, { name }: Wish): ExecAction {
  return exec(['systemctl', verb, '--', name])
}

function reload(diff: Differences): readonly Change<Field>[] {
  if (!diff.stale) return []
  return [
    {
      title: 'have systemd read its units again',
      repairs: ['stale'],
      actions: [exec(['systemctl', 'daemon-reload'])],
    },
  ]
}

function masking(diff: Differences, wish: Wish): readonly Change<Field>[] {
  if (!diff.masked) return []
  const verb = wish.masked ? 'mask' : 'unmask'
  return [{ title: `${verb} ${wish.name}`, repairs: ['masked'], actions: [unit(verb, wish)] }]
}

function enabling(diff: Differences, wish: Wish): readonly Change<Field>[] {
  if (!diff.enabled) return []
  const verb = wish.enabled ? 'enable' : 'disable'
  return [{ title: `${verb} ${wish.name}`, repairs: ['enabled'], actions: [unit(verb, wish)] }]
}

function running(diff: Differences, wish: Wish, current: Current): readonly Change<Field>[] {
  const repairs = drifted(diff, ['running', 'invocation', 'changed_at'])
  if (repairs.length === 0) return []
  const verb = verbOf(wish, current)
  return [{ title: `${verb} ${wish.name}`, repairs, actions: [unit(verb, wish)] }]
}

function verbOf({ state }: Wish, current: Current): string {
  if (state === 'stopped') return 'stop'
  if (state === 'restarted') return 'restart'
  return state === 'reloaded' && current.running ? 'reload' : 'start'
}
