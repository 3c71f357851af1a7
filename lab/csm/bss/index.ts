import { refused } from '../problems.ts'
import { json, plain, type Reply, type Route, type ServiceTable } from '../service-route.ts'
import { bootHostRoutes } from './boot-hosts.ts'
import { hostRecord } from './boot-lookup.ts'
import { bootParameterRoutes, listedRecords } from './boot-parameters.ts'

const source = 'hms-bss:cmd/boot-script-service/serviceAPI.go'

const statusRoutes: readonly Route[] = [
  '/service/status',
  '/service/status/all',
  '/service/version',
  '/service/hsm',
  '/service/etcd',
].map((path) => ({ method: 'GET', path, source, answer: () => status(path) }))

const ownRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/dumpstate',
    source: 'hms-bss:cmd/boot-script-service/default_api.go',
    answer: (_asked, system) =>
      json(200, {
        Components: [...system.components.values()].map((each) => hostRecord(each, system)),
        Params: listedRecords(system),
      }),
  },
]

/** The Boot Script Service. */
export const bss: ServiceTable = {
  name: 'bss',
  prefix: '/apis/bss/boot/v1',
  routes: [...bootParameterRoutes, ...bootHostRoutes, ...ownRoutes, ...statusRoutes],
  unplayed: ['GET /bootscript', 'GET /endpoint-history', 'POST /scn'],
  answersHead: false,
  unrouted({ method, below, allowed }) {
    if (method === 'GET' && below.startsWith('/service/')) return status(below)
    // A path that it does not have belongs to its root, which greets whatever it is asked.
    if (allowed.length === 0) return { ...plain(200, 'Hello World!'), contentType: plainText }
    const allow = methods.filter((each) => allowed.includes(each)).join(',')
    return { ...refused(405, 'Method Not Allowed', `allow ${allow}`), headers: { allow } }
  },
}

const methods = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE']
const plainText = 'text/plain; charset=utf-8'

// The service looks for words in the path, and `all` stands for each of them.
function status(path: string): Reply {
  const upper = path.toUpperCase()
  const asks = (word: string): boolean => upper.includes(word) || upper.includes('ALL')
  const answer = json(200, {
    ...(asks('VERSION') ? { 'bss-version': '1.37.0' } : {}),
    ...(asks('STATUS') ? { 'bss-status': 'running' } : {}),
    ...(asks('HSM') ? { 'bss-status-hsm': 'connected' } : {}),
    ...(asks('ETCD') ? { 'bss-status-etcd': 'connected' } : {}),
  })
  return { ...answer, contentType: plainText }
}
