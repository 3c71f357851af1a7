import { describe, expect, it } from 'vitest'
import { arm, bases, bench, intel, type Bench } from '../system.fixture.ts'

const v3 = '/apis/ims/v3'
const long = 60_000
const recipe = 'fca72545-338d-4220-88f7-7807d4c2c7e5'

async function key(lab: Bench): Promise<string> {
  return (await lab.ask('POST', `${v3}/public-keys`, { name: 'k', public_key: 'ssh-ed25519 AAAA' }))
    .json.id
}
async function job(lab: Bench, more: object = {}) {
  return lab.ask('POST', `${v3}/jobs`, {
    job_type: 'customize',
    artifact_id: bases.x86_64,
    public_key_id: await key(lab),
    image_root_archive_name: 'made',
    ...more,
  })
}
const register = (lab: Bench, xname: string) =>
  lab.ask('POST', `${v3}/remote-build-nodes`, { xname })

describe('jobs of IMS', () => {
  it.each([
    [422, 'a list', [1]],
    [422, 'nothing that is needed', { job_type: 'create' }],
    [422, 'another type', { job_type: 'build' }],
    [422, 'an id that is none', { artifact_id: 'compute' }],
    [422, 'an unknown word', { size: 1 }],
    [422, 'a text that is not a number', { build_env_size: '15G' }],
    [400, 'an unknown image', { artifact_id: recipe }],
    [400, 'an unknown recipe', { job_type: 'create', artifact_id: bases.x86_64 }],
    [400, 'an unknown key', { public_key_id: recipe }],
    [
      400,
      'two containers',
      {
        ssh_containers: [
          { name: 'a', jail: true },
          { name: 'b', jail: true },
        ],
      },
    ],
    [
      400,
      'a container to create',
      { job_type: 'create', artifact_id: recipe, ssh_containers: [{ name: 'a', jail: true }] },
    ],
  ])('answer %i to %s', async (status, _, more) => {
    const lab = bench()
    const got =
      Array.isArray(more) ||
      ('job_type' in more && Object.keys(more).length === 1 && more.job_type === 'create')
        ? await lab.ask('POST', `${v3}/jobs`, more)
        : await job(lab, more)
    expect(got).toMatchObject({ status, type: 'application/problem+json', json: { status } })
    expect(got.json).not.toHaveProperty('type')
    expect(lab.system.jobs).toEqual([])
  })

  it('are refused for an image without artifacts', async () => {
    const lab = bench()
    const { id } = (await lab.ask('POST', `${v3}/images`, { name: 'empty' })).json
    expect((await job(lab, { artifact_id: id })).status).toBe(400)
  })

  it.each(['', '{'])('are refused by the framework where the body is %j', async (body) => {
    expect(await bench().ask('POST', `${v3}/jobs`, body)).toMatchObject({
      status: 400,
      type: 'application/json',
      json: {
        message: 'The browser (or proxy) sent a request that this server could not understand.',
      },
    })
  })

  it('take a number that is written as a text', async () => {
    expect(await job(bench(), { build_env_size: '15' })).toMatchObject({
      status: 201,
      json: { build_env_size: 15 },
    })
  })

  it('say the words for an unknown artifact and an unknown key', async () => {
    const lab = bench()
    expect((await job(lab, { artifact_id: recipe })).json.detail).toContain(
      'Invalid artifact_id value in job request. No IMS image record',
    )
    expect((await job(lab, { public_key_id: recipe })).json.detail).toContain(
      'Invalid public_key_id value',
    )
  })

  it('build a recipe to its end, with what the service fills in', async () => {
    const lab = bench()
    const made = await job(lab, { job_type: 'create', artifact_id: recipe })
    expect(made).toMatchObject({
      status: 201,
      json: {
        arch: 'x86_64',
        status: 'creating',
        build_env_size: 60,
        kernel_file_name: 'vmlinuz',
        remote_build_node: '',
        resultant_image_id: null,
        kubernetes_namespace: 'ims',
      },
    })
    expect(Object.keys(made.json)).toEqual(Object.keys(made.json).sort())
    const seen: string[] = []
    for (let i = 0; i < 30; i++) {
      const { status } = (await lab.ask('GET', `${v3}/jobs/${made.json.id}`)).json
      if (seen.at(-1) !== status) seen.push(status)
      await lab.pass(50)
    }
    expect(seen).toEqual([
      'creating',
      'fetching_recipe',
      'waiting_for_repos',
      'building_image',
      'packaging_artifacts',
      'success',
    ])
    const { resultant_image_id } = (await lab.ask('GET', `${v3}/jobs/${made.json.id}`)).json
    expect((await lab.ask('GET', `${v3}/images/${resultant_image_id}`)).json).toMatchObject({
      name: 'made',
      link: { type: 's3' },
    })
  })

  it('stay open for whoever customizes an image, on the node with the fewest jobs, and clean up after themselves', async () => {
    const lab = bench()
    await register(lab, arm)
    await register(lab, intel)
    const made = (await job(lab, { ssh_containers: [{ name: 'mine', jail: true }] })).json
    expect(made).toMatchObject({
      remote_build_node: intel,
      ssh_containers: [
        { name: 'mine', jail: true, connection_info: { customer_access: { port: 22 } } },
      ],
    })
    await lab.pass(long)
    await lab.pass(86_400_000)
    expect((await lab.ask('GET', `${v3}/jobs/${made.id}`)).json.status).toBe('waiting_on_user')
    expect([...lab.machines[intel]!.folders]).toEqual([`/tmp/ims_${made.id}`])
    expect([...lab.machines[intel]!.containers]).toEqual([`ims-${made.id}`])
    expect(
      (await lab.ask('GET', `${v3}/remote-build-nodes/status/${intel}`)).json.numCurrentJobs,
    ).toBe(1)
    lab.machines[intel]!.marks.add('complete')
    await lab.pass(long)
    await lab.pass(long)
    expect((await lab.ask('GET', `${v3}/jobs/${made.id}`)).json).toMatchObject({
      status: 'success',
      resultant_image_id: expect.any(String),
    })
    expect([lab.machines[intel]!.folders.size, lab.machines[intel]!.containers.size]).toEqual([
      0, 0,
    ])
  })

  it('go to the first of several that are alike, and to the one with fewer jobs', async () => {
    const lab = bench()
    await register(lab, 'ncn-m001')
    await register(lab, intel)
    expect((await job(lab)).json.remote_build_node).toBe('ncn-m001')
    await lab.pass(300)
    expect((await job(lab)).json.remote_build_node).toBe(intel)
  })

  it('run in Kubernetes without a word where no node of their architecture is able', async () => {
    const lab = bench()
    await register(lab, arm)
    expect(await job(lab)).toMatchObject({ status: 201, json: { remote_build_node: '' } })
    lab.machines[arm]!.on = false
    expect((await job(lab, { artifact_id: bases.aarch64 })).json).toMatchObject({
      remote_build_node: '',
      arch: 'aarch64',
      kernel_file_name: 'Image',
    })
  })

  it.each([
    ['1.6', 'waiting_on_user'],
    ['1.7', 'error'],
  ] as const)('notice on %s that their node was rebooted: %s', async (release, status) => {
    const lab = bench(release)
    await register(lab, intel)
    const { id } = (await job(lab)).json
    await lab.pass(600)
    await lab.machines[intel]!.powerOff()
    await lab.machines[intel]!.powerOn()
    await lab.pass(long)
    await lab.pass(long)
    expect((await lab.ask('GET', `${v3}/jobs/${id}`)).json.status).toBe(status)
  })

  it('are listed whole, and chosen by status, type and age to be deleted', async () => {
    const lab = bench()
    const first = (await job(lab, { job_type: 'create', artifact_id: recipe })).json
    await lab.pass(2 * 86_400_000)
    const second = (await job(lab)).json
    const ids = async (query: string): Promise<string[]> =>
      (await lab.ask('GET', `${v3}/jobs?${query}`)).json.map((each: { id: string }) => each.id)
    expect(await ids('status=success')).toEqual([first.id, second.id])
    expect((await lab.ask('DELETE', `${v3}/jobs?status=error`)).status).toBe(204)
    expect((await lab.ask('DELETE', `${v3}/jobs?job_type=customize&status=success`)).status).toBe(
      204,
    )
    expect(await ids('')).toEqual([first.id, second.id])
    expect((await lab.ask('DELETE', `${v3}/jobs?age=1d12h`)).status).toBe(204)
    expect(await ids('')).toEqual([second.id])
    expect((await lab.ask('DELETE', `/apis/ims/jobs/${second.id}`)).status).toBe(204)
    expect((await lab.ask('DELETE', `${v3}/jobs/${second.id}`)).status).toBe(404)
    expect((await lab.ask('GET', `/apis/ims/v2/jobs/${second.id}`)).status).toBe(404)
  })
})

describe('images, keys and recipes of IMS', () => {
  it('are made, and named twice', async () => {
    const lab = bench()
    const link = { path: 's3://boot-images/x/manifest.json', etag: 'e', type: 's3' }
    expect((await lab.ask('POST', `${v3}/images`, { name: 'mine', link })).status).toBe(422)
    lab.system.artifacts.add(link.path)
    expect(await lab.ask('POST', `${v3}/images`, { name: 'mine', link })).toMatchObject({
      status: 201,
      json: { name: 'mine', arch: 'x86_64', link },
    })
    expect((await lab.ask('POST', `${v3}/images`, { name: 'mine' })).status).toBe(201)
  })

  it.each([
    [400, {}],
    [422, { arch: 'x86_64' }],
    [422, { name: '' }],
    [422, { name: 'a', arch: 'X86' }],
    [422, { name: 'a', link: { path: 'p' } }],
    [422, { name: 'a', size: 1 }],
  ])('an image is answered %i for %j', async (status, body) => {
    expect((await bench().ask('POST', `${v3}/images`, body)).status).toBe(status)
  })

  it('an image is patched, but its artifacts are given once', async () => {
    const lab = bench()
    const { id } = (await lab.ask('POST', `${v3}/images`, { name: 'mine' })).json
    const link = { path: `s3://boot-images/${id}/manifest.json`, etag: 'e', type: 's3' }
    lab.system.artifacts.add(link.path)
    expect(
      (await lab.ask('PATCH', `${v3}/images/${id}`, { link, arch: 'aarch64' })).json,
    ).toMatchObject({ link, arch: 'aarch64' })
    expect((await lab.ask('PATCH', `${v3}/images/${id}`, { link })).status).toBe(200)
    expect(
      await lab.ask('PATCH', `${v3}/images/${id}`, { link: { ...link, etag: 'f' } }),
    ).toMatchObject({ status: 409, json: { title: 'Conflict' } })
    expect(
      (
        await lab.ask('PATCH', `${v3}/images/${id}`, {
          metadata: { operation: 'set', key: 'k', value: 'v' },
        })
      ).json.metadata,
    ).toEqual({ k: 'v' })
    expect(
      (
        await lab.ask('PATCH', `${v3}/images/${id}`, {
          metadata: { operation: 'remove', key: 'k' },
        })
      ).json.metadata,
    ).toEqual({})
    expect(
      (await lab.ask('PATCH', `${v3}/images/${id}`, { metadata: { operation: 'add', key: 'k' } }))
        .status,
    ).toBe(422)
    expect((await lab.ask('PATCH', `${v3}/images/none`, { link })).status).toBe(404)
  })

  it('an image is deleted softly, brought back, and deleted for good', async () => {
    const lab = bench()
    expect((await lab.ask('DELETE', `${v3}/images/${bases.x86_64}`)).status).toBe(204)
    expect((await lab.ask('GET', `${v3}/images/${bases.x86_64}`)).status).toBe(404)
    expect((await lab.ask('GET', `${v3}/deleted/images`)).json).toMatchObject([
      { id: bases.x86_64, deleted: expect.any(String) },
    ])
    expect(
      (await lab.ask('PATCH', `${v3}/deleted/images/${bases.x86_64}`, { operation: 'restore' }))
        .status,
    ).toBe(422)
    expect(
      (await lab.ask('PATCH', `${v3}/deleted/images/${bases.x86_64}`, { operation: 'undelete' }))
        .status,
    ).toBe(204)
    expect((await lab.ask('GET', `${v3}/images/${bases.x86_64}`)).json).not.toHaveProperty(
      'deleted',
    )
    await lab.ask('DELETE', `${v3}/images/${bases.x86_64}`)
    expect((await lab.ask('DELETE', `${v3}/deleted/images/${bases.x86_64}`)).status).toBe(204)
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(
        (await lab.ask(method, `${v3}/deleted/images/${bases.x86_64}`, { operation: 'undelete' }))
          .status,
      ).toBe(404)
    expect((await lab.ask('DELETE', `${v3}/images/${bases.x86_64}`)).status).toBe(404)
  })

  it('images are deleted and brought back all at once', async () => {
    const lab = bench()
    const before = (await lab.ask('GET', `${v3}/images`)).json
    expect((await lab.ask('DELETE', `${v3}/images`)).status).toBe(204)
    expect((await lab.ask('GET', `${v3}/images`)).json).toEqual([])
    expect((await lab.ask('PATCH', `${v3}/deleted/images`, { operation: 'restore' })).status).toBe(
      422,
    )
    expect((await lab.ask('PATCH', `${v3}/deleted/images`)).status).toBe(400)
    expect((await lab.ask('PATCH', `${v3}/deleted/images`, { operation: 'undelete' })).status).toBe(
      204,
    )
    // On this release what is brought back has lost its architecture.
    expect((await lab.ask('GET', `${v3}/images`)).json).toEqual(
      before.map((each: object) => ({ ...each, arch: 'x86_64' })),
    )
    await lab.ask('DELETE', `${v3}/images`)
    expect((await lab.ask('DELETE', `${v3}/deleted/images`)).status).toBe(204)
    expect((await lab.ask('GET', `${v3}/deleted/images`)).json).toEqual([])
  })

  it.each(['1.6', '1.7'] as const)(
    'images are listed whole, whatever is asked, on %s',
    async (release) => {
      const lab = bench(release)
      expect((await lab.ask('GET', `${v3}/images?arch=aarch64`)).json).toHaveLength(
        lab.system.images.length,
      )
    },
  )

  it('keys are made and deleted, and recipes read', async () => {
    const lab = bench()
    const id = await key(lab)
    expect((await lab.ask('GET', `${v3}/public-keys/${id}`)).json).toMatchObject({
      name: 'k',
      public_key: 'ssh-ed25519 AAAA',
    })
    for (const [body, status] of [
      [{}, 400],
      [{ name: 'k' }, 422],
      [{ name: 'k', public_key: '' }, 422],
      [{ name: 'k', public_key: 'x', id }, 422],
    ] as const)
      expect((await lab.ask('POST', `${v3}/public-keys`, body)).status).toBe(status)
    expect((await lab.ask('DELETE', `${v3}/public-keys/${id}`)).status).toBe(204)
    expect((await lab.ask('DELETE', `${v3}/public-keys/${id}`)).status).toBe(404)
    expect((await lab.ask('GET', `${v3}/recipes/${recipe}`)).json).toMatchObject({
      arch: 'x86_64',
      recipe_type: 'kiwi-ng',
    })
    expect((await lab.ask('GET', `${v3}/recipes`)).json).toHaveLength(2)
  })
})
