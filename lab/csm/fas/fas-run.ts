import { randomUUID } from 'node:crypto'
import { noUuid } from '../go/go-uuid.ts'
import { reservationOf, reserve } from '../hsm/reservations.ts'
import { struck } from '../service-faults.ts'
import type { System } from '../system.ts'
import { nodeOf, targetsOf, type FirmwareTarget } from './fas-devices.ts'
import type { Action, ActionParameters, FirmwareImage, Operation } from './fas-records.ts'
import { imagesFor, isVersionBefore } from './firmware-images.ts'

/** Makes an action, and lets it take its course: its operations are found first, then they are done. */
export function beginAction(
  system: System,
  parameters: ActionParameters,
  restored?: ReadonlyMap<string, string>,
): Action {
  const { agenda, fas, durations } = system
  const action: Action = {
    id: randomUUID(),
    parameters,
    started: system.now(),
    ended: null,
    state: 'new',
    operations: [],
    blockedBy: [],
    errors: [],
  }
  fas.actions.set(action.id, action)
  agenda.at(action.started + durations.fasStep, (at) => {
    if (action.state === 'new') plan(system, action, at, restored)
    look(system, action, at)
  })
  return action
}

const isOver = ({ state }: Operation): boolean =>
  ['failed', 'succeeded', 'noOperation', 'noSolution', 'aborted'].includes(state)

// Only one action runs at a time; those after it are blocked.
function look(system: System, action: Action, at: number): void {
  if (system.fas.actions.get(action.id) !== action) return
  if (action.state === 'abortSignaled') return abort(system, action, at)
  if (action.state === 'completed') return
  const before = [...system.fas.actions.values()].filter(
    (each) => each !== action && (each.state === 'running' || each.state === 'abortSignaled'),
  )
  if (action.state !== 'running' && before.length > 0) {
    action.state = 'blocked'
    action.blockedBy = before.map((each) => each.id)
  } else {
    action.state = 'running'
    for (const operation of action.operations) step(system, action, operation, at)
    if (action.operations.every(isOver)) {
      action.state = 'completed'
      action.ended = at
      return
    }
  }
  // A controller that stays locked is looked at for hours: not once for every moment of a clock that jumps.
  const waits = action.operations.every((each) => isOver(each) || each.helper.startsWith('failed'))
  const next = waits ? Math.max(at, Math.min(system.now(), lastMoment(action))) : at
  system.agenda.at(next + system.durations.fasStep, (due) => look(system, action, due))
}

function lastMoment(action: Action): number {
  return Math.min(...action.operations.map((each) => each.expires ?? Infinity))
}

function abort(system: System, action: Action, at: number): void {
  for (const operation of action.operations)
    if (!isOver(operation)) {
      release(system, operation)
      end(operation, 'aborted', 'abort received from abort loop', at)
    }
  action.state = 'aborted'
  action.ended = at
}

function plan(
  system: System,
  action: Action,
  at: number,
  restored: ReadonlyMap<string, string> | undefined,
): void {
  const targets = targetsOf(system, action.parameters).filter(
    (each) => !restored || restored.has(`${each.xname} ${each.target}`),
  )
  action.operations = targets.flatMap((target) => {
    const image = restored
      ? (restored.get(`${target.xname} ${target.target}`) ?? noUuid)
      : imageFor(system, action.parameters, target)
    return image === null ? [] : [operationFor(action, target, image, { system, at })]
  })
  if (action.operations.length === 0) {
    action.state = 'completed'
    action.ended = at
    if (targets.length === 0 && (action.parameters.stateComponentFilter.xnames ?? []).length > 0)
      action.errors = ['No Valid XNames Found in HSM State Components']
    return
  }
  action.state = 'configured'
  const first = new Map<string, string>()
  for (const operation of action.operations) {
    if (operation.state !== 'configured') continue
    const sibling = first.get(operation.xname)
    if (sibling === undefined) first.set(operation.xname, operation.id)
    else
      Object.assign(operation, {
        state: 'blocked',
        helper: 'blocked by sibling',
        blockedBy: [sibling],
      })
  }
}

/** The image that a target is to get: none (an empty id), or null where an explicit image does not fit the target. */
function imageFor(
  { fas }: System,
  { command, imageFilter }: ActionParameters,
  target: FirmwareTarget,
): string | null {
  if (command.version === 'explicit') {
    const image = fas.images.get(imageFilter.imageID)
    const fits = imageFilter.overrideImage || imagesFor(fas, target).some((each) => each === image)
    return image && fits ? image.imageID : null
  }
  const fitting = imagesFor(fas, target).filter((each) => each.tags.includes(command.tag))
  const [first, ...others] = fitting
  if (!first) return noUuid
  return others.reduce<FirmwareImage>((best, each) => {
    const isEarlier = isVersionBefore(each.semanticFirmwareVersion, best.semanticFirmwareVersion)
    const isLater = isVersionBefore(best.semanticFirmwareVersion, each.semanticFirmwareVersion)
    return (command.version === 'latest' ? isLater : isEarlier) ? each : best
  }, first).imageID
}

function operationFor(
  action: Action,
  target: FirmwareTarget,
  toImage: string,
  { system, at }: { readonly system: System; readonly at: number },
): Operation {
  const { timeLimit = 0, overwriteSameImage } = action.parameters.command
  const fromImage =
    imagesFor(system.fas, target).find((each) => each.firmwareVersion === target.version)
      ?.imageID ?? noUuid
  const operation: Operation = {
    id: randomUUID(),
    action: action.id,
    xname: target.xname,
    deviceType: target.deviceType,
    target: target.target,
    targetName: target.targetName,
    manufacturer: target.manufacturer,
    model: target.model,
    fromVersion: target.version,
    fromImage,
    toImage,
    started: at,
    expires: timeLimit > 0 ? at + timeLimit * 1000 : null,
    ended: null,
    refreshed: at,
    state: 'configured',
    helper: '',
    error: '',
    blockedBy: [],
  }
  if (toImage === noUuid) end(operation, 'noSolution', 'No Image available', at)
  else if (toImage === fromImage && !overwriteSameImage)
    end(operation, 'noOperation', 'Firmware at requested version', at)
  return operation
}

function end(operation: Operation, state: Operation['state'], helper: string, at: number): void {
  Object.assign(operation, { state, helper, ended: at, refreshed: at })
}

function step(system: System, action: Action, operation: Operation, at: number): void {
  if (isOver(operation)) return
  if (operation.state === 'blocked') {
    const blockers = action.operations.filter((each) => operation.blockedBy.includes(each.id))
    if (blockers.every(isOver))
      Object.assign(operation, { state: 'configured', helper: 'unblocked', refreshed: at })
    return
  }
  if (operation.state === 'needsVerified')
    return void Object.assign(operation, {
      state: 'verifying',
      helper: 'verifying potential success',
      refreshed: at,
    })
  if (operation.state === 'verifying') return verify(system, operation, at)
  operation.state = 'inProgress'
  launch(system, action, operation, at)
}

function launch(system: System, action: Action, operation: Operation, at: number): void {
  const { command } = action.parameters
  const image = system.fas.images.get(operation.toImage)
  operation.refreshed = at
  if (!image) return end(operation, 'failed', 'could not find the image', at)
  if (operation.expires !== null && at >= operation.expires) {
    release(system, operation)
    return end(operation, 'failed', 'time expired; could not complete update', at)
  }
  // A dry run does not need the lock.
  if (command.overrideDryrun && !lock(system, operation, at)) {
    operation.helper = 'failed to lock, trying again soon'
    return
  }
  const isOn = nodeOf(system, operation.xname)?.machine.powered() ?? false
  const power = isOn ? 'On' : 'Off'
  const { allowableDeviceStates: allowed } = image
  if (allowed.length > 0 && !allowed.some((each) => each.toLowerCase() === power.toLowerCase())) {
    operation.helper = `reboot not satisfied, powerstate: ${power}`
    return
  }
  if (operation.fromImage === noUuid && !command.restoreNotPossibleOverride) {
    release(system, operation)
    return end(
      operation,
      'noSolution',
      'cannot perform the update as the override was not enabled and there is no image to go back to.',
      at,
    )
  }
  if (command.overrideDryrun)
    Object.assign(operation, {
      state: 'needsVerified',
      helper: 'update complete, needs verification',
    })
  else end(operation, 'succeeded', `dry run completed: Updated Image: ${image.firmwareVersion}`, at)
}

function verify(system: System, operation: Operation, at: number): void {
  const version = system.fas.images.get(operation.toImage)?.firmwareVersion ?? ''
  release(system, operation)
  if (struck(system, 'fas-operation'))
    return end(
      operation,
      'failed',
      `unexpected change detected in firmware version. Expected ${version} got: ${operation.fromVersion}`,
      at,
    )
  system.fas.versions.set(`${operation.xname} ${operation.target}`, version)
  end(operation, 'succeeded', `Update Successful to version: ${version}`, at)
}

// FAS keeps the key of its own reservation; whatever else is reserved or locked it cannot have.
const holders = new WeakMap<Operation, string>()

function lock(system: System, operation: Operation, at: number): boolean {
  const held = reservationOf(system, operation.xname)
  if (held) return held.reservationKey === holders.get(operation)
  const its = system.locks.get(operation.xname)
  if (its?.locked || its?.reservationDisabled) return false
  holders.set(operation, reserve(system, operation.xname, at, null).reservationKey)
  return true
}

function release(system: System, operation: Operation): void {
  const held = reservationOf(system, operation.xname)
  if (held && held.reservationKey === holders.get(operation))
    system.reservations.delete(operation.xname)
}
