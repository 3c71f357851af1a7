import { describe, expect, it } from 'vitest'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// The types of Kubernetes on the management node of a rehearsal lab, through its kubectl.

const site = sharedLab('kubernetes-types')

function run(tasks: string, handlers = ''): Promise<Told> {
  return runTasks({ ...site, tasks, handlers })
}
async function json(command: string): Promise<any> {
  const { stdout } = await site.lab.nodes
    .get('ncn-m001')!
    .run(`${command} -o json`, { user: 'root' })
  return JSON.parse(stdout)
}

const suspended = `      - ensure: discovery is suspended
        k8s_object:
          kind: CronJob
          namespace: services
          name: hms-discovery
          fields: { spec: { suspend: true } }
      - ensure: the site's map
        k8s_config_map: { namespace: services, name: site, key: region, value: north }
        notify: IMS is restarted
      - ensure: a password
        k8s_secret: { name: admin-client-auth, key: extra, value: "canary-7731" }
`
const handler = `    handlers:
      - ensure: IMS is restarted
        k8s_rollout: { kind: deployment, namespace: services, name: cray-ims, state: restarted }
`

describe('objects of Kubernetes', () => {
  it('are changed once, and a handler restarts a workload', async () => {
    const first = await run(suspended, handler)
    expect(first.exit).toBe(0)
    expect(JSON.stringify(first)).not.toContain('canary-7731')
    expect((await json('kubectl -n services get cronjob hms-discovery')).spec).toMatchObject({
      suspend: true,
      schedule: '*/3 * * * *',
    })
    expect((await json('kubectl -n services get configmap site')).data).toEqual({ region: 'north' })
    expect((await json('kubectl get secret admin-client-auth')).data.extra).toBe(
      Buffer.from('canary-7731').toString('base64'),
    )
    const ims = await json('kubectl -n services get deployment cray-ims')
    expect(ims.spec.template.metadata.annotations).toHaveProperty([
      'kubectl.kubernetes.io/restartedAt',
    ])
    const second = await run(suspended, handler)
    expect(second.exit).toBe(0)
    expect(second.changes).toEqual([])
  })
})

describe('nodes of Kubernetes', () => {
  const drained = (more: string) => `      - ensure: the worker is empty
        k8s_node: { name: ncn-w001, state: drained${more} }
      - require: the rest is well
        k8s_pods: { namespace: services }
`

  it('are drained only of what may go', async () => {
    const console = (await json('kubectl -n services get pods')).items.find(
      (pod: { metadata: { name: string } }) =>
        pod.metadata.name.startsWith('cray-console-operator'),
    )
    const refused = await run(drained(''))
    expect(refused.exit).toBe(console.spec.nodeName === 'ncn-w001' ? 1 : 0)
    expect((await run(drained(', delete_emptydir_data: true'))).exit).toBe(0)
    expect((await run(drained(''))).changes).toEqual([])
    const opened = await run(
      '      - ensure: open\n        k8s_node: { name: ncn-w001, state: schedulable, ready: true }\n',
    )
    expect(opened.changes).toHaveLength(1)
  })
})
