import type { CephCluster } from './ceph-cluster.ts'

/** What the cluster says of its health: OSDs that are down, and pools with images whose use it does not know. */
export function healthOf(cluster: CephCluster): {
  readonly status: 'HEALTH_OK' | 'HEALTH_WARN'
  readonly checks: Readonly<Record<string, unknown>>
  readonly mutes: readonly unknown[]
} {
  const down = [...cluster.osds.values()].filter((each) => each.in && !each.up).length
  const unused = [...cluster.settings].filter(
    ([name, { applications }]) =>
      applications.size === 0 && (cluster.pools.get(name)?.size ?? 0) > 0,
  ).length
  const check = (message: string, count: number): object => ({
    severity: 'HEALTH_WARN',
    summary: { message, count },
    muted: false,
  })
  const checks = {
    ...(down > 0 ? { OSD_DOWN: check(`${down} osds down`, down) } : {}),
    ...(unused > 0
      ? {
          POOL_APP_NOT_ENABLED: check(
            `${unused} pool(s) do not have an application enabled`,
            unused,
          ),
        }
      : {}),
  }
  return {
    status: Object.keys(checks).length > 0 ? 'HEALTH_WARN' : 'HEALTH_OK',
    checks,
    mutes: [],
  }
}
