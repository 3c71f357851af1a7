import type { Place } from '../../runner/model/diagnostic.ts'
import type { Route, ServiceTable } from '../csm/service-route.ts'
import type { ApiObject } from '../kubernetes/api-object.ts'
import type { NodeSpec, RepositoryPackage } from '../node/node-model.ts'

/** A request that is sent to the services when the lab comes up. */
export interface AddedRequest {
  readonly method: string
  readonly path: string
  /** JSON; empty where none is sent. */
  readonly body: string
  readonly at: Place
}

/** A package, and the repository that offers it. */
export interface AddedPackage {
  /** Below https://packages.local/repository/. */
  readonly repository: string
  readonly offer: Omit<RepositoryPackage, 'arch'> & { readonly arch: 'noarch' }
}

/** Everything that a user adds to a lab. */
export interface Additions {
  /** All nodes of the lab, with the files, commands and packages that were added to them. */
  readonly nodes: readonly NodeSpec[]
  /** The groups of the inventory that added nodes belong to. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly packages: readonly AddedPackage[]
  readonly services: readonly ServiceTable[]
  /** Routes of services that the lab has, by the service. */
  readonly routes: ReadonlyMap<string, readonly Route[]>
  readonly objects: readonly ApiObject[]
  readonly requests: readonly AddedRequest[]
}
