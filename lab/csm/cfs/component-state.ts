import { zulu, type CfsComponent, type CfsLayer } from './cfs-records.ts'
import { mapOf } from '../problems.ts'

type Layer = Readonly<Record<string, unknown>>

/** A component after its configuration was applied. A play for images finds nothing to do on a live node. */
export function applied(
  record: CfsComponent['record'],
  layers: readonly CfsLayer[],
  end: NonNullable<CfsComponent['pending']>,
): CfsComponent['record'] {
  return {
    ...record,
    enabled: !end.failed,
    error_count: end.failed ? Number(record['retry_policy'] ?? 1) : 0,
    state: layers.map((layer) => ({
      clone_url: layer.clone_url,
      playbook: layer.playbook,
      commit: layer.commit,
      status: end.failed ? 'failed' : layer.playbook === 'ims_computes.yml' ? 'skipped' : 'applied',
      last_updated: zulu(end.due),
      session_name: '',
    })),
  }
}

/** The layers of a component that was written at this time: one that is appended takes the place of its like. */
export function stateAfter(record: CfsComponent['record'], now: string): readonly Layer[] {
  const state = (Array.isArray(record['state']) ? record['state'] : []) as readonly Layer[]
  const stamped = state.map((layer) =>
    inV3({ ...layer, last_updated: layer['last_updated'] ?? now }),
  )
  const appended = mapOf(record['state_append'])
  if (!appended) return stamped
  const isLike = (layer: Layer): boolean =>
    layer['clone_url'] === appended['clone_url'] && layer['playbook'] === appended['playbook']
  return [
    ...stamped.filter((layer) => !isLike(layer)),
    inV3({ ...appended, last_updated: appended['last_updated'] ?? now }),
  ]
}

function inV3(layer: Layer): Layer {
  const [commit, status] = String(layer['commit']).split('_')
  if (status !== undefined) return { ...layer, commit, status }
  return { ...layer, status: layer['status'] ?? 'applied' }
}
