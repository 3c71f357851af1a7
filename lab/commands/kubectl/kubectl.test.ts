import { describe, expect, it } from 'vitest'
import { sharedLab } from '../../shared-lab.fixture.ts'

const site = sharedLab('kubectl')

async function run(
  command: string,
  input = '',
): Promise<{ out: string; err: string; exit: number }> {
  const { stdout, stderr, exitCode } = await site.lab.nodes
    .get('ncn-m001')!
    .run(input === '' ? command : `printf %s '${input}' | ${command}`, { user: 'root' })
  return { out: stdout, err: stderr, exit: exitCode }
}
const json = async (command: string) => JSON.parse((await run(`${command} -o json`)).out)

describe('kubectl get', () => {
  it('writes a text with lines as a block', async () => {
    const { out } = await run('kubectl get configmap -n services cray-ims-remote-keys -o yaml')
    expect(out).toMatch(/\n {2}public_key: \|\n {4}ecdsa-sha2-nistp384 \S+\nkind: ConfigMap\n/)
    expect(out).toContain('  private_key: |\n    -----BEGIN EC PRIVATE KEY-----\n')
  })

  it('writes who an object is and since when, also of those that a user makes', async () => {
    const get = 'kubectl -n services get configmap cray-product-catalog -o yaml'
    expect((await run(get)).out).toMatch(
      /\nkind: ConfigMap\nmetadata:\n {2}creationTimestamp: "2026-09-01T08:00:00Z"\n {2}name: cray-product-catalog\n {2}namespace: services\n {2}resourceVersion: "1"\n {2}uid: [0-9a-f-]{36}\n$/,
    )
    const apply = async (a: string) =>
      run(
        'kubectl -n services apply -f -',
        `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"dated"},"data":{"a":"${a}"}}`,
      )
    await apply('1')
    const first = (await json('kubectl -n services get cm dated')).metadata
    await apply('2')
    const second = (await json('kubectl -n services get cm dated')).metadata
    expect(first.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(second).toEqual({ ...first, resourceVersion: second.resourceVersion })
    expect(Number(second.resourceVersion)).toBeGreaterThan(Number(first.resourceVersion))
  })

  it('lists workloads, pods and nodes in columns', async () => {
    expect((await run('kubectl -n services get deploy cray-dns-unbound')).out).toBe(
      'NAME               READY   UP-TO-DATE   AVAILABLE   AGE\ncray-dns-unbound   3/3     3            3           30d\n',
    )
    expect((await run('kubectl get nodes --no-headers')).out).toMatch(
      /^ncn-m001 +Ready +control-plane +30d +v1\.24\.17\n/,
    )
    const pods = await json('kubectl get pods -A -l app.kubernetes.io/name=cray-dns-unbound')
    expect(pods.items).toHaveLength(3)
    expect(pods.items[0].spec.nodeName).toMatch(/^ncn-w00/)
  })

  it('says what it does not find, in the words of kubectl', async () => {
    expect(await run('kubectl -n services get deployment nothing')).toMatchObject({
      err: 'Error from server (NotFound): deployments.apps "nothing" not found\n',
      exit: 1,
    })
    expect((await run('kubectl get pods')).err).toBe('No resources found in default namespace.\n')
    expect((await run('kubectl get gadgets')).err).toContain("doesn't have a resource type")
    expect((await run('kubectl get pods --field-selector spec.host=a')).err).toContain(
      'field label not supported: spec.host',
    )
  })
})

describe('kubectl patch', () => {
  it('merges, says what it did, and refuses an old version', async () => {
    const suspend = (value: boolean) =>
      run(
        `kubectl -n services patch cronjobs.batch hms-discovery --type merge -p '{"spec":{"suspend":${value}}}'`,
      )
    expect((await suspend(true)).out).toBe('cronjob.batch/hms-discovery patched\n')
    expect((await suspend(true)).out).toBe('cronjob.batch/hms-discovery patched (no change)\n')
    expect((await json('kubectl -n services get cronjob hms-discovery')).spec.suspend).toBe(true)
    expect((await suspend(false)).exit).toBe(0)
    const old = await run(
      'kubectl -n services patch cronjob hms-discovery --type merge --patch-file /dev/stdin',
      '{"metadata":{"resourceVersion":"1"},"spec":{"suspend":true}}',
    )
    expect(old.err).toContain('the object has been modified')
  })

  it('refuses a patch that nests too deeply, and the lab goes on', async () => {
    const deep = await run(
      'kubectl -n services patch cronjob hms-discovery --type merge --patch-file /dev/stdin',
      '['.repeat(20_000),
    )
    expect(deep.exit).toBe(1)
    expect((await run('kubectl get nodes')).exit).toBe(0)
  })

  it('writes the encoded value of a secret', async () => {
    await run(
      'kubectl patch secret admin-client-auth --type merge --patch-file /dev/stdin',
      '{"stringData":{"extra":"word"}}',
    )
    expect((await json('kubectl get secret admin-client-auth')).data.extra).toBe('d29yZA==')
  })
})

describe('kubectl create, apply and delete', () => {
  it('makes an object once, changes it, and removes it', async () => {
    const made = (value: string) =>
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"site"},"data":{"a":"${value}"}}`
    expect((await run('kubectl create -f -', made('1'))).out).toBe('configmap/site created\n')
    expect((await run('kubectl create -f -', made('1'))).err).toContain('already exists')
    expect((await run('kubectl apply -f -', made('2'))).out).toBe('configmap/site configured\n')
    expect((await json('kubectl get configmap site')).data).toEqual({ a: '2' })
    expect((await run('kubectl delete configmap site')).out).toBe('configmap "site" deleted\n')
    expect((await run('kubectl get configmap site --ignore-not-found')).out).toBe('')
  })
})

describe('kubectl rollout', () => {
  it('replaces the pods of a workload, and waits until that is done', async () => {
    const names = async (): Promise<readonly string[]> =>
      (await json('kubectl -n services get pods -l app.kubernetes.io/name=cray-bos')).items.map(
        (pod: { metadata: { name: string } }) => pod.metadata.name,
      )
    const before = await names()
    expect((await run('kubectl -n services rollout restart deployment cray-bos')).out).toBe(
      'deployment.apps/cray-bos restarted\n',
    )
    const during = await json('kubectl -n services get deployment cray-bos')
    expect(during.status.updatedReplicas).toBe(0)
    const waited = await run('kubectl -n services rollout status deployment/cray-bos')
    expect(waited.out).toContain('deployment "cray-bos" successfully rolled out\n')
    const after = await names()
    expect(after).toHaveLength(2)
    expect(after.some((name) => before.includes(name))).toBe(false)
  })
})

describe('kubectl drain', () => {
  it('refuses pods with data of their own, then evicts all but those of daemons', async () => {
    const pods = async (node: string): Promise<readonly string[]> =>
      (await json(`kubectl get pods -A --field-selector spec.nodeName=${node}`)).items.map(
        (pod: { metadata: { name: string } }) => pod.metadata.name,
      )
    const refused = await run('kubectl drain ncn-w001 --ignore-daemonsets')
    expect(refused.exit).toBe(1)
    expect(refused.err).toContain('cannot delete Pods with local storage')
    const drained = await run('kubectl drain ncn-w001 --ignore-daemonsets --delete-emptydir-data')
    expect(drained.out).toMatch(/node\/ncn-w001 drained\n$/)
    expect((await pods('ncn-w001')).every((name) => name.startsWith('kube-proxy-'))).toBe(true)
    expect((await run('kubectl get node ncn-w001')).out).toContain('Ready,SchedulingDisabled')
    expect((await run('kubectl uncordon ncn-w001')).out).toBe('node/ncn-w001 uncordoned\n')
    expect((await run('kubectl uncordon ncn-w001')).out).toBe('node/ncn-w001 already uncordoned\n')
  })
})
