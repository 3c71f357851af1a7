import { invalid, noInput, noResource, noRoute, notJson } from './problem.ts'
import { remoteBuildNodeStatus } from './status.ts'
import { empty, json, parsed, sorted, type Asked, type Reply, type Route } from '../route.ts'
import type { System } from '../system.ts'

const source = 'ims:src/server/v3/resources/remote_build_nodes.py'

/** The routes of IMS's remote build nodes, below `prefix` (v3, or the alias without a version). */
export function remoteBuildNodeRoutes(prefix: string): readonly Route[] {
  return [
    { method: 'GET', path: `${prefix}/remote-build-nodes`, source, answer: list },
    { method: 'POST', path: `${prefix}/remote-build-nodes`, source, answer: create },
    { method: 'DELETE', path: `${prefix}/remote-build-nodes`, source, answer: removeAll },
    { method: 'GET', path: `${prefix}/remote-build-nodes/status`, source, answer: statusOfAll },
    {
      method: 'GET',
      path: `${prefix}/remote-build-nodes/status/:xname`,
      source,
      answer: statusOfOne,
    },
    { method: 'GET', path: `${prefix}/remote-build-nodes/:xname`, source, answer: describeOne },
    { method: 'DELETE', path: `${prefix}/remote-build-nodes/:xname`, source, answer: removeOne },
  ]
}

function list(_asked: Asked, system: System): Reply {
  return json(
    200,
    [...system.remoteBuildNodes].map((xname) => ({ xname })),
  )
}

function create(asked: Asked, system: System): Reply {
  const input = parsed(asked.body)
  if (input === undefined && asked.body.trim() !== '') return notJson
  if (isNothing(input)) return noInput
  const errors = faults(input)
  if (errors) return invalid(errors)
  const { xname } = input as { xname: string }
  // A second POST of the same name is accepted and leaves the order as it was: the store is a map that is overwritten.
  system.remoteBuildNodes.add(xname)
  return json(201, { xname })
}

function isNothing(input: unknown): boolean {
  return !input || (typeof input === 'object' && Object.keys(input).length === 0)
}

function faults(input: unknown): Record<string, string[]> | null {
  if (typeof input !== 'object' || Array.isArray(input)) return { _schema: ['Invalid input type.'] }
  const given = input as Record<string, unknown>
  const errors: Record<string, string[]> = {}
  for (const key of Object.keys(given)) if (key !== 'xname') errors[key] = ['Unknown field.']
  const { xname } = given
  if (xname === undefined) errors['xname'] = ['Missing data for required field.']
  else if (xname === null) errors['xname'] = ['Field may not be null.']
  else if (typeof xname !== 'string') errors['xname'] = ['Not a valid string.']
  else if (xname === '') errors['xname'] = ['name field must not be blank']
  return Object.keys(errors).length > 0 ? errors : null
}

function removeAll(_asked: Asked, system: System): Reply {
  system.remoteBuildNodes.clear()
  return empty(204)
}

function describeOne(asked: Asked, system: System): Reply {
  // Without the status route its path is the name of a node that nobody registered.
  const xname = asked.params['xname']!
  return system.remoteBuildNodes.has(xname) ? json(200, { xname }) : noResource
}

function removeOne(asked: Asked, system: System): Reply {
  return system.remoteBuildNodes.delete(asked.params['xname']!) ? empty(204) : noResource
}

async function statusOfAll(asked: Asked, system: System): Promise<Reply> {
  if (system.release === '1.5')
    return describeOne({ ...asked, params: { xname: 'status' } }, system)
  const states: unknown[] = []
  // One after another, as IMS does: that is why this list is slow where nodes are down.
  for (const xname of system.remoteBuildNodes)
    states.push(sorted(await remoteBuildNodeStatus(xname, system)))
  return json(200, states)
}

async function statusOfOne(asked: Asked, system: System): Promise<Reply> {
  if (system.release === '1.5') return noRoute
  const xname = asked.params['xname']!
  if (!system.remoteBuildNodes.has(xname)) return noResource
  return json(200, sorted(await remoteBuildNodeStatus(xname, system)))
}
