import { goBool, goInt, goString, goStrings, goStruct, unmarshal } from '../go/go-json.ts'
import { noUuid, uuidIn } from '../go/go-uuid.ts'
import { typeOfName } from '../go/normalized-xname.ts'
import { empty, json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import {
  operationStates,
  type Action,
  type ActionParameters,
  type Operation,
} from './fas-records.ts'
import { fasProblem, foundIn, goTime } from './fas-replies.ts'
import { beginAction } from './fas-run.ts'

const source = 'hms-firmware-action:internal/domain/actions.go'

/** Actions of FAS and their operations. */
export const fasActionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/actions',
    source,
    answer: (_asked, { fas }) =>
      json(200, {
        actions: [...fas.actions.values()]
          .toSorted((a, b) => (a.id < b.id ? -1 : 1))
          .map((each) => summary(each)),
      }),
  },
  { method: 'POST', path: '/actions', source, answer: create },
  { method: 'GET', path: '/actions/:id', source, answer: answering(described) },
  { method: 'DELETE', path: '/actions/:id', source, answer: remove },
  { method: 'DELETE', path: '/actions/:id/instance', source, answer: abort },
  { method: 'GET', path: '/actions/:id/status', source, answer: answering(summary) },
  { method: 'GET', path: '/actions/:id/operations', source, answer: answering(detailed) },
  { method: 'GET', path: '/actions/:id/operations/:operation', source, answer: operation },
  { method: 'GET', path: '/operations/:operation', source, answer: operation },
]

const parameters = goStruct('storage.ActionParameters', {
  stateComponentFilter: goStruct('storage.StateComponentFilter', {
    partitions: goStrings,
    groups: goStrings,
    xnames: goStrings,
    deviceTypes: goStrings,
  }),
  inventoryHardwareFilter: goStruct('storage.InventoryHardwareFilter', {
    manufacturer: goString,
    model: goString,
  }),
  imageFilter: goStruct('storage.ImageFilter', { imageID: goString, overrideImage: goBool }),
  targetFilter: goStruct('storage.TargetFilter', { targets: goStrings }),
  command: goStruct('storage.Command', {
    overrideDryrun: goBool,
    restoreNotPossibleOverride: goBool,
    overwriteSameImage: goBool,
    timeLimit: goInt,
    version: goString,
    tag: goString,
    description: goString,
  }),
})

function create(asked: Asked, system: System): Reply {
  const body = unmarshal(asked.body, parameters)
  if (body.error !== null) return fasProblem(400, body.error)
  const read = parametersIn(body.value, system)
  if ('wrong' in read) return fasProblem(400, read.wrong)
  const action = beginAction(system, read)
  return {
    ...json(202, { actionID: action.id, overrideDryrun: read.command.overrideDryrun }),
    headers: { location: `../actions/${action.id}` },
  }
}

function parametersIn(
  body: Readonly<Record<string, any>>,
  system: System,
): ActionParameters | { readonly wrong: string } {
  const filter = (body['stateComponentFilter'] ?? {}) as ActionParameters['stateComponentFilter']
  const wrong = wrongFilter(filter)
  if (wrong !== null) return { wrong }
  const given: string = body['imageFilter']?.imageID ?? ''
  const image = given === '' ? { value: noUuid } : uuidIn(given)
  if ('error' in image) return { wrong: image.error }
  if (image.value !== noUuid && !system.fas.images.has(image.value))
    return { wrong: `Key /images/${image.value} does not exist` }
  const command: Partial<ActionParameters['command']> = body['command'] ?? {}
  const version = image.value === noUuid ? command.version || 'latest' : 'explicit'
  if (!['earliest', 'latest', 'explicit'].includes(version))
    return { wrong: "version must be 'earliest' or 'latest'; or you must supply an ImageID" }
  return {
    stateComponentFilter: filter,
    inventoryHardwareFilter: body['inventoryHardwareFilter'] ?? {},
    imageFilter: {
      imageID: image.value,
      overrideImage: body['imageFilter']?.overrideImage ?? false,
    },
    targetFilter: body['targetFilter'] ?? {},
    command: {
      overrideDryrun: command.overrideDryrun ?? false,
      restoreNotPossibleOverride: command.restoreNotPossibleOverride ?? false,
      overwriteSameImage: command.overwriteSameImage ?? false,
      ...(command.timeLimit ? { timeLimit: command.timeLimit } : {}),
      version,
      tag: command.tag || 'default',
      description: command.description ?? '',
    },
  }
}

/** What is wrong with a filter of components, in the words of FAS; null where nothing is. */
export function wrongFilter(filter: ActionParameters['stateComponentFilter']): string | null {
  const { xnames = [], groups = [], partitions = [] } = filter
  const bad = xnames.filter(
    (each, index) => typeOfName(each) === null || xnames.indexOf(each) < index,
  )
  if (bad.length > 0) return `invalid/duplicate xnames: [${bad.join(' ')}]`
  return groups.length > 1 && partitions.length > 1
    ? 'illegal, may not have both paritions and groups count > 1'
    : null
}

function answering(show: (action: Action, system: System) => unknown): Route['answer'] {
  return (asked, system) => {
    const found = foundIn(asked, 'id', system.fas.actions, 'actions')
    return 'refused' in found ? found.refused : json(200, show(found.value, system))
  }
}

function head(action: Action): Record<string, unknown> {
  return {
    actionID: action.id,
    snapshotID: noUuid,
    command: action.parameters.command,
    startTime: goTime(action.started),
    ...(action.ended === null ? {} : { endTime: goTime(action.ended) }),
    state: action.state,
  }
}

function summary(action: Action): unknown {
  const counts = operationStates.map(
    (state) => [state, action.operations.filter((each) => each.state === state).length] as const,
  )
  return {
    ...head(action),
    operationCounts: { total: action.operations.length, ...Object.fromEntries(counts) },
    blockedBy: action.blockedBy,
    errors: action.errors,
  }
}

function described(action: Action): unknown {
  return {
    ...head(action),
    parameters: action.parameters,
    operationSummary: byState(action, (each) => ({
      operationID: each.id,
      xname: each.xname,
      target: each.target,
      targetName: each.targetName,
      fromFirmwareVersion: each.fromVersion,
      stateHelper: each.helper,
      ...(each.error === '' ? {} : { error: each.error }),
    })),
    blockedBy: action.blockedBy,
    errors: action.errors,
  }
}

function detailed(action: Action, system: System): unknown {
  return {
    ...head(action),
    parameters: action.parameters,
    operationDetails: byState(action, (each) => operationRecord(each, system)),
    blockedBy: action.blockedBy,
    errors: action.errors,
  }
}

function byState(action: Action, show: (operation: Operation) => unknown) {
  return Object.fromEntries(
    operationStates.map((state) => [
      state,
      { operationKeys: action.operations.filter((each) => each.state === state).map(show) },
    ]),
  )
}

function operationRecord(held: Operation, { fas }: System): Record<string, unknown> {
  const [from, to] = [fas.images.get(held.fromImage), fas.images.get(held.toImage)]
  return {
    operationID: held.id,
    actionID: held.action,
    state: held.state,
    stateHelper: held.helper,
    startTime: goTime(held.started),
    ...(held.ended === null ? {} : { endTime: goTime(held.ended) }),
    refreshTime: goTime(held.refreshed),
    expirationTime: goTime(held.expires),
    xname: held.xname,
    deviceType: held.deviceType,
    target: held.target,
    targetName: held.targetName,
    manufacturer: held.manufacturer,
    model: held.model,
    softwareId: '',
    fromImageID: held.fromImage,
    fromSemanticFirmwareVersion: from?.semanticFirmwareVersion ?? '',
    fromFirmwareVersion: held.fromVersion,
    fromImageURL: from?.s3URL ?? '',
    fromTag: '',
    toImageID: held.toImage,
    toSemanticFirmwareVersion: to?.semanticFirmwareVersion ?? '',
    toFirmwareVersion: to?.firmwareVersion ?? '',
    toImageURL: to?.s3URL ?? '',
    toTag: '',
    blockedBy: held.blockedBy,
    error: held.error,
  }
}

function operation(asked: Asked, system: System): Reply {
  if (asked.params['id'] !== undefined) {
    const action = foundIn(asked, 'id', system.fas.actions, 'actions')
    if ('refused' in action) return action.refused
  }
  const all = [...system.fas.actions.values()].flatMap((each) => each.operations)
  const byId = new Map(all.map((each) => [each.id, each]))
  const found = foundIn(asked, 'operation', byId, 'operations')
  return 'refused' in found ? found.refused : json(200, operationRecord(found.value, system))
}

function remove(asked: Asked, { fas }: System): Reply {
  const found = foundIn(asked, 'id', fas.actions, 'actions')
  if ('refused' in found) return found.refused
  if (found.value.state === 'abortSignaled' || found.value.state === 'running')
    return fasProblem(400, 'cannot delete a currently running action')
  fas.actions.delete(found.value.id)
  return empty(204)
}

function abort(asked: Asked, { fas }: System): Reply {
  const found = foundIn(asked, 'id', fas.actions, 'actions')
  if ('refused' in found) return found.refused
  const action = found.value
  if (!['running', 'configured', 'new', 'blocked'].includes(action.state)) return empty(200)
  action.state = 'abortSignaled'
  return empty(202)
}
