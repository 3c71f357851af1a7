import { get } from '../contract/probe.ts'
import { parseXname } from '../text/xname.ts'

/** The component that a type of HSM acts on: what HSM has a state of, and can lock. */
export const componentParam = {
  type: 'string',
  format: 'xname',
  xnames: [
    'Node',
    'VirtualNode',
    'NodeBMC',
    'ChassisBMC',
    'RouterBMC',
    'Chassis',
    'ComputeModule',
    'RouterModule',
    'CabinetPDUController',
  ],
  identity: true,
  description: 'Component name of the node, controller, slot or chassis.',
} as const

/** The controller that HSM asks by Redfish. */
export const controllerParam = {
  type: 'string',
  format: 'xname',
  xnames: [
    'NodeBMC',
    'ChassisBMC',
    'RouterBMC',
    'CabinetPDUController',
    'CabinetBMC',
    'MgmtSwitch',
    'MgmtHLSwitch',
    'CDUMgmtSwitch',
  ],
  identity: true,
  hint: 'the controller of the node x3000c0s19b1n0 is x3000c0s19b1; that of a chassis x1000c3 is x1000c3b0',
  description: 'Component name of the controller: a node card, a chassis, a switch.',
} as const

/** Asks HSM for all components of the kind that an xname names: one list serves every node of the run. */
export function componentsLike(xname: string, path: '/State/Components' | '/locks/status') {
  return get('hsm', `${path}?type=${kindOf(xname)}`)
}

/** The kind of component that an xname names, as HSM calls it. */
export function kindOf(xname: string): string {
  return parseXname(xname)!.type
}
