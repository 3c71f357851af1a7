import { parentOf } from '../../../runner/text/xname.ts'
import { groupsOf, partitionOf } from '../hsm/group-records.ts'
import type { System } from '../system.ts'
import type { Component } from '../system-model.ts'
import { kinds, type ActionParameters } from './fas-records.ts'

/** One target of one device with the version that it runs. */
export interface FirmwareTarget {
  readonly xname: string
  readonly deviceType: string
  readonly manufacturer: string
  readonly model: string
  readonly target: string
  readonly targetName: string
  readonly version: string
}

/** The targets that the filters of an action or a snapshot leave. */
export function targetsOf(
  system: System,
  filters: Pick<
    ActionParameters,
    'stateComponentFilter' | 'inventoryHardwareFilter' | 'targetFilter'
  >,
): readonly FirmwareTarget[] {
  const { manufacturer = '', model = '' } = filters.inventoryHardwareFilter
  const { targets = [] } = filters.targetFilter
  return controllersOf(system, filters.stateComponentFilter)
    .flatMap((xname) => firmwareOf(system, xname))
    .filter(
      (each) =>
        (manufacturer === '' || each.manufacturer === manufacturer) &&
        (model === '' || each.model === model) &&
        (targets.length === 0 ||
          targets.some((name) => name === each.target || name === each.targetName)),
    )
}

/** The controllers that a filter of components leaves; an empty filter leaves all. */
function controllersOf(
  system: System,
  filter: ActionParameters['stateComponentFilter'],
): readonly string[] {
  const { xnames = [], deviceTypes = [], groups = [], partitions = [] } = filter
  const isNodeBmcWanted =
    deviceTypes.length === 0 || deviceTypes.some((each) => each.toLowerCase() === 'nodebmc')
  if (!isNodeBmcWanted) return []
  return [...new Set([...system.components.keys()].map((each) => parentOf(each) ?? ''))].filter(
    (xname) =>
      (xnames.length === 0 || xnames.includes(xname)) &&
      (groups.length === 0 || groupsOf(system, xname).some((each) => groups.includes(each))) &&
      (partitions.length === 0 || partitions.includes(partitionOf(system, xname) ?? '')),
  )
}

/** The first node of a controller, whose role and power stand for it. */
export function nodeOf(system: System, controller: string): Component | undefined {
  return [...system.components.values()].find((each) => parentOf(each.xname) === controller)
}

// Air-cooled nodes are HPE's, liquid-cooled ones Cray's.
function firmwareOf(system: System, xname: string): readonly FirmwareTarget[] {
  const manufacturer = nodeOf(system, xname)?.class === 'River' ? 'hpe' : 'cray'
  return kinds
    .filter((kind) => kind.manufacturer === manufacturer)
    .map((kind) => ({
      xname,
      deviceType: 'NodeBMC',
      manufacturer,
      model: kind.model,
      target: kind.target,
      targetName: kind.targetName,
      version: system.fas.versions.get(`${xname} ${kind.target}`) ?? kind.versions[0],
    }))
}
