import { randomUUID } from 'node:crypto'
import { parseXname } from '../../../runner/text/xname.ts'
import { normalized } from '../hsm/components.ts'
import { mapOf, refused } from '../problems.ts'
import { json, parsed, type Asked, type Reply, type Route } from '../route.ts'
import type { Component, System } from '../system.ts'

const source = 'hms-power-control:internal/domain/transitions.go'

/** What PCS can be asked to do, and how it writes that. */
export const operations = {
  on: 'On',
  off: 'Off',
  'soft-off': 'Soft-Off',
  'soft-restart': 'Soft-Restart',
  'hard-restart': 'Hard-Restart',
  init: 'Init',
  'force-off': 'Force-Off',
} as const
/** One of them. */
export type Operation = keyof typeof operations

/** What a transition does to one node. */
export interface Task {
  readonly xname: string
  taskStatus: 'new' | 'in-progress' | 'failed' | 'succeeded' | 'unsupported'
  taskStatusDescription: string
  error?: string
}
/** A transition as the lab remembers it. */
export interface Transition {
  readonly id: string
  readonly operation: Operation
  readonly at: number
  readonly deadline: number
  status: 'new' | 'in-progress' | 'completed'
  readonly tasks: readonly Task[]
}

// PCS forgets what is over for a day.
const lifetime = 86_400_000

/** What PCS does, and what became of it. */
export const transitionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/transitions',
    source,
    answer: (_asked, system) =>
      json(200, { transitions: kept(system).map((each) => summary(each)) }),
  },
  { method: 'POST', path: '/transitions', source, answer: create },
  { method: 'GET', path: '/transitions/:id', source, answer: describe },
]

function kept(system: System): readonly Transition[] {
  for (const [id, { at }] of system.transitions)
    if (system.now() - at >= lifetime) system.transitions.delete(id)
  return [...system.transitions.values()]
}

function create(asked: Asked, system: System): Reply {
  const body = mapOf(parsed(asked.body))
  if (!body) return refused(400, 'Bad Request', 'error decoding JSON')
  const operation = String(body['operation'] ?? '').toLowerCase()
  if (!isOperation(operation))
    return refused(400, 'Bad Request', `invalid operation: ${String(body['operation'] ?? '')}`)
  const location = body['location']
  const names = Array.isArray(location)
    ? location.map((each) => String(mapOf(each)?.['xname'] ?? ''))
    : []
  if (names.length === 0) return refused(400, 'Bad Request', 'missing required location')
  const bad = names.filter((name) => !parseXname(name))
  if (bad.length > 0)
    return refused(400, 'Bad Request', `invalid xnames detected: ${bad.join(' ')}`)
  const minutes = body['taskDeadlineMinutes']
  const transition = startTransition(
    system,
    operation,
    names.map(normalized),
    system.now(),
    typeof minutes === 'number' ? minutes : 5,
  )
  return json(200, { transitionID: transition.id, operation: operations[operation] })
}

function isOperation(text: string): text is Operation {
  return Object.hasOwn(operations, text)
}

function describe(asked: Asked, system: System): Reply {
  const found = kept(system).find((each) => each.id === asked.params['id'])
  return found
    ? json(200, { ...summary(found), tasks: found.tasks })
    : refused(404, 'Not Found', 'transitionID not found')
}

function summary(transition: Transition): Record<string, unknown> {
  const count = (status: Task['taskStatus']): number =>
    transition.tasks.filter((task) => task.taskStatus === status).length
  return {
    transitionID: transition.id,
    operation: operations[transition.operation],
    createTime: new Date(transition.at).toISOString(),
    automaticExpirationTime: new Date(transition.at + lifetime).toISOString(),
    transitionStatus: transition.status,
    taskCounts: {
      total: transition.tasks.length,
      new: count('new'),
      'in-progress': count('in-progress'),
      failed: count('failed'),
      succeeded: count('succeeded'),
      'un-supported': count('unsupported'),
    },
  }
}

/** Begins a transition; whoever asks, PCS itself or BOS, the nodes are reserved in HSM until it is over. */
export function startTransition(
  system: System,
  operation: Operation,
  xnames: readonly string[],
  at: number,
  deadline = 5,
): Transition {
  const transition: Transition = {
    id: randomUUID(),
    operation,
    at,
    deadline,
    status: 'new',
    tasks: xnames.map((xname) => ({
      xname,
      taskStatus: 'new',
      taskStatusDescription: 'Gathering data',
    })),
  }
  system.transitions.set(transition.id, transition)
  const {
    agenda,
    durations: { pcsSwitch },
  } = system
  agenda.at(at + pcsSwitch / 4, (began) => {
    transition.status = 'in-progress'
    for (const task of transition.tasks) begin(system, task)
    const steps = stepsOf(operation)
    const next = (due: number, i: number): void =>
      agenda.at(due, async (then) => {
        for (const task of transition.tasks)
          if (task.taskStatus === 'in-progress')
            await act(system, task, steps[i]!, i === steps.length - 1)
        if (i + 1 < steps.length) return next(then + pcsSwitch, i + 1)
        transition.status = 'completed'
      })
    next(began + pcsSwitch, 0)
  })
  return transition
}

function stepsOf(operation: Operation): readonly ('on' | 'off')[] {
  if (operation === 'on') return ['on']
  return operation === 'off' || operation === 'soft-off' || operation === 'force-off'
    ? ['off']
    : ['off', 'on']
}

function begin(system: System, task: Task): void {
  const component = system.components.get(task.xname)
  const lock = system.locks.get(task.xname) ?? {
    locked: false,
    reservationDisabled: false,
    reserved: false,
  }
  if (!component) return failed(task, 'Component not found in component map.')
  if (lock.locked || lock.reservationDisabled || lock.reserved)
    return failed(task, 'Unable to reserve component')
  if (component.machine.unreachable())
    return failed(task, 'Unable to get the power state of the component')
  system.locks.set(task.xname, { ...lock, reserved: true })
  task.taskStatus = 'in-progress'
  task.taskStatusDescription = 'Applying transition'
}

async function act(system: System, task: Task, step: 'on' | 'off', isLast: boolean): Promise<void> {
  const component = system.components.get(task.xname) as Component
  const { machine } = component
  const already = machine.powered() === (step === 'on')
  if (!already)
    await (step === 'on' ? machine.powerOn(system.bootOrders.get(task.xname)) : machine.powerOff())
  if (!isLast) return
  const lock = system.locks.get(task.xname)
  if (lock) system.locks.set(task.xname, { ...lock, reserved: false })
  task.taskStatus = 'succeeded'
  task.taskStatusDescription = already
    ? 'Component already in desired state'
    : `Transition confirmed, ${step}`
}

function failed(task: Task, error: string): void {
  task.taskStatus = 'failed'
  task.taskStatusDescription = 'Failed to achieve transition'
  task.error = error
}
