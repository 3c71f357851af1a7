import { goString, goStrings, goStruct, unmarshal } from '../go/go-json.ts'
import { noUuid } from '../go/go-uuid.ts'
import { empty, json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { wrongFilter } from './fas-actions.ts'
import { targetsOf } from './fas-devices.ts'
import type { Snapshot } from './fas-records.ts'
import { fasProblem, goTime } from './fas-replies.ts'
import { beginAction } from './fas-run.ts'
import { imagesFor } from './firmware-images.ts'

const source = 'hms-firmware-action:internal/domain/snapshots.go'

/** Snapshots of the firmware of devices. */
export const fasSnapshotRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/snapshots',
    source,
    answer: (_asked, system) =>
      json(200, { snapshots: kept(system).map((each) => summary(each, system)) }),
  },
  { method: 'POST', path: '/snapshots', source, answer: create },
  { method: 'GET', path: '/snapshots/:name', source, answer: describe },
  { method: 'DELETE', path: '/snapshots/:name', source, answer: remove },
  { method: 'POST', path: '/snapshots/:name/restore', source, answer: restore },
]

// What has expired is forgotten.
function kept({ fas, now }: System): readonly Snapshot[] {
  for (const [name, { expires }] of fas.snapshots)
    if (expires !== null && expires < now()) fas.snapshots.delete(name)
  return [...fas.snapshots.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

const parameters = goStruct('presentation.SnapshotParametersMarshaled', {
  name: goString,
  expirationTime: goString,
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
  targetFilter: goStruct('storage.TargetFilter', { targets: goStrings }),
})

function create(asked: Asked, system: System): Reply {
  const body = unmarshal(asked.body, parameters)
  if (body.error !== null) return fasProblem(400, body.error)
  const {
    name = '',
    expirationTime = '',
    stateComponentFilter = {},
    inventoryHardwareFilter = {},
    targetFilter = {},
  } = body.value
  const wrong = wrongFilter(stateComponentFilter) ?? (name === '' ? 'Name cannot be empty' : null)
  if (wrong !== null) return fasProblem(400, wrong)
  if (kept(system).some((each) => each.name === name))
    return fasProblem(409, 'Snapshot with same name already exists')
  const filters = { stateComponentFilter, inventoryHardwareFilter, targetFilter }
  const expires = Date.parse(expirationTime)
  const snapshot: Snapshot = {
    name,
    captured: system.now(),
    expires: Number.isNaN(expires) ? null : expires,
    parameters: { name, ...filters },
    ready: false,
    devices: [],
    actions: [],
  }
  system.fas.snapshots.set(name, snapshot)
  system.agenda.at(system.now() + system.durations.fasStep, () =>
    capture(system, snapshot, filters),
  )
  return { ...json(201, { name }), headers: { location: `../snapshots/${name}` } }
}

function capture(
  system: System,
  snapshot: Snapshot,
  filters: Parameters<typeof targetsOf>[1],
): void {
  const targets = targetsOf(system, filters)
  snapshot.devices = [...new Set(targets.map((each) => each.xname))].map((xname) => ({
    xname,
    targets: targets
      .filter((each) => each.xname === xname)
      .map((each) => ({
        name: each.target,
        targetName: each.targetName,
        version: each.version,
        image:
          imagesFor(system.fas, each).find((image) => image.firmwareVersion === each.version)
            ?.imageID ?? noUuid,
      })),
  }))
  snapshot.ready = true
}

function head(snapshot: Snapshot): Record<string, unknown> {
  return {
    name: snapshot.name,
    captureTime: goTime(snapshot.captured),
    ...(snapshot.expires === null ? {} : { expirationTime: goTime(snapshot.expires) }),
    ready: snapshot.ready,
  }
}

function relatedActions(snapshot: Snapshot, { fas }: System): readonly unknown[] {
  return snapshot.actions.map((id) => {
    const action = fas.actions.get(id)
    return {
      actionID: id,
      ...(action ? { startTime: goTime(action.started) } : {}),
      ...(action?.ended ? { endTime: goTime(action.ended) } : {}),
      ...(action ? { state: action.state } : {}),
    }
  })
}

function summary(snapshot: Snapshot, system: System): unknown {
  return {
    ...head(snapshot),
    relatedActions: relatedActions(snapshot, system),
    uniqueDeviceCount: snapshot.devices.length,
  }
}

function found(asked: Asked, system: System): Snapshot | Reply {
  const name = asked.params['name']!
  return (
    kept(system).find((each) => each.name === name) ??
    fasProblem(404, `Key /snapshots/${name} does not exist`)
  )
}

function describe(asked: Asked, system: System): Reply {
  const snapshot = found(asked, system)
  if (!('devices' in snapshot)) return snapshot
  return json(200, {
    ...head(snapshot),
    devices: snapshot.devices.map(({ xname, targets }) => ({
      xname,
      targets: targets.map(({ name, version, image, targetName }) => ({
        name,
        firmwareVersion: version,
        error: '',
        imageID: image,
        softwareId: '',
        targetName,
      })),
      error: '',
    })),
    relatedActions: relatedActions(snapshot, system),
    parameters: snapshot.parameters,
    errors: [],
  })
}

function remove(asked: Asked, system: System): Reply {
  const snapshot = found(asked, system)
  if (!('devices' in snapshot)) return snapshot
  system.fas.snapshots.delete(snapshot.name)
  return empty(204)
}

function restore(asked: Asked, system: System): Reply {
  const { query } = asked
  if (query.get('confirm')?.toLowerCase() !== 'yes')
    return fasProblem(400, "missing required parameter 'confirm'")
  const limit = query.get('timeLimit') ?? '0'
  if (!/^[+-]?\d+$/.test(limit))
    return fasProblem(400, `strconv.Atoi: parsing "${limit}": invalid syntax`)
  const snapshot = found(asked, system)
  if (!('devices' in snapshot)) return snapshot
  const overrideDryrun = query.get('overrideDryrun')?.toLowerCase() === 'true'
  const images = snapshot.devices.flatMap(({ xname, targets }) =>
    targets.map(({ name, image }) => [`${xname} ${name}`, image] as const),
  )
  const action = beginAction(
    system,
    {
      stateComponentFilter: { xnames: snapshot.devices.map((each) => each.xname) },
      inventoryHardwareFilter: {},
      imageFilter: { imageID: noUuid, overrideImage: false },
      targetFilter: {},
      command: {
        overrideDryrun,
        restoreNotPossibleOverride: true,
        overwriteSameImage: false,
        ...(Number(limit) > 0 ? { timeLimit: Number(limit) } : {}),
        version: 'explicit',
        tag: '',
        description: `restore snapshot ${snapshot.name}`,
      },
    },
    new Map(images),
  )
  snapshot.actions = [...snapshot.actions, action.id]
  return {
    ...json(202, { actionID: action.id, overrideDryrun }),
    headers: { location: `../actions/${action.id}` },
  }
}
