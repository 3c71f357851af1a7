import { parseXname } from '../../text/xname.ts'
import { shellWords } from '../../text/shell-word.ts'
import type { EnsureTask, Task } from '../../model/playbook.ts'
import type {
  Action,
  AttributesAction,
  Change,
  Effect,
  RefuseAction,
} from '../../contract/change.ts'
import { isWhereTheRunIs } from '../../model/host.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { Secret } from '../../contract/secret.ts'
import type { Guard, WorldAction } from '../../model/session.ts'
import type { Probe } from '../../contract/probe.ts'
import type { Draft, Drifted, Rendered, Segment, Where } from '../model.ts'
import { defect, fittedAction } from './task-keywords.ts'
import { route } from './where.ts'

/** What a type would do about a diff. Throws DiagnosticError when the type leaves drift unrepaired. */
export function draftOf(task: EnsureTask, judged: Drifted, params: Rendered): Draft {
  const { type } = task
  const { diff } = judged
  const drafted = type.change(diff, params, judged.state)
  const changes = drafted.map(withoutMendable)
  const repaired = new Set(changes.flatMap((change) => change.repairs))
  const left = Object.keys(diff).filter((field) => !repaired.has(field))
  if (left.length > 0) throw defect(task, `no change repairs ${left.join(', ')}`)
  for (const change of changes) {
    const unknown = (change.guard ?? []).filter((name) => !judged.asked.has(name))
    if (unknown.length > 0)
      throw defect(
        task,
        `the change "${change.title}" is guarded by ${unknown.join(', ')}, which is not a probe of this task`,
      )
  }
  const actions = changes.flatMap((change) => change.actions)
  const boots = changes.some((change) => change.kind === 'boot' && bootsHost(change, judged.where))
  const refusal =
    drafted.flatMap((change) => change.actions).find((action) => action.do === 'refuse') ??
    (boots && isThisMachine(judged.where) ? ownBoot : null)
  const waits = actions.filter((action) => action.do === 'await')
  if (waits.length > 0 && !type.settle) throw defect(task, 'it waits, and has no settle')
  if (actions.length === 0) throw defect(task, 'its changes have no actions')
  return {
    changes,
    refusal,
    awaits: waits.length === actions.length ? waits[0]!.why : null,
    effect: worstOf(changes),
    boots,
    labels: changes.map((change) => ({
      title: change.title,
      effect: change.effect ?? 'none',
      actions: change.actions.map(actionText),
    })),
  }
}

/** The change as it will be once a task before it has taken away the reason of its refusal. */
function withoutMendable(change: Change): Change {
  const actions = change.actions.filter((action) => action.do !== 'refuse' || !action.mendable)
  return { ...change, actions }
}

function worstOf(changes: readonly Change[]): Effect | 'none' {
  const effects = changes.map((change) => change.effect)
  return effects.includes('destroys')
    ? 'destroys'
    : effects.includes('replaces')
      ? 'replaces'
      : 'none'
}

/** Whether a boot is one of the task's own host: a play on a management node may boot others by their xnames. */
function bootsHost({ boots }: Change, where: Where): boolean {
  if (boots === undefined || !('host' in where.endpoint)) return true
  const { name } = where.endpoint.host
  if (boots.includes(parseXname(name)?.xname ?? name)) return true
  // A host of another name may be one of them all the same; the machine of the run itself is a management node.
  return parseXname(name) === null && !isThisMachine(where)
}

const ownBoot: RefuseAction = {
  do: 'refuse',
  because: 'this is the machine that the run itself is on: the boot would end it',
  instead: 'reboot it by hand, or run the playbook from another machine',
}

function isThisMachine({ endpoint }: Where): boolean {
  return 'host' in endpoint && isWhereTheRunIs(endpoint.host)
}

/** The error of a refusal. */
export function refusalError(task: Task, refusal: RefuseAction, host: string): DiagnosticError {
  return new DiagnosticError({
    code: 'run/refused',
    message: refusal.because,
    at: task.at,
    hint: refusal.instead,
    host,
  })
}

/** The changes as exchanges: as few as the connections and the guards allow. */
export function segmentsOf(
  task: Task,
  judged: Drifted,
  changes: readonly Change[],
): readonly Segment[] {
  const segments: {
    where: Where
    guards: Guard[]
    remote: { where: Where; guard: Guard; key: string }[]
    actions: WorldAction[]
  }[] = []
  for (const change of changes) {
    const guards = (change.guard ?? []).map((name) => judged.asked.get(name)!)
    let isFirst = true
    for (const action of change.actions) {
      if (action.do === 'await' || action.do === 'refuse') continue
      const where = route(action, judged.where)
      const open = segments.at(-1)
      // A guard must be held against the state just before its own change, so it begins an exchange of its own.
      const joins =
        open !== undefined &&
        open.where.session === where.session &&
        !(isFirst && guards.length > 0)
      const segment = joins ? open : { where, guards: [], remote: [], actions: [] }
      if (!joins) segments.push(segment)
      if (isFirst) {
        for (const { probe, answered, where: at, key } of guards) {
          const guard = { probe, expected: answered }
          if (at.session === where.session) segment.guards.push(guard)
          else segment.remote.push({ where: at, guard, key })
        }
      }
      segment.actions.push(fittedAction(identified(action, judged), task, judged.environment))
      isFirst = false
    }
  }
  return segments
}

/** The action with the very file or folder that its probe saw. */
function identified<A extends Action>(action: A, judged: Drifted): A {
  if ((action.do !== 'attributes' && action.do !== 'remove') || action.seenBy === undefined)
    return action
  const answered = judged.asked.get(action.seenBy)?.answered
  return answered && 'inode' in answered
    ? { ...action, inode: `${answered.device}:${answered.inode}` }
    : action
}

/** A probe in one line. */
export function probeText(probe: Probe): string {
  if (probe.read === 'exec') return probe.shown ?? `\`${probe.argv.join(' ')}\``
  return probe.read === 'http'
    ? `${probe.method ?? 'GET'} ${probe.service ?? ''}${probe.path}`
    : probe.path
}

function attributesText({ path, owner, group, mode, make }: AttributesAction): string {
  const owners = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
  return [
    ...(make ? [`mkdir -p ${path}`] : []),
    ...(owners === '' ? [] : [`chown ${owners} ${path}`]),
    ...(mode === undefined ? [] : [`chmod ${mode} ${path}`]),
  ].join('; ')
}

/** An action in one line, without secrets. */
export function actionText(action: Action): string {
  switch (action.do) {
    case 'exec':
      return action.shown ?? shellWords(action.argv)
    case 'write':
      return `write ${action.path}${action.content instanceof Secret ? ` (${String(action.content)})` : ''}`
    case 'upload':
      return `upload ${action.source.path} to ${action.path}`
    case 'produce':
      return action.shown
    case 'unpack':
      return `unpack ${action.path} in ${action.folder}`
    case 'attributes':
      return attributesText(action)
    case 'link':
      return `link ${action.path} to ${action.target}`
    case 'fetch':
      return `fetch ${action.path} to ${action.folder}/${action.to}`
    case 'remove':
      return `remove ${action.path}${action.recursive ? ' and all in it' : ''}`
    case 'http':
      return `${action.method} ${action.service ? `${action.service}:` : ''}${action.path}`
    case 'await':
      return `wait: ${action.why}`
    case 'refuse':
      return `refuse: ${action.because}`
  }
}
