import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { services } from './csm/gateway.ts'
import { matchPath } from './csm/service-route.ts'
import { raiseLab, type Lab } from './lab.ts'

const intel = 'x3000c0s19b1n0'
const base = 'f6d9cfc7-9291-4c46-8350-c252b919d396'
let folder = ''
let lab: Lab
let now = 0
afterEach(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

async function raise(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'booting-'))
  now = Date.parse('2026-01-01T00:00:00Z')
  lab = await raiseLab({ folder: join(folder, 'lab'), now: () => now })
}
async function ask(method: string, path: string, body?: unknown): Promise<any> {
  await lab.system.agenda.advance()
  const service = services.find((each) => path.startsWith(`${each.prefix}/`))!
  for (const route of service.routes) {
    const params = route.method === method ? matchPath(service.prefix + route.path, path) : null
    if (!params) continue
    const { status, body: text } = await route.answer(
      {
        method,
        path,
        query: new URLSearchParams(),
        params,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body ?? null),
      },
      lab.system,
    )
    if (status >= 400) throw new Error(text)
    return text === '' ? undefined : JSON.parse(text)
  }
}
async function pass(milliseconds: number): Promise<void> {
  now += milliseconds
  await lab.system.agenda.advance()
}
/** Makes a builder image by a session of CFS and a template for it. */
async function makeBuilder(): Promise<string> {
  await ask('PUT', '/apis/cfs/v3/configurations/c', {
    layers: [{ clone_url: 'u', commit: 'a'.repeat(40), playbook: 'ims_computes.yml' }],
  })
  await ask('POST', '/apis/cfs/v3/sessions', {
    name: 'a',
    configuration_name: 'c',
    target: { definition: 'image', groups: [{ name: 'Application', members: [base] }] },
  })
  await pass(60_000)
  const id = (await ask('GET', '/apis/cfs/v3/sessions/a')).status.artifacts[0].result_id as string
  await ask('PUT', '/apis/bos/v2/sessiontemplates/t', {
    boot_sets: {
      compute: {
        path: `s3://boot-images/${id}/manifest.json`,
        type: 's3',
        kernel_parameters: `quiet root=live:s3://boot-images/${id}/rootfs`,
        node_list: [intel],
      },
    },
  })
  return id
}
async function boot(name = 's'): Promise<any> {
  await ask('POST', '/apis/bos/v2/sessions', {
    name,
    operation: 'reboot',
    template_name: 't',
    limit: intel,
  })
  await pass(600_000)
  return ask('GET', `/apis/bos/v2/sessions/${name}/status`)
}
async function on(command: string): Promise<string> {
  return (await lab.nodes.get(intel)!.run(command, { user: 'root' })).stdout
}

describe('a node that BOS boots', () => {
  it('runs the image with what is baked in, and has lost all else', async () => {
    await raise()
    const id = await makeBuilder()
    const node = lab.nodes.get(intel)!
    const [bootId, hostKey] = [node.bootId, node.hostKey]
    await on('mkdir /tmp/ims_x; echo hello >/root/note')
    expect(await boot()).toMatchObject({ percent_successful: 100, managed_components_count: 1 })
    expect(node.bootId).not.toBe(bootId)
    expect(node.hostKey).not.toBe(hostKey)
    expect(await on('ls /tmp /root')).not.toMatch(/ims_x|note/)
    expect(await on('cat /proc/cmdline')).toContain(`root=live:s3://boot-images/${id}/rootfs`)
    expect(await on('ls /usr/bin/podman')).toBe('/usr/bin/podman\n')
    expect(await on('cat /root/.ssh/authorized_keys')).toContain(
      lab.system.cluster.objects[0]!.data['public_key']!.trim(),
    )
    await ask('POST', '/apis/ims/v3/remote-build-nodes', { xname: intel })
    expect(await ask('GET', `/apis/ims/v3/remote-build-nodes/status/${intel}`)).toMatchObject({
      ableToRunJobs: true,
      numCurrentJobs: 0,
    })
    expect(await ask('GET', `/apis/smd/hsm/v2/State/Components/${intel}`)).toMatchObject({
      State: 'Ready',
    })
    // Whoever comes later finds the key in the lab's known_hosts.
    expect(
      readFileSync(join(lab.folder, 'known_hosts'), 'utf8')
        .split('\n')
        .filter((line) => line.includes(`:${node.port} `)),
    ).toEqual([`[127.0.0.1]:${node.port} ${node.hostKey}`])
    // A power cycle boots the same image again.
    await lab.reboot(intel)
    expect(await on('cat /proc/cmdline')).toContain(id)
  })

  it('fails to come up, or comes up in another image, by fault', async () => {
    await raise()
    const id = await makeBuilder()
    await lab.fault({ on: 'node', node: intel, fault: { kind: 'no-boot' } })
    expect(await boot()).toMatchObject({ percent_failed: 100 })
    expect(await ask('GET', `/apis/smd/hsm/v2/State/Components/${intel}`)).toMatchObject({
      State: 'On',
    })
    await expect(on('true')).rejects.toThrow('not up')
    await lab.fault({ on: 'nothing' })
    await lab.fault({ on: 'node', node: intel, fault: { kind: 'wrong-image' } })
    expect(await boot('s2')).toMatchObject({ percent_failed: 100 })
    expect(await on('cat /proc/cmdline')).not.toContain(id)
    await lab.fault({ on: 'nothing' })
    expect(await boot('s3')).toMatchObject({ percent_successful: 100 })
  })

  it('runs a job of IMS in a container of its own', async () => {
    await raise()
    await makeBuilder()
    await boot()
    await ask('POST', '/apis/ims/v3/remote-build-nodes', { xname: intel })
    const { id: key } = await ask('POST', '/apis/ims/v3/public-keys', {
      name: 'k',
      public_key: 'ssh-ed25519 AAAA',
    })
    const job = await ask('POST', '/apis/ims/v3/jobs', {
      job_type: 'customize',
      artifact_id: base,
      public_key_id: key,
      image_root_archive_name: 'mine',
    })
    expect(job.remote_build_node).toBe(intel)
    await pass(1000)
    expect(await on('ls -d /tmp/ims_*; podman ps')).toMatch(
      new RegExp(`^/tmp/ims_${job.id}\n[^]*ims-${job.id}\n`),
    )
    await on(`touch /tmp/ims_${job.id}/image/complete`)
    await pass(5000)
    await pass(5000)
    expect(await ask('GET', `/apis/ims/v3/jobs/${job.id}`)).toMatchObject({ status: 'success' })
    expect(await on('ls /tmp; podman ps -q')).toBe('')
  })
})

describe('trouble that a lab makes', () => {
  it('an orphan is a folder and a container without a job', async () => {
    await raise()
    await on(
      'zypper -n addrepo https://packages.local/repository/SUSE-SLE-Module-Containers-15-SP5-x86_64-Pool c; zypper -n addrepo https://packages.local/repository/SUSE-SLE-Module-Basesystem-15-SP5-x86_64-Pool b; zypper -n install podman',
    )
    await lab.fault({ on: 'orphan', node: intel })
    expect(await on('ls -d /tmp/ims_*; podman ps -a')).toMatch(
      /\/tmp\/ims_([-0-9a-f]{36})\n[^]*ims-\1\n/,
    )
    expect(await ask('GET', '/apis/ims/v3/jobs')).toEqual([])
    await lab.fault({ on: 'power', node: intel, power: 'off' })
    await expect(lab.fault({ on: 'orphan', node: intel })).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/fault' }],
    })
  })

  it('the catalog loses csm, misleads by its versions, or names images that are gone; clear mends it', async () => {
    await raise()
    const catalog = () =>
      lab.system.cluster.objects.find((each) => each.name === 'cray-product-catalog')!.data
    const whole = catalog()
    await lab.fault({ on: 'catalog', fault: 'no-csm' })
    expect(Object.keys(catalog())).toEqual(['cos'])
    await lab.fault({ on: 'catalog', fault: 'many-versions' })
    expect(
      catalog()
        ['csm']!.match(/^\d\S+(?=:)/gm)!
        .slice(-1),
    ).toEqual(['1.9.9'])
    await lab.fault({ on: 'catalog', fault: 'dead-images' })
    expect(catalog()['csm']).not.toContain(base)
    await lab.fault({ on: 'nothing' })
    expect(catalog()).toEqual(whole)
  })

  it('images are there twice, and status tells of the faults of services until they are cleared', async () => {
    await raise()
    await lab.fault({ on: 'duplicate-images' })
    const names = lab.system.images.map((each) => each.name)
    expect(names).toHaveLength(2 * new Set(names).size)
    const images = lab.system.images.filter((each) => each.name === names[0])
    expect(images[1]!.created < images[0]!.created).toBe(true)
    await lab.fault({ on: 'service', fault: { kind: 'cfs-session', ends: 'never' } })
    expect(lab.status().serviceFaults).toEqual(['cfs-session never'])
    await lab.fault({ on: 'nothing' })
    expect(lab.status().serviceFaults).toEqual([])
  })
})
