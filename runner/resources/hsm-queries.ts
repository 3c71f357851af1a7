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

/** Asks HSM for all components of the kind that an xname names: one list serves every node of the run. */
export function componentsLike(xname: string, path: '/State/Components' | '/locks/status') {
  return get('hsm', `${path}?type=${kindOf(xname)}`)
}

/** The kind of component that an xname names, as HSM calls it. */
export function kindOf(xname: string): string {
  return parseXname(xname)!.type
}
