import { refused } from '../problems.ts'
import { empty, json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import type { Component } from '../system-model.ts'
import { hostRecord, nodeByMac, nodeByNid } from './boot-lookup.ts'
import { goInteger, listIn } from './boot-query.ts'

const source = 'hms-bss:cmd/boot-script-service/default_api.go'

/** The nodes that BSS knows from HSM; a POST has it read them again. */
export const bootHostRoutes: readonly Route[] = [
  { method: 'GET', path: '/hosts', source, answer: hosts },
  {
    method: 'POST',
    path: '/hosts',
    source,
    answer: () => ({ ...empty(204), headers: { 'cache-control': 'no-cache' } }),
  },
]

function hosts({ query }: Asked, system: System): Reply {
  const found: Component[] = []
  for (const [kind, text] of wantedIn(query)) {
    const nid = kind === 'NID' ? goInteger(text) : null
    if (kind === 'NID' && nid === null)
      return refused(400, 'Bad Request', `Bad Request - Invalid nid '${text}'`)
    const component =
      nid !== null
        ? nodeByNid(system, nid)
        : kind === 'MAC address'
          ? nodeByMac(system, text)
          : system.components.get(text)
    if (!component) return refused(404, 'Not Found', `Not Found - Unknown ${kind} '${text}'`)
    found.push(component)
  }
  const shown = wantedIn(query).length > 0 ? found : [...system.components.values()]
  return json(
    200,
    shown.map((each) => hostRecord(each, system)),
  )
}

function wantedIn(query: URLSearchParams): readonly (readonly [string, string])[] {
  return [
    ...listIn(query, 'name').map((text) => ['host name', text] as const),
    ...listIn(query, 'mac').map((text) => ['MAC address', text] as const),
    ...listIn(query, 'nid').map((text) => ['NID', text] as const),
  ]
}
