import { createHash } from 'node:crypto'
import { commitOf } from '../../kubernetes/product-catalog.ts'
import { described, brokenInside, doneEmpty, type Call } from '../connexion/described-routes.ts'
import { heard, listed, spoken, type Face } from './faces.ts'
import { zulu, type CfsConfiguration, type CfsLayer, type CfsSource } from './cfs-records.ts'
import { configurationId, configurationV2, configurationV3, queries } from './cfs-schemas.ts'
import { refused } from '../problems.ts'
import { repr } from '../python.ts'
import { json, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'

const source = 'config-framework-service:src/server/cray/cfs/api/controllers/configurations.py'

/** The configurations of CFS in one of its versions. */
export function configurationRoutes(face: Face): readonly Route[] {
  const all = { path: `/${face}/configurations`, source }
  const one = { path: `/${face}/configurations/:name`, source }
  const path = face === 'v3' ? { path: { name: configurationId } } : {}
  return [
    described({
      method: 'GET',
      ...all,
      operation: () => ({
        query: face === 'v3' ? queries.configurationsV3 : queries.configurationsV2,
      }),
      answer: (call, system) => list(face, call, system),
    }),
    described({
      method: 'GET',
      ...one,
      operation: () => path,
      answer: (call, system) => describe(face, call, system),
    }),
    described({
      method: 'PUT',
      ...one,
      operation: (release) =>
        face === 'v3'
          ? { ...path, body: configurationV3(release), query: queries.put }
          : { body: configurationV2 },
      answer: (call, system) => put(face, call, system),
    }),
    described({
      method: 'PATCH',
      ...one,
      operation: () => path,
      answer: (call, system) => patch(face, call, system),
    }),
    described({ method: 'DELETE', ...one, operation: () => path, answer: remove }),
  ]
}

function notFound(name: string): Reply {
  return refused(404, 'Configuration not found', `Configuration ${name} could not be found`)
}

function list(face: Face, call: Call, system: System): Reply {
  const wanted = call.query['in_use']
  // CFS compares with a field that components do not have: nothing is ever found to be in use.
  const found = wanted === true ? [] : [...system.cfs.configurations.values()]
  return listed(
    face,
    call,
    'configurations',
    ['in_use'],
    found.map((record) => ({ id: record.name, record })),
  )
}

function describe(face: Face, call: Call, system: System): Reply {
  const name = call.params['name']!
  const found = system.cfs.configurations.get(name)
  return found ? json(200, spoken(face, found)) : notFound(name)
}

function put(face: Face, call: Call, system: System): Reply {
  const name = call.params['name']!
  const body = heard(face, call) as Partial<CfsConfiguration>
  // CFS counts on layers that its own description does not ask for.
  if (!body.layers) return brokenInside
  const inventory = body.additional_inventory
  const parts = inventory ? [...body.layers, inventory] : body.layers
  for (const part of parts) {
    const wrong = wrongSource(part, face, system)
    if (wrong) return wrong
  }
  const resolved: CfsSource[] = []
  for (const part of parts) {
    const found = resolve(part, system)
    if (typeof found === 'string') return noCommit(found)
    resolved.push(found)
  }
  const layers = resolved.slice(0, body.layers.length) as CfsLayer[]
  const keys = layers.map((each) => JSON.stringify([each.clone_url ?? each.source, each.playbook]))
  if (new Set(keys).size < keys.length)
    return refused(
      400,
      'Error with conflicting layers',
      'Two or more layers apply the same playbook from the same repo, but have different commit ids.',
    )
  const drops = call.query['drop_branches'] === true
  const kept = <S extends CfsSource>(part: S): S => (drops ? withoutBranch(part) : part)
  const record: CfsConfiguration = {
    ...body,
    name,
    layers: layers.map(kept),
    ...(inventory ? { additional_inventory: kept(resolved.at(-1)!) } : {}),
    last_updated: zulu(system.now()),
  }
  system.cfs.configurations.set(name, record)
  return json(200, spoken(face, record))
}

function withoutBranch<S extends CfsSource>(part: S): S {
  const { branch: _, ...rest } = part
  return rest as S
}

function patch(face: Face, call: Call, system: System): Reply {
  const name = call.params['name']!
  const found = system.cfs.configurations.get(name)
  if (!found) return notFound(name)
  const inventory = found.additional_inventory
  const resolved: CfsSource[] = []
  for (const part of inventory ? [...found.layers, inventory] : found.layers) {
    const again = resolve(part, system)
    if (typeof again === 'string') return noCommit(again)
    resolved.push(again)
  }
  const record: CfsConfiguration = {
    ...found,
    layers: resolved.slice(0, found.layers.length) as CfsLayer[],
    ...(inventory ? { additional_inventory: resolved.at(-1)! } : {}),
    last_updated: zulu(system.now()),
  }
  system.cfs.configurations.set(name, record)
  return json(200, spoken(face, record))
}

function remove(call: Call, system: System): Reply {
  const name = call.params['name']!
  if (!system.cfs.configurations.has(name)) return notFound(name)
  const isWanted = [...system.cfs.components.values()].some(
    ({ record }) => record['desired_config'] === name,
  )
  // Before the newest versions CFS looks for users in the wrong place, and deletes what nodes want.
  if (system.release === '1.7' && isWanted)
    return refused(
      400,
      'Configuration is in use.',
      `Configuration ${name} is referenced by the desired state of some components`,
    )
  system.cfs.configurations.delete(name)
  return doneEmpty
}

function wrongSource(part: CfsSource, face: Face, system: System): Reply | null {
  const both =
    part.branch !== undefined && part.commit !== undefined
      ? refused(
          400,
          face === 'v3' ? 'Error handling branches' : 'Error handling error branches',
          'Only branch or commit should be specified for each layer, not both.',
        )
      : null
  if (face === 'v2') return both
  if (part.clone_url !== undefined && part.source !== undefined)
    return refused(
      400,
      'Error handling source',
      'Only source or clone_url should be specified for each layer, not both.',
    )
  if (part.clone_url === undefined && part.source === undefined)
    return refused(
      400,
      'Error handling source',
      'Either source or clone_url must be specified for each layer.',
    )
  // The lab has no sources.
  const missing = part.source
    ? refused(400, 'Source does not exist', `The source ${part.source} does not exist.`)
    : null
  return system.release === '1.7' ? (both ?? missing) : (missing ?? both)
}

function noCommit(detail: string): Reply {
  return refused(400, 'Error converting branch name to commit', detail)
}

/** A branch's head is looked up when the configuration is written; a text says why not. A commit is taken as it is. */
function resolve<S extends CfsSource>(part: S, system: System): S | string {
  if (part.branch === undefined) return part
  const url = part.clone_url ?? ''
  if (url.split('/').length < 3) return 'list index out of range'
  if (!isServed(url)) return gitFailed(['clone', url], 128)
  const commit = headOf(part.branch, url, system)
  return commit === null ? gitFailed(['checkout', part.branch], 1) : { ...part, commit }
}

function gitFailed(argv: readonly string[], status: number): string {
  return `Failed interacting with the specified clone_url: Command '${repr(['git', ...argv])}' returned non-zero exit status ${status}.`
}

// The lab's VCS, by the names that it has inside and outside.
function isServed(url: string): boolean {
  return /^https:\/\/(?:api-gw-service-nmn\.local|vcs\.[\w.-]+)\/vcs\/[\w-]+\/[\w.-]+$/.test(url)
}

// The branches of the lab's VCS: CSM's own of this release, and the site's `integration…`.
function headOf(branch: string, url: string, system: System): string | null {
  const { configuration, commit } = commitOf(system.release)
  if (branch === `cray/csm/${configuration}`) return commit
  return /^(?:main|master|integration.*)$/.test(branch)
    ? createHash('sha1').update(`${url} ${branch}`).digest('hex')
    : null
}
