import { componentRoutes } from './components.ts'
import { configurationRoutes } from './configurations.ts'
import { pageSize, spoken, type Face } from './faces.ts'
import { sessionRoutes } from './sessions.ts'
import { noSuchUrl, notAllowed } from '../problems.ts'
import { json, type Route, type ServiceTable } from '../route.ts'

const faces: readonly Face[] = ['v3', 'v2']

const options = {
  additional_inventory_url: '',
  batch_size: 25,
  batch_window: 60,
  batcher_check_interval: 10,
  batcher_max_backoff: 3600,
  default_ansible_config: 'cfs-default-ansible-cfg',
  default_batcher_retry_policy: 3,
  default_page_size: pageSize,
  default_playbook: 'site.yml',
  hardware_sync_interval: 10,
  session_ttl: '7d',
}

function optionRoute(face: Face): Route {
  return {
    method: 'GET',
    path: `/${face}/options`,
    source: 'config-framework-service:src/server/cray/cfs/api/controllers/options.py',
    answer: () => json(200, spoken(face, options)),
  }
}

/** The Configuration Framework Service: two versions over the same records. */
export const cfs: ServiceTable = {
  name: 'cfs',
  prefix: '/apis/cfs',
  routes: faces.flatMap((face) => [
    ...configurationRoutes(face),
    ...sessionRoutes(face),
    ...componentRoutes(face),
    optionRoute(face),
  ]),
  unknownPath: noSuchUrl,
  wrongMethod: notAllowed,
}
