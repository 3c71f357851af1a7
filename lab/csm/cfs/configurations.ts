import { createHash } from 'node:crypto'
import { commitOf } from '../../kubernetes/catalog.ts'
import { heard, listed, spoken, type Face } from './faces.ts'
import { zulu, type CfsConfiguration, type CfsLayer, type CfsSource } from './records.ts'
import { mapOf, refused } from '../problems.ts'
import { empty, json, type Asked, type Reply, type Route } from '../route.ts'
import type { System } from '../system.ts'

const source = 'config-framework-service:src/server/cray/cfs/api/controllers/configurations.py'

/** The configurations of CFS in one of its versions. */
export function configurationRoutes(face: Face): readonly Route[] {
  const path = `/${face}/configurations`
  return [
    { method: 'GET', path, source, answer: (asked, system) => list(face, asked, system) },
    {
      method: 'GET',
      path: `${path}/:name`,
      source,
      answer: (asked, system) => one(face, asked, system),
    },
    {
      method: 'PUT',
      path: `${path}/:name`,
      source,
      answer: (asked, system) => put(face, asked, system),
    },
    {
      method: 'PATCH',
      path: `${path}/:name`,
      source,
      answer: (asked, system) => patch(face, asked, system),
    },
    { method: 'DELETE', path: `${path}/:name`, source, answer: remove },
  ]
}

function notFound(name: string): Reply {
  return refused(404, 'Configuration not found.', `Configuration ${name} could not be found`)
}

function list(face: Face, asked: Asked, system: System): Reply {
  const records = [...system.cfs.configurations.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const wanted = asked.query.get('in_use')
  const fitting =
    wanted === null
      ? records
      : records.filter((each) => String(isInUse(each.name, system)) === wanted.toLowerCase())
  return listed(
    face,
    asked,
    'configurations',
    fitting.map((record) => ({ id: record.name, record })),
  )
}

function one(face: Face, asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  const found = system.cfs.configurations.get(name)
  return found ? json(200, spoken(face, found)) : notFound(name)
}

function put(face: Face, asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  if (name.length > 60)
    return refused(400, 'Bad Request', `'${name}' is too long - 'configuration_id'`)
  const body = heard(face, asked)
  if (!body) return refused(400, 'Bad Request', 'Request body is not valid JSON')
  const wrong = shapeOf(body, face)
  if (wrong) return refused(400, 'Bad Request', wrong)
  const layers = (body['layers'] ?? []) as readonly CfsLayer[]
  const inventory = body['additional_inventory'] as CfsSource | undefined
  const trouble = troubleOf(inventory ? [...layers, inventory] : layers)
  if (trouble) return trouble
  const twice = layers.find((layer, i) =>
    layers
      .slice(0, i)
      .some((before) => urlOf(before) === urlOf(layer) && before.playbook === layer.playbook),
  )
  if (twice)
    return refused(
      400,
      'Error with conflicting layers',
      `Two or more layers apply the same playbook from the same repo: ${urlOf(twice)}, ${twice.playbook ?? 'site.yml'}`,
    )
  const drops = asked.query.get('drop_branches') === 'true'
  const resolved = [...layers, ...(inventory ? [inventory] : [])].map((each) =>
    resolve(each, system, drops),
  )
  const failed = resolved.find((each) => each === null)
  if (failed === null)
    return refused(
      400,
      'Error converting branch name to commit',
      'Failed fetching commit from git: the branch does not exist',
    )
  const { description, tenant_name } = body as { description?: string; tenant_name?: string }
  const record: CfsConfiguration = {
    name,
    ...(description === undefined ? {} : { description }),
    layers: resolved.slice(0, layers.length) as CfsLayer[],
    ...(inventory ? { additional_inventory: resolved.at(-1) as CfsSource } : {}),
    last_updated: zulu(system.now()),
    ...(tenant_name === undefined ? {} : { tenant_name }),
  }
  system.cfs.configurations.set(name, record)
  return json(200, spoken(face, record))
}

function patch(face: Face, asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  const found = system.cfs.configurations.get(name)
  if (!found) return notFound(name)
  const again = <S extends CfsSource>(each: S): S => resolve(each, system, false) ?? each
  const record = {
    ...found,
    layers: found.layers.map(again),
    ...(found.additional_inventory
      ? { additional_inventory: again(found.additional_inventory) }
      : {}),
    last_updated: zulu(system.now()),
  }
  system.cfs.configurations.set(name, record)
  return json(200, spoken(face, record))
}

function remove(asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  if (!system.cfs.configurations.has(name)) return notFound(name)
  if (isInUse(name, system))
    return refused(
      400,
      'Configuration is in use.',
      `Configuration ${name} is referenced by the desired state of some components`,
    )
  system.cfs.configurations.delete(name)
  return empty(204)
}

function isInUse(name: string, system: System): boolean {
  return [...system.cfs.components.values()].some((each) => each.desired_config === name)
}

function urlOf(layer: CfsSource): string {
  return layer.clone_url ?? layer.source ?? ''
}

// What the framework checks against the description of the API, before the service sees the body.
function shapeOf(body: Readonly<Record<string, unknown>>, face: Face): string | null {
  for (const name of ['name', 'last_updated'])
    if (name in body) return `Property is read-only - '${name}'`
  const layers = body['layers']
  if (layers === undefined) return face === 'v3' ? `'layers' is a required property` : null
  if (!Array.isArray(layers)) return `${JSON.stringify(layers)} is not of type 'array' - 'layers'`
  for (const [i, layer] of layers.entries()) {
    const map = mapOf(layer)
    if (!map) return `${JSON.stringify(layer)} is not of type 'object' - 'layers.${i}'`
    if (face === 'v3' && typeof map['playbook'] !== 'string')
      return `'playbook' is a required property - 'layers.${i}'`
    const unknown = Object.keys(map).find(
      (key) =>
        ![
          'name',
          'clone_url',
          'source',
          'playbook',
          'commit',
          'branch',
          'special_parameters',
        ].includes(key),
    )
    if (unknown)
      return `Additional properties are not allowed ('${unknown}' was unexpected) - 'layers.${i}'`
    const commit = map['commit']
    if (commit !== undefined && !/^[0-9a-f]{40}$/i.test(String(commit)))
      return `'${String(commit)}' does not match '^[0-9a-fA-F]{40}$' - 'layers.${i}.commit'`
  }
  return null
}

function troubleOf(parts: readonly CfsSource[]): Reply | null {
  for (const part of parts) {
    if (part.clone_url !== undefined && part.source !== undefined)
      return refused(
        400,
        'Error handling source and clone_url',
        'Only one of clone_url and source may be specified',
      )
    if (part.clone_url === undefined && part.source === undefined)
      return refused(
        400,
        'Error handling source and clone_url',
        'Either clone_url or source must be specified',
      )
    if (part.source !== undefined)
      return refused(400, 'Error with source', `The source ${part.source} does not exist`)
    if (part.branch !== undefined && part.commit !== undefined)
      return refused(
        400,
        'Error handling branch and commit',
        'Only branch or commit should be specified for each layer, not both.',
      )
    if (part.branch === undefined && part.commit === undefined)
      return refused(
        400,
        'Error handling branch and commit',
        'Either branch or commit must be specified for each layer.',
      )
  }
  return null
}

/** A branch's head is looked up when the configuration is written; null where there is no such branch. A commit is taken as it is. */
function resolve<S extends CfsSource>(part: S, system: System, drops: boolean): S | null {
  if (part.branch === undefined) return part
  const commit = headOf(part.branch, part.clone_url ?? '', system)
  if (commit === null) return null
  const { branch, ...rest } = part
  return (drops ? { ...rest, commit } : { ...rest, branch, commit }) as unknown as S
}

// The branches of the lab's VCS: CSM's own of this release, and the site's `integration…`.
function headOf(branch: string, url: string, system: System): string | null {
  const { configuration, commit } = commitOf(system.release)
  if (branch === `cray/csm/${configuration}`) return commit
  return /^(?:main|master|integration.*)$/.test(branch)
    ? createHash('sha1').update(`${url} ${branch}`).digest('hex')
    : null
}
