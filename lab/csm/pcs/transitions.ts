import { randomUUID } from 'node:crypto'
import { parentOf } from '../../../runner/text/xname.ts'
import { bootOrderOf } from '../bss/boot-lookup.ts'
import { goInt, goString, goStruct, unmarshal } from '../go/go-json.ts'
import { uuidIn } from '../go/go-uuid.ts'
import { typeOfName } from '../go/normalized-xname.ts'
import { powerOf } from '../hsm/listed.ts'
import { reservationOf, reserve } from '../hsm/reservations.ts'
import { refused } from '../problems.ts'
import { json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import {
  courseOf,
  isOperation,
  operations,
  placeOf,
  powered,
  supportedBy,
  type Action,
  type Operation,
} from './power-operations.ts'
import type { Transition, Task } from './transition-record.ts'

const source = 'hms-power-control:internal/domain/transitions.go'

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
  { method: 'DELETE', path: '/transitions/:id', source, answer: abort },
]

function kept(system: System): readonly Transition[] {
  for (const [id, { at }] of system.transitions)
    if (system.now() - at >= lifetime) system.transitions.delete(id)
  return [...system.transitions.values()]
}

const parameters = goStruct('model.TransitionParameter', {
  operation: goString,
  taskDeadlineMinutes: goInt,
  location: {
    kind: 'list',
    of: goStruct('model.LocationParameter', { xname: goString, deputyKey: goString }),
  },
})

function create(asked: Asked, system: System): Reply {
  const body = unmarshal(asked.body, parameters)
  if (body.error !== null) return refused(400, 'Bad Request', body.error)
  const given: string = body.value['operation'] ?? ''
  const operation = given.toLowerCase()
  if (!isOperation(operation)) return refused(400, 'Bad Request', `invalid Operation type ${given}`)
  const location: readonly { readonly xname?: string }[] = body.value['location'] ?? []
  const transition = startTransition(
    system,
    operation,
    location.map((each) => each.xname ?? ''),
    system.now(),
    body.value['taskDeadlineMinutes'] ?? 5,
  )
  return {
    ...json(200, { transitionID: transition.id, operation: operations[operation] }),
    headers: { location: `../transitions/${transition.id}` },
  }
}

function found(asked: Asked, system: System): Transition | Reply {
  const id = uuidIn(asked.params['id']!)
  if ('error' in id) return refused(400, 'Bad Request', id.error)
  return (
    kept(system).find((each) => each.id === id.value) ??
    refused(404, 'Not Found', `Key /transition/${id.value} does not exist`)
  )
}

function describe(asked: Asked, system: System): Reply {
  const transition = found(asked, system)
  if (!('tasks' in transition)) return transition
  return json(200, {
    ...summary(transition),
    ...(transition.tasks.length > 0 ? { tasks: transition.tasks } : {}),
  })
}

function abort(asked: Asked, system: System): Reply {
  const transition = found(asked, system)
  if (!('tasks' in transition)) return transition
  if (transition.status === 'completed')
    return refused(400, 'Bad Request', 'Transition is already finished and cannot be aborted.')
  if (transition.status !== 'aborted') transition.status = 'abort-signaled'
  return json(202, { abortStatus: 'Accepted - abort initiated' })
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

/** Begins a transition; whether PCS itself was asked or BOS asks it, the nodes are reserved in HSM until it is over. */
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
    tasks: [...new Set(xnames)].map(taskFor),
  }
  system.transitions.set(transition.id, transition)
  if (transition.tasks.every((task) => task.taskStatus !== 'new')) {
    transition.status = 'completed'
    return transition
  }
  const {
    agenda,
    durations: { pcsSwitch },
  } = system
  agenda.at(at + pcsSwitch / 4, (began) => {
    if (isAborted(system, transition)) return
    transition.status = 'in-progress'
    const courses = new Map<Task, readonly Action[]>()
    for (const task of transition.tasks)
      if (task.taskStatus === 'new') courses.set(task, begin(system, transition, task, began))
    failFeeders(system, transition)
    const commands = [...courses].flatMap(([task, actions]) =>
      actions.map((action, index) => ({
        task,
        action,
        isLast: index + 1 === actions.length,
        place: placeOf(typeOfName(task.xname) ?? '', action.power),
      })),
    )
    const places = [...new Set(commands.map(({ place }) => place))].toSorted((a, b) => a - b)
    const next = (due: number, [place, ...later]: readonly number[]): void =>
      agenda.at(due, async (then) => {
        if (isAborted(system, transition)) return
        for (const each of commands)
          if (each.place === place)
            await act(system, transition, each.task, each.action, each.isLast)
        if (later.length > 0) return next(then + pcsSwitch, later)
        transition.status = 'completed'
      })
    next(began + pcsSwitch, places)
  })
  return transition
}

function taskFor(xname: string): Task {
  const type = typeOfName(xname)
  const task: Task = { xname, taskStatus: 'new', taskStatusDescription: 'Gathering data' }
  if (type === null) failed(task, 'Invalid xname')
  else if (!powered.has(type)) {
    failed(task, `No power control for component type ${type}`)
    task.taskStatus = 'unsupported'
  }
  return task
}

function isAborted(system: System, transition: Transition): boolean {
  if (transition.status !== 'abort-signaled') return false
  for (const task of transition.tasks) {
    if (task.taskStatus === 'in-progress') system.reservations.delete(task.xname)
    if (task.taskStatus === 'new' || task.taskStatus === 'in-progress')
      failed(task, 'Transition aborted', `Aborted. Last status - ${task.taskStatusDescription}`)
  }
  transition.status = 'aborted'
  return true
}

// What is to be done to the node of a task; nothing where the task is over.
function begin(
  system: System,
  { operation }: Transition,
  task: Task,
  at: number,
): readonly Action[] {
  const power = powerOf(system, task.xname)
  if (!power) return failed(task, 'Missing xname')
  if (!supportedBy(typeOfName(task.xname) ?? '').includes(operations[operation])) {
    failed(
      task,
      'Unsupported for transition operation',
      `Component does not support the specified transition operation, ${operations[operation]}`,
    )
    task.taskStatus = 'unsupported'
    return []
  }
  const course = courseOf(operation, power.unreachable() ? null : power.powered() ? 'on' : 'off')
  if (course.kind === 'done') {
    task.taskStatus = 'succeeded'
    task.taskStatusDescription = 'Component already in desired state'
    return []
  }
  if (course.kind === 'wrong power')
    return failed(
      task,
      'Component is in the wrong power state',
      `Component must be in the On state for ${operations[operation]}`,
    )
  const lock = system.locks.get(task.xname)
  if (lock?.locked || lock?.reservationDisabled || reservationOf(system, task.xname))
    return failed(task, 'Unable to reserve component')
  reserve(system, task.xname, at, null)
  task.taskStatus = 'in-progress'
  task.taskStatusDescription = `Applying transition, ${course.actions[0]!.name}`
  return course.actions
}

// A slot stays on where a node that it feeds was to go down with it, and cannot.
function failFeeders(system: System, { operation, tasks }: Transition): void {
  if (!['off', 'soft-off', 'soft-restart', 'hard-restart'].includes(operation)) return
  for (const node of tasks) {
    if (node.error !== 'Unable to reserve component' || typeOfName(node.xname) !== 'Node') continue
    const slot = tasks.find((each) => each.xname === parentOf(parentOf(node.xname) ?? ''))
    if (slot?.taskStatus !== 'in-progress') continue
    const why = `Unable to reserve dependent component, ${node.xname}.`
    system.reservations.delete(slot.xname)
    failed(slot, why, why)
  }
}

async function act(
  system: System,
  { deadline }: Transition,
  task: Task,
  action: Action,
  isLast: boolean,
): Promise<void> {
  if (task.taskStatus !== 'in-progress') return
  const power = powerOf(system, task.xname)!
  if (power.unreachable()) {
    system.reservations.delete(task.xname)
    failed(
      task,
      `Post "https://${task.xname.replace(/n\d+$/, '')}/redfish/v1/Systems/Self/Actions/ComputerSystem.Reset": context deadline exceeded`,
      `Failed to apply transition, ${action.name}`,
    )
    return
  }
  if (action.power !== 'on') await power.powerOff()
  if (action.power !== 'off') await power.powerOn(bootOrderOf(system, task.xname))
  const confirmed = `Transition confirmed, ${action.name}`
  if (!isLast) {
    task.taskStatusDescription = `${confirmed}. Waiting for next transition`
    return
  }
  system.reservations.delete(task.xname)
  task.taskStatus = 'succeeded'
  task.taskStatusDescription =
    deadline === 0 ? `Transition applied, ${action.name}. Not confirming.` : confirmed
}

function failed(
  task: Task,
  error: string,
  description = 'Failed to achieve transition',
): readonly Action[] {
  task.taskStatus = 'failed'
  task.taskStatusDescription = description
  task.error = error
  return []
}
