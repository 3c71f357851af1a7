import { brokenInside, inputOf, noResource } from './ims-problems.ts'
import { buildNode } from './ims-schemas.ts'
import { remoteBuildNodeStatus } from './status.ts'
import { empty, json, sorted, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'

const source = 'ims:src/server/v3/resources/remote_build_nodes.py'
const all = '/v3/remote-build-nodes'

/** The routes of IMS's remote build nodes. */
export const remoteBuildNodeRoutes: readonly Route[] = [
  { method: 'GET', path: all, source, answer: list },
  { method: 'POST', path: all, source, answer: create },
  { method: 'DELETE', path: all, source, answer: removeAll },
  { method: 'GET', path: `${all}/status`, source, since: '1.6.0', answer: statusOfAll },
  { method: 'GET', path: `${all}/status/:xname`, source, since: '1.6.0', answer: statusOfOne },
  { method: 'GET', path: `${all}/:xname`, source, answer: describeOne },
  { method: 'DELETE', path: `${all}/:xname`, source, answer: removeOne },
]

function list(_asked: Asked, system: System): Reply {
  return json(
    200,
    [...system.remoteBuildNodes].map((xname) => ({ xname })),
  )
}

function create(asked: Asked, system: System): Reply {
  const input = inputOf(asked, buildNode)
  if (input.refused) return input.refused
  const { xname } = input.given as { xname: string }
  // A second POST of the same name is accepted and leaves the order as it was: the store is a map that is overwritten.
  system.remoteBuildNodes.add(xname)
  return json(201, { xname })
}

function removeAll(_asked: Asked, system: System): Reply {
  system.remoteBuildNodes.clear()
  return empty(204, 'application/json')
}

function describeOne(asked: Asked, system: System): Reply {
  const xname = asked.params['xname']!
  return system.remoteBuildNodes.has(xname) ? json(200, { xname }) : noResource
}

function removeOne(asked: Asked, system: System): Reply {
  return system.remoteBuildNodes.delete(asked.params['xname']!)
    ? empty(204, 'application/json')
    : noResource
}

async function statusOfAll(_asked: Asked, system: System): Promise<Reply> {
  const states: unknown[] = []
  // One after another, as IMS does: that is why this list is slow where nodes are down.
  for (const xname of system.remoteBuildNodes) {
    const status = await remoteBuildNodeStatus(xname, system)
    if (!status) return brokenInside
    states.push(sorted(status))
  }
  return json(200, states)
}

async function statusOfOne(asked: Asked, system: System): Promise<Reply> {
  const xname = asked.params['xname']!
  if (!system.remoteBuildNodes.has(xname)) return noResource
  const status = await remoteBuildNodeStatus(xname, system)
  return status ? json(200, sorted(status)) : brokenInside
}
