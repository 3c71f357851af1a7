import { describe, expect, it } from 'vitest'
import { addImage } from '../contents.ts'
import { arm, bases, bench, intel, master, type Bench } from '../system.fixture.ts'

const v2 = '/apis/bos/v2'
const built = {
  x86_64: '4d20f212-0a5b-498b-8183-6180f96bf49f',
  aarch64: '5e31a323-1b6c-4a9c-9294-7291a07ca5a0',
} as const
const set = (more: object = {}) => ({
  path: `s3://boot-images/${built.x86_64}/manifest.json`,
  type: 's3',
  etag: 'e',
  kernel_parameters: 'ip=dhcp quiet spire_join_token=${SPIRE_JOIN_TOKEN}',
  node_roles_groups: ['Compute'],
  ...more,
})
const armSet = set({ path: `s3://boot-images/${built.aarch64}/manifest.json`, arch: 'ARM' })
const long = 600_000

function raise(release: Parameters<typeof bench>[0] = '1.6'): Bench {
  const lab = bench(release)
  for (const arch of ['x86_64', 'aarch64'] as const)
    addImage(lab.system, {
      id: built[arch],
      name: `made_${arch}`,
      arch,
      etag: 'e',
      at: 0,
      content: { packages: ['bos-reporter'], rootKeys: [], servicePack: 6 },
    })
  return lab
}
const template = (lab: Bench, boot_sets: object = { compute: set() }, more: object = {}) =>
  lab.ask('PUT', `${v2}/sessiontemplates/t`, { boot_sets, ...more })
const session = (lab: Bench, more: object = {}) =>
  lab.ask('POST', `${v2}/sessions`, {
    name: 's',
    operation: 'reboot',
    template_name: 't',
    limit: intel,
    ...more,
  })
const statusOf = async (lab: Bench, name = 's') =>
  (await lab.ask('GET', `${v2}/sessions/${name}/status`)).json
const componentOf = async (lab: Bench, xname = intel) =>
  (await lab.ask('GET', `${v2}/components/${xname}`)).json

describe('sessions of BOS', () => {
  it('are refused for what is wrong with them', async () => {
    const lab = raise()
    await template(lab)
    expect(await session(lab, { template_name: 'none' })).toMatchObject({
      status: 400,
      json: 'Session Template Name invalid: none',
    })
    expect((await session(lab, { operation: 'start' })).status).toBe(400)
    expect((await session(lab, { template_name: undefined })).status).toBe(400)
    expect((await session(lab, { name: 'a b' })).status).toBe(400)
    expect((await session(lab, { stages: true })).status).toBe(400)
    expect((await session(lab, { limit: [intel] })).status).toBe(400)
    expect((await session(lab)).status).toBe(201)
    expect(await session(lab)).toMatchObject({
      status: 409,
      json: {
        title: 'Conflicting session name',
        detail: 'A session with the name s already exists',
      },
    })
    // An image that IMS does not know is a warning; artifacts that S3 does not hold are an error.
    lab.system.images.splice(0)
    expect((await session(lab, { name: 'u' })).status).toBe(201)
    lab.system.artifacts.clear()
    expect(await session(lab, { name: 'v' })).toMatchObject({
      status: 400,
      json: expect.stringMatching(
        /^Session template: 't' boot set: 'compute': Can't find boot artifacts\. /,
      ),
    })
    expect(await lab.ask('GET', `${v2}/sessions/none`)).toMatchObject({
      status: 404,
      json: { detail: 'Session none could not be found' },
    })
    expect((await lab.ask('GET', `${v2}/sessions/none/status`)).status).toBe(404)
    expect((await lab.ask('DELETE', `${v2}/sessions/none`)).status).toBe(404)
  })

  it('obey the options about limits', async () => {
    const lab = raise()
    await template(lab)
    expect(
      (await lab.ask('PATCH', `${v2}/options`, { session_limit_required: true, reject_nids: true }))
        .json,
    ).toMatchObject({ session_limit_required: true })
    expect((await session(lab, { limit: '' })).json).toBe(
      'session_limit_required option is set, but this session has no limit specified',
    )
    expect((await session(lab, { limit: '1,nid000003' })).json).toContain(
      'reject_nids: session limit appears to contain NIDs',
    )
    expect((await lab.ask('PATCH', `${v2}/options`, { reject_nids: 'yes' })).status).toBe(400)
    expect((await lab.ask('GET', `${v2}/options`)).json).toMatchObject({
      max_boot_wait_time: 1200,
      default_retry_policy: 3,
    })
  })

  it('reboot a node into the image, whatever it runs', async () => {
    const lab = raise()
    await template(lab)
    expect(await session(lab)).toMatchObject({
      status: 201,
      json: {
        name: 's',
        components: '',
        status: { status: 'pending', error: null, end_time: null },
      },
    })
    const seen = new Set<string>()
    for (let i = 0; i < 60; i++) {
      await lab.pass(50)
      const { status } = await componentOf(lab)
      seen.add(`${(await statusOf(lab)).status} ${status.phase || '-'} ${status.status}`)
    }
    expect([...seen]).toEqual([
      'pending - stable',
      'running - stable',
      'running powering_off power_off_gracefully_called',
      'running powering_on power_on_called',
      'complete - stable',
    ])
    expect(await statusOf(lab)).toMatchObject({
      managed_components_count: 1,
      percent_successful: 100,
      percent_failed: 0,
      error_summary: {},
      phases: { percent_complete: 100 },
    })
    expect(await componentOf(lab)).toMatchObject({
      enabled: false,
      session: 's',
      actual_state: { boot_artifacts: { kernel: `s3://boot-images/${built.x86_64}/kernel` } },
    })
    expect(lab.machines[intel]).toMatchObject({
      boots: 2,
      order: {
        image: built.x86_64,
        packages: ['bos-reporter'],
        parameters: expect.stringContaining('${SPIRE_JOIN_TOKEN}'),
      },
    })
    expect(lab.machines[arm]!.boots).toBe(1)
    await session(lab, { name: 'again' })
    await lab.pass(long)
    expect(lab.machines[intel]!.boots).toBe(3)
  })

  it('boot nothing that runs the image already, and power-cycle what runs another', async () => {
    const lab = raise()
    await template(lab)
    await session(lab, { operation: 'boot' })
    await lab.pass(long)
    expect(lab.machines[intel]!.boots).toBe(2)
    await session(lab, { name: 's2', operation: 'boot' })
    await lab.pass(long)
    expect(await statusOf(lab, 's2')).toMatchObject({
      status: 'complete',
      percent_successful: 100,
      managed_components_count: 1,
    })
    expect((await statusOf(lab)).managed_components_count).toBe(0)
    expect(lab.machines[intel]!.boots).toBe(2)
  })

  it('switch a node on that is off, and off for good', async () => {
    const lab = raise()
    await template(lab)
    lab.machines[intel]!.on = false
    await session(lab, { operation: 'boot' })
    await lab.pass(long)
    expect(lab.machines[intel]!.order?.image).toBe(built.x86_64)
    await session(lab, { name: 'end', operation: 'shutdown' })
    await lab.pass(long)
    expect(lab.machines[intel]!.on).toBe(false)
    expect(await statusOf(lab, 'end')).toMatchObject({
      status: 'complete',
      percent_successful: 100,
    })
  })

  it.each([
    ['bracket ranges', 'x3000c0s19b[1-3]n0', '1.6'],
    ['a NID', '1', '1.6'],
    ['a node that no boot set has', master, '1.6'],
    ['only a subtraction', `!${arm}`, '1.6'],
    ['another architecture', arm, '1.6'],
    ['a disabled node', intel, '1.6'],
    ['a locked node', intel, '1.7'],
  ] as const)('find no node with %s', async (what, limit, release) => {
    const lab = raise(release)
    await template(lab)
    if (what === 'a disabled node') lab.system.disabled.add(intel)
    if (what === 'a locked node')
      await lab.ask('POST', '/apis/smd/hsm/v2/locks/lock', { ComponentIDs: [intel] })
    await session(lab, { limit })
    await lab.pass(long)
    expect((await lab.ask('GET', `${v2}/sessions/s`)).json).toMatchObject({
      components: '',
      status: { status: 'complete', error: 'No nodes were found to act upon.' },
    })
    expect(await statusOf(lab)).toMatchObject({
      managed_components_count: 0,
      percent_successful: 0,
    })
  })

  it.each([
    ['', intel, {}],
    ['all', intel, {}],
    ['Compute,!x3000c0s19b3n0', intel, {}],
    ['Compute,&Management', null, {}],
    ['*,&x3000c0s19b1n0', intel, {}],
    [intel, intel, { include_disabled: true }],
  ])('read the limit %j', async (limit, found, more) => {
    const lab = raise()
    await template(lab)
    if (limit === intel) lab.system.disabled.add(intel)
    await session(lab, { limit, ...more })
    await lab.pass(500)
    expect((await lab.ask('GET', `${v2}/sessions/s`)).json.components).toBe(found ?? '')
  })

  it('act on a group of HSM', async () => {
    const lab = raise()
    await lab.ask('POST', '/apis/smd/hsm/v2/groups', {
      label: 'builders',
      members: { ids: [intel] },
    })
    await template(lab, {
      compute: set({ node_roles_groups: undefined, node_groups: ['builders'] }),
    })
    await session(lab, { limit: 'builders' })
    await lab.pass(500)
    expect((await lab.ask('GET', `${v2}/sessions/s`)).json.components).toBe(intel)
  })

  it('tell of nodes that BOS does not know', async () => {
    const lab = raise()
    await template(lab, {
      compute: set({ node_roles_groups: undefined, node_list: ['x1c0s0b0n0'] }),
    })
    await session(lab, { limit: '' })
    await lab.pass(500)
    expect((await lab.ask('GET', `${v2}/sessions/s`)).json.status.error).toBe(
      'All nodes found to act upon do not exist as BOS components',
    )
  })

  it('boot both architectures by a boot set each', async () => {
    const lab = raise()
    await template(lab, { intel: set(), arm: armSet })
    await session(lab, { limit: '' })
    await lab.pass(long)
    expect(await statusOf(lab)).toMatchObject({
      managed_components_count: 2,
      percent_successful: 100,
    })
    expect(lab.machines[arm]!.order).toMatchObject({ image: built.aarch64, arch: 'aarch64' })
  })

  it('cannot switch a locked node before 1.7, and say so', async () => {
    const lab = raise('1.6')
    await template(lab)
    await lab.ask('POST', '/apis/smd/hsm/v2/locks/lock', { ComponentIDs: [intel] })
    await session(lab)
    await lab.pass(long)
    expect(await statusOf(lab)).toMatchObject({
      status: 'complete',
      percent_failed: 100,
      percent_successful: 0,
      error_summary: { 'Unable to reserve component': { count: 1, list: intel } },
    })
    expect(lab.machines[intel]!.boots).toBe(1)
  })

  it.each([
    ['comes up in another image', (lab: Bench) => (lab.machines[intel]!.stubborn = bases.x86_64)],
    ['has no bos-reporter', (lab: Bench) => (lab.machines[intel]!.mute = true)],
    ['does not come up', (lab: Bench) => (lab.machines[intel]!.dead = true)],
  ])('try a node that %s as often as the policy says, and fail', async (_, spoil) => {
    const lab = raise()
    await template(lab)
    spoil(lab)
    await session(lab)
    await lab.pass(long)
    expect(lab.machines[intel]!.boots).toBe(4)
    expect(await statusOf(lab)).toMatchObject({
      status: 'complete',
      percent_failed: 100,
      percent_successful: 0,
    })
    expect(await componentOf(lab)).toMatchObject({
      enabled: false,
      status: { status: 'failed' },
      last_action: { failed: true },
    })
  })

  it('wait for CFS where the template has a configuration, and fail where CFS does', async () => {
    const lab = raise()
    await lab.ask('PUT', '/apis/cfs/v3/configurations/c', {
      layers: [{ clone_url: 'u', commit: 'a'.repeat(40), playbook: 'ims_computes.yml' }],
    })
    await template(lab, { compute: set() }, { cfs: { configuration: 'c' } })
    await session(lab)
    await lab.pass(long)
    expect(await statusOf(lab)).toMatchObject({ percent_successful: 100 })
    expect(
      (await lab.ask('GET', `/apis/cfs/v3/components/${intel}?state_details=true`)).json,
    ).toMatchObject({
      desired_config: 'c',
      configuration_status: 'configured',
      state: [{ status: 'skipped' }],
    })
    lab.system.faults.push({ kind: 'cfs-component', times: 1 })
    await session(lab, { name: 'again' })
    await lab.pass(long)
    expect(await statusOf(lab, 'again')).toMatchObject({
      percent_failed: 100,
      error_summary: { 'cfs configuration failed': { count: 1 } },
    })
  })

  it('hold on while PCS cannot tell the power, and find no node by fault', async () => {
    const lab = raise()
    await template(lab)
    lab.machines[intel]!.silent = true
    await session(lab)
    await lab.pass(long)
    expect(await componentOf(lab)).toMatchObject({
      enabled: true,
      error: 'Component information was not returned by pcs',
      status: { status_override: 'on_hold' },
    })
    expect((await lab.ask('DELETE', `${v2}/sessions/s`)).status).toBe(204)
    lab.system.faults.push({ kind: 'bos-no-nodes', times: 1 })
    await session(lab, { name: 'none' })
    await lab.pass(long)
    expect((await lab.ask('GET', `${v2}/sessions/none`)).json.status.error).toBe(
      'No nodes were found to act upon.',
    )
  })

  it('stage what is to be booted later, are listed, and are forgotten after a week', async () => {
    const lab = raise()
    await template(lab)
    await session(lab, { stage: true })
    await lab.pass(long)
    expect(await statusOf(lab)).toMatchObject({ status: 'complete', percent_staged: 100 })
    expect(lab.machines[intel]!.boots).toBe(1)
    expect((await lab.ask('GET', `${v2}/components?staged_session=s`)).json).toMatchObject([
      { id: intel },
    ])
    expect((await lab.ask('GET', `${v2}/sessions?status=complete`)).json).toHaveLength(1)
    await lab.pass(8 * 86_400_000)
    expect((await lab.ask('GET', `${v2}/sessions`)).json).toEqual([])
    expect((await lab.ask('DELETE', `${v2}/sessions`)).status).toBe(204)
  })
})

describe('components of BOS', () => {
  it('are filtered, come in pages on 1.7, and are 404 where BOS knows none', async () => {
    const lab = raise('1.7')
    const ids = async (query: string): Promise<string[]> =>
      (await lab.ask('GET', `${v2}/components?${query}`)).json.map(
        (each: { id: string }) => each.id,
      )
    expect(await ids('')).toEqual([intel, arm, master].sort())
    expect(await ids(`ids=${intel},${arm}`)).toEqual([intel, arm])
    expect(await ids('enabled=true')).toEqual([])
    expect(await ids('page_size=1')).toEqual([intel])
    expect(await ids(`page_size=1&start_after_id=${intel}`)).toEqual([arm])
    expect((await lab.ask('GET', `${v2}/components?page_size=x`)).status).toBe(400)
    expect((await lab.ask('GET', `${v2}/components/x1c0s0b0n0`)).status).toBe(404)
  })

  it('forget what a node has said when it says nothing for four hours', async () => {
    const lab = raise()
    await template(lab)
    await session(lab)
    await lab.pass(long)
    await lab.pass(5 * 3_600_000)
    expect((await componentOf(lab)).actual_state.boot_artifacts.kernel).toContain(built.x86_64)
    lab.machines[intel]!.on = false
    await lab.pass(5 * 3_600_000)
    expect(await componentOf(lab)).toMatchObject({
      actual_state: { boot_artifacts: { kernel: '' } },
      last_action: { action: 'actual_state_cleanup' },
    })
  })
})
