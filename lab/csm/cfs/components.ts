import { listed, spoken, type Face } from './faces.ts'
import { zulu } from './records.ts'
import { normalized } from '../hsm/components.ts'
import { refused } from '../problems.ts'
import { json, type Asked, type Reply, type Route } from '../route.ts'
import { struck } from '../service-faults.ts'
import type { System } from '../system.ts'

const source = 'config-framework-service:src/server/cray/cfs/api/controllers/components.py'

/** The live nodes as CFS knows them, read only: BOS tells CFS what they should have. */
export function componentRoutes(face: Face): readonly Route[] {
  return [
    {
      method: 'GET',
      path: `/${face}/components`,
      source,
      answer: (asked, system) => list(face, asked, system),
    },
    {
      method: 'GET',
      path: `/${face}/components/:xname`,
      source,
      answer: (asked, system) => one(face, asked, system),
    },
  ]
}

/** What BOS does for a node that it boots: the configuration is wanted, and applied a while later. */
export function configure(system: System, xname: string, configuration: string, at: number): void {
  const failed = struck(system, 'cfs-component') !== null
  system.cfs.components.set(xname, {
    desired_config: configuration,
    configured: at + system.durations.cfsConfigure,
    failed,
  })
}

/** How far CFS is with a live node. */
export function configurationStatus(
  system: System,
  xname: string,
): 'unconfigured' | 'pending' | 'failed' | 'configured' {
  const component = system.cfs.components.get(xname)
  if (!component || component.desired_config === '') return 'unconfigured'
  if (system.now() < component.configured) return 'pending'
  return component.failed ? 'failed' : 'configured'
}

function record(xname: string, system: System): Record<string, unknown> {
  const component = system.cfs.components.get(xname)
  const status = configurationStatus(system, xname)
  const layers =
    status === 'configured' || status === 'failed'
      ? (system.cfs.configurations.get(component!.desired_config)?.layers ?? [])
      : []
  return {
    id: xname,
    desired_config: component?.desired_config ?? '',
    configuration_status: status,
    enabled: component !== undefined && component.desired_config !== '' && status !== 'failed',
    error_count: status === 'failed' ? 1 : 0,
    retry_policy: 3,
    // A play for images finds nothing to do on a live node.
    state: layers.map((layer) => ({
      clone_url: layer.clone_url,
      playbook: layer.playbook,
      commit: layer.commit,
      status:
        status === 'failed'
          ? 'failed'
          : layer.playbook === 'ims_computes.yml'
            ? 'skipped'
            : 'applied',
      last_updated: zulu(component!.configured),
    })),
    tags: {},
  }
}

function list(face: Face, asked: Asked, system: System): Reply {
  const [ids, status, enabled, config] = [
    asked.query.get('ids'),
    asked.query.get('status'),
    asked.query.get('enabled'),
    asked.query.get(face === 'v3' ? 'config_name' : 'configName'),
  ]
  const records = [...system.components.keys()].map((xname) => record(xname, system))
  const fitting = records.filter(
    (each) =>
      (ids === null || ids.split(',').includes(String(each['id']))) &&
      (status === null || each['configuration_status'] === status) &&
      (enabled === null || String(each['enabled']) === enabled.toLowerCase()) &&
      (config === null || each['desired_config'] === config),
  )
  return listed(
    face,
    asked,
    'components',
    fitting.map((each) => ({ id: String(each['id']), record: each })),
  )
}

function one(face: Face, asked: Asked, system: System): Reply {
  const xname = normalized(asked.params['xname']!)
  if (!system.components.has(xname))
    return refused(
      404,
      'Component not found.',
      `Component ${asked.params['xname']} could not be found`,
    )
  return json(200, spoken(face, record(xname, system)))
}
