import { describe, expect, it } from 'vitest'
import { addImage } from '../contents.ts'
import { bench, intel, type Bench } from '../system.fixture.ts'

const v2 = '/apis/bos/v2'
const built = '4d20f212-0a5b-498b-8183-6180f96bf49f'
const set = (more: object = {}) => ({
  path: `s3://boot-images/${built}/manifest.json`,
  type: 's3',
  etag: 'e',
  kernel_parameters: 'ip=dhcp quiet spire_join_token=${SPIRE_JOIN_TOKEN}',
  node_roles_groups: ['Compute'],
  ...more,
})

function raise(release: Parameters<typeof bench>[0] = '1.6'): Bench {
  const lab = bench(release)
  addImage(lab.system, {
    id: built,
    name: 'made_x86_64',
    arch: 'x86_64',
    etag: 'e',
    at: 0,
    content: { packages: ['bos-reporter'], rootKeys: [], servicePack: 6 },
  })
  return lab
}
const template = (lab: Bench, boot_sets: object = { compute: set() }, more: object = {}) =>
  lab.ask('PUT', `${v2}/sessiontemplates/t`, { boot_sets, ...more })

describe('session templates of BOS', () => {
  it('are filled up when they are written', async () => {
    const lab = raise()
    expect(await template(lab)).toMatchObject({
      status: 200,
      json: {
        name: 't',
        tenant: '',
        boot_sets: { compute: { arch: 'X86' } },
      },
    })
    const got = await lab.ask('GET', `${v2}/sessiontemplates/t`)
    expect(got.json.boot_sets.compute.kernel_parameters).toContain('${SPIRE_JOIN_TOKEN}')
    expect((await lab.ask('GET', `${v2}/sessiontemplates`)).json).toEqual([got.json])
    expect((await template(raise('1.5'))).json.tenant).toBe('')
  })

  const shapes = 'Bad Request'
  const checks = 'The session template could not be created.'
  it.each([
    ['no boot sets', {}, {}, shapes, "{} should be non-empty - 'boot_sets'"],
    [
      'nodes of no kind',
      { compute: { path: 'p', type: 's3' } },
      {},
      checks,
      "Boot set compute: No hardware specifier fields (('node_list', 'node_roles_groups', 'node_groups'))",
    ],
    [
      'no node at all',
      { compute: set({ node_roles_groups: [] }) },
      {},
      shapes,
      "[] should be non-empty - 'boot_sets.compute.node_roles_groups'",
    ],
    [
      'no path',
      { compute: { type: 's3', node_list: [intel] } },
      {},
      shapes,
      "'path' is a required property - 'boot_sets.compute'",
    ],
    [
      'another name in the body',
      { compute: set() },
      { name: 'u' },
      shapes,
      "Property is read-only - 'name'",
    ],
    [
      'an image of another architecture',
      { compute: set({ arch: 'ARM' }) },
      {},
      checks,
      "bos.server.controllers.v2.boot_set.exceptions.BootSetArchMismatch: Boot set arch 'ARM' means IMS image arch should be 'aarch64', but actual IMS image arch is 'x86_64'",
    ],
    [
      'an unknown architecture',
      { compute: set({ arch: 'x86_64' }) },
      {},
      shapes,
      "'x86_64' is not one of ['X86', 'ARM', 'Other', 'Unknown'] - 'boot_sets.compute.arch'",
    ],
    [
      'too many parameters',
      { compute: set({ kernel_parameters: 'x'.repeat(4097) }) },
      {},
      shapes,
      `'${'x'.repeat(4097)}' is too long - 'boot_sets.compute.kernel_parameters'`,
    ],
    [
      'an unknown word',
      { compute: set({ kernel: 'x' }) },
      {},
      shapes,
      "Additional properties are not allowed ('kernel' was unexpected) - 'boot_sets.compute'",
    ],
  ])('are refused with %s', async (_, sets, more, title, detail) => {
    const lab = raise()
    expect(await template(lab, sets, more)).toMatchObject({
      status: 400,
      json: { type: 'about:blank', title, detail },
    })
    expect(lab.system.bos.templates.size).toBe(0)
  })

  it('take underscores and no blanks, and tell of the architecture in its words', async () => {
    const lab = raise()
    expect(
      (
        await lab.ask('PUT', `${v2}/sessiontemplates/bos_ims_remote_node`, {
          boot_sets: { compute: set() },
        })
      ).status,
    ).toBe(200)
    expect(
      (await lab.ask('PUT', `${v2}/sessiontemplates/a%20b`, { boot_sets: { compute: set() } }))
        .status,
    ).toBe(400)
    expect((await template(lab, { compute: set({ arch: 'ARM' }) })).json.detail).toContain(
      "Boot set arch 'ARM' means IMS image arch should be 'aarch64', but actual IMS image arch is 'x86_64'",
    )
  })

  it('that are not there break the check of BOS before 1.7', async () => {
    const check = (release: '1.6' | '1.7') =>
      raise(release).ask('GET', `${v2}/sessiontemplatesvalid/none`)
    expect((await check('1.6')).status).toBe(500)
    expect((await check('1.7')).status).toBe(404)
  })

  it('are changed, checked, deleted; one that is not there is 404', async () => {
    const lab = raise()
    await template(lab)
    expect(
      (
        await lab.ask('PATCH', `${v2}/sessiontemplates/t`, {
          description: 'mine',
          boot_sets: { compute: set({ etag: 'f' }) },
        })
      ).json,
    ).toMatchObject({ description: 'mine', boot_sets: { compute: { etag: 'f', type: 's3' } } })
    expect((await lab.ask('GET', `${v2}/sessiontemplatesvalid/t`)).json).toBe('Valid')
    lab.system.images.length = 0
    expect((await lab.ask('GET', `${v2}/sessiontemplatesvalid/t`)).json).toContain('does not exist')
    expect((await lab.ask('GET', `${v2}/sessiontemplatetemplate`)).json.boot_sets).toBeDefined()
    expect((await lab.ask('DELETE', `${v2}/sessiontemplates/t`)).status).toBe(204)
    for (const [method, path] of [
      ['GET', 'sessiontemplates/t'],
      ['PATCH', 'sessiontemplates/t'],
      ['DELETE', 'sessiontemplates/t'],
    ] as const) {
      expect(
        await lab.ask(method, `${v2}/${path}`, { boot_sets: { compute: set() } }),
      ).toMatchObject({
        status: 404,
        json: {
          title: 'Sessiontemplate could not found.',
          detail: 'Sessiontemplate t could not be found',
        },
      })
    }
  })
})
