import { describe, expect, it } from 'vitest'
import { configure } from './cfs-components.ts'
import { bases, bench, imsKey, intel, type Bench } from '../system.fixture.ts'

const v3 = '/apis/cfs/v3'
const v2 = '/apis/cfs/v2'
const commit = '7be2a6a1f4a24a5b3c41fdc21b1d9b3cfb1d4f60'
const layer = {
  clone_url: 'https://api-gw-service-nmn.local/vcs/cray/csm-config-management.git',
  commit,
  playbook: 'ims_computes.yml',
}
const write = (lab: Bench, layers: readonly unknown[] = [layer], name = 'builder') =>
  lab.ask('PUT', `${v3}/configurations/${name}`, { layers })
const customize = (name: string, more: object = {}) => ({
  name,
  configuration_name: 'builder',
  target: {
    definition: 'image',
    groups: [{ name: 'Application', members: [bases.x86_64] }],
    image_map: [{ source_id: bases.x86_64, result_name: 'made_x86_64' }],
  },
  ...more,
})
const long = 60_000

describe('configurations of CFS', () => {
  it('are written with 200 whether they were there or not, and stamped anew each time', async () => {
    const lab = bench()
    expect(await write(lab)).toMatchObject({
      status: 200,
      json: { name: 'builder', layers: [layer], last_updated: '2026-01-01T00:00:00Z' },
    })
    await lab.pass(1000)
    expect(await write(lab)).toMatchObject({
      status: 200,
      json: { last_updated: '2026-01-01T00:00:01Z' },
    })
    expect((await lab.ask('GET', `${v3}/configurations/builder`)).json.layers).toEqual([layer])
  })

  it('have one store and two faces', async () => {
    const lab = bench()
    await lab.ask('PUT', `${v2}/configurations/old`, {
      layers: [{ cloneUrl: layer.clone_url, commit }],
    })
    expect((await lab.ask('GET', `${v3}/configurations/old`)).json.layers).toEqual([
      { clone_url: layer.clone_url, commit },
    ])
    expect((await lab.ask('GET', `${v2}/configurations/old`)).json).toMatchObject({
      lastUpdated: expect.any(String),
      layers: [{ cloneUrl: layer.clone_url }],
    })
  })

  it.each([
    ['clone_url and source', [{ ...layer, source: 's' }]],
    ['neither of the two', [{ commit, playbook: 'x.yml' }]],
    ['a source that is not there', [{ source: 's', commit, playbook: 'x.yml' }]],
    ['branch and commit', [{ ...layer, branch: 'main' }]],
    ['a commit that is none', [{ ...layer, commit: 'main' }]],
    ['the same playbook twice', [layer, layer]],
    ['a branch that is not there', [{ clone_url: 'u', playbook: 'x.yml', branch: 'nowhere' }]],
    ['a layer without a playbook', [{ clone_url: 'u', commit }]],
    ['an unknown word', [{ ...layer, playbok: 'x' }]],
  ])('are refused with %s', async (_, layers) => {
    const lab = bench()
    expect(await write(lab, layers)).toMatchObject({
      status: 400,
      type: 'application/problem+json',
      json: { type: 'about:blank', status: 400 },
    })
    expect(lab.system.cfs.configurations.size).toBe(0)
  })

  it('are refused under a long name, with what is read only, without layers, and without JSON', async () => {
    const lab = bench()
    expect((await write(lab, [layer], 'n'.repeat(61))).status).toBe(400)
    expect(
      (await lab.ask('PUT', `${v3}/configurations/c`, { layers: [layer], name: 'c' })).status,
    ).toBe(400)
    // The real one breaks here.
    expect((await lab.ask('PUT', `${v3}/configurations/c`, {})).status).toBe(500)
    expect((await lab.ask('PUT', `${v3}/configurations/c`, '{')).status).toBe(400)
  })

  it('keep the branch beside the commit it stood at, or drop it; PATCH looks anew', async () => {
    const lab = bench()
    const branch = { clone_url: layer.clone_url, branch: 'cray/csm/1.28.0', playbook: 'x.yml' }
    expect((await write(lab, [branch])).json.layers).toEqual([{ ...branch, commit }])
    expect(
      (await lab.ask('PUT', `${v3}/configurations/d?drop_branches=true`, { layers: [branch] })).json
        .layers,
    ).toEqual([{ clone_url: layer.clone_url, playbook: 'x.yml', commit }])
    await lab.pass(1000)
    expect(await lab.ask('PATCH', `${v3}/configurations/builder`)).toMatchObject({
      status: 200,
      json: { last_updated: '2026-01-01T00:00:01Z' },
    })
    expect((await lab.ask('PATCH', `${v3}/configurations/none`)).status).toBe(404)
  })

  it('come in pages in version 3 and as an array in version 2, which refuses to give too many', async () => {
    const lab = bench()
    for (const name of ['a', 'b', 'c']) await write(lab, [layer], name)
    const first = (await lab.ask('GET', `${v3}/configurations?limit=2`)).json
    expect(first).toMatchObject({
      configurations: [{ name: 'a' }, { name: 'b' }],
      next: { limit: 2, after_id: 'b' },
    })
    expect((await lab.ask('GET', `${v3}/configurations?limit=2&after_id=b`)).json).toMatchObject({
      configurations: [{ name: 'c' }],
      next: null,
    })
    expect((await lab.ask('GET', `${v3}/configurations?limit=x`)).status).toBe(400)
    expect(
      (await lab.ask('GET', `${v2}/configurations`)).json.map(
        (each: { name: string }) => each.name,
      ),
    ).toEqual(['a', 'b', 'c'])
    for (let i = 0; i < 1000; i++)
      lab.system.cfs.configurations.set(`n${i}`, { name: `n${i}`, layers: [], last_updated: '' })
    expect((await lab.ask('GET', `${v2}/configurations`)).status).toBe(400)
  })

  it('are deleted although a node wants them, before 1.7', async () => {
    const lab = bench('1.6')
    await write(lab)
    configure(lab.system, intel, 'builder', lab.system.now())
    expect((await lab.ask('DELETE', `${v3}/configurations/builder`)).status).toBe(204)
  })

  it('are deleted unless a node wants them, from 1.7 on', async () => {
    const lab = bench('1.7')
    await write(lab)
    configure(lab.system, intel, 'builder', lab.system.now())
    expect(await lab.ask('DELETE', `${v3}/configurations/builder`)).toMatchObject({
      status: 400,
      json: { title: 'Configuration is in use.' },
    })
    lab.system.cfs.components.clear()
    expect((await lab.ask('DELETE', `${v3}/configurations/builder`)).status).toBe(204)
    expect(await lab.ask('DELETE', `${v3}/configurations/builder`)).toMatchObject({
      status: 404,
      json: {
        title: 'Configuration not found',
        detail: 'Configuration builder could not be found',
      },
    })
    expect((await lab.ask('GET', `${v3}/configurations/builder`)).status).toBe(404)
  })
})

describe('sessions of CFS', () => {
  it.each([
    [400, 'an underscore in the name', customize('made_x86')],
    [400, 'upper case', customize('Made')],
    [400, 'a name of 46', customize('n'.repeat(46))],
    [400, 'no name', { configuration_name: 'builder' }],
    [400, 'no configuration', { name: 'a' }],
    [400, 'an unknown configuration', customize('a', { configuration_name: 'none' })],
    [
      400,
      'an image target without groups',
      customize('a', { target: { definition: 'image', groups: [] } }),
    ],
    [
      400,
      'a member that is no id',
      customize('a', {
        target: { definition: 'image', groups: [{ name: 'Application', members: ['compute'] }] },
      }),
    ],
    [
      400,
      'an image_map that is a map',
      customize('a', {
        target: {
          definition: 'image',
          groups: [{ name: 'Application', members: [bases.x86_64] }],
          image_map: {},
        },
      }),
    ],
    [400, 'another definition', customize('a', { target: { definition: 'images' } })],
    [400, 'too much verbosity', customize('a', { ansible_verbosity: 5 })],
    [400, 'an unknown word', customize('a', { config: 'x' })],
  ])('answer %i to %s', async (status, _, body) => {
    const lab = bench()
    await write(lab)
    expect(await lab.ask('POST', `${v3}/sessions`, body)).toMatchObject({
      status,
      type: 'application/problem+json',
    })
    expect(lab.system.cfs.sessions.size).toBe(0)
  })

  it('are made with 201, in version 2 with 200, and once under a name', async () => {
    const lab = bench()
    await write(lab)
    expect(await lab.ask('POST', `${v3}/sessions`, customize('a'))).toMatchObject({
      status: 201,
      json: {
        name: 'a',
        configuration: { name: 'builder', limit: '' },
        status: {
          artifacts: [],
          session: { status: 'pending', succeeded: 'none', start_time: '2026-01-01T00:00:00' },
        },
      },
    })
    expect(await lab.ask('POST', `${v3}/sessions`, customize('a'))).toMatchObject({
      status: 409,
      json: {
        title: 'Conflicting session name',
        detail: 'A session with the name a already exists',
      },
    })
    expect(
      await lab.ask('POST', `${v2}/sessions`, {
        name: 'b',
        configurationName: 'builder',
        tags: { cloneUrl: 'mine' },
      }),
    ).toMatchObject({
      status: 200,
      json: { tags: { cloneUrl: 'mine' }, status: { session: { startTime: expect.any(String) } } },
    })
  })

  it('go from pending through running to complete, with the image a moment later', async () => {
    const lab = bench()
    await write(lab)
    await lab.ask('POST', `${v3}/sessions`, customize('a'))
    const seen: string[] = []
    for (let i = 0; i < 60; i++) {
      const { session, artifacts } = (await lab.ask('GET', `${v3}/sessions/a`)).json.status
      const told = `${session.status} ${session.succeeded} ${artifacts.length}`
      if (seen.at(-1) !== told) seen.push(told)
      await lab.pass(50)
    }
    expect(seen).toEqual(['pending none 0', 'running none 0', 'complete true 0', 'complete true 1'])
    const { result_id } = (await lab.ask('GET', `${v3}/sessions/a`)).json.status.artifacts[0]
    expect((await lab.ask('GET', `/apis/ims/v3/images/${result_id}`)).json).toMatchObject({
      name: 'made_x86_64',
      arch: 'x86_64',
      link: {
        etag: expect.stringMatching(/^[0-9a-f]{32}$/),
        path: `s3://boot-images/${result_id}/manifest.json`,
      },
    })
    expect(lab.system.contents.get(result_id)).toMatchObject({
      packages: expect.arrayContaining(['podman', 'bos-reporter']),
      rootKeys: [imsKey(lab.system)],
    })
  })

  it('tell the same story when the clock jumps', async () => {
    const lab = bench()
    await write(lab)
    await lab.ask(
      'POST',
      `${v3}/sessions`,
      customize('a', {
        target: {
          definition: 'image',
          groups: [{ name: 'Application', members: [bases.aarch64] }],
        },
      }),
    )
    await lab.pass(3_600_000)
    expect((await lab.ask('GET', `${v3}/sessions/a`)).json.status).toMatchObject({
      session: { status: 'complete', succeeded: 'true' },
      artifacts: [{ image_id: bases.aarch64 }],
    })
    expect(lab.system.images.at(-1)).toMatchObject({
      arch: 'aarch64',
      name: 'compute-csm-1.6-6.2.25-aarch64_cfs_a',
    })
  })

  it('have no podman on 1.7, and bake nothing for another group or playbook', async () => {
    const lab = bench('1.7')
    await write(lab)
    await lab.ask('POST', `${v3}/sessions`, customize('a'))
    await lab.ask(
      'POST',
      `${v3}/sessions`,
      customize('b', {
        target: { definition: 'image', groups: [{ name: 'UAN', members: [bases.x86_64] }] },
      }),
    )
    await lab.pass(long)
    const contents = ['a', 'b'].map((name) =>
      lab.system.contents.get(lab.system.cfs.sessions.get(name)!.artifacts[0]!.result_id)!,
    )
    expect(contents.map((each) => each.packages)).toEqual([['bos-reporter'], []])
  })

  it('fail on 1.6.0 with the commit of the catalog, and with no other', async () => {
    const lab = bench('1.6.0')
    await write(lab, [{ ...layer, commit: '0c1a5fd3a4e3a1c7b6c0f0d6a0cf4a9be3ab1f27' }])
    await lab.ask('POST', `${v3}/sessions`, customize('a'))
    await lab.pass(long)
    expect((await lab.ask('GET', `${v3}/sessions/a`)).json.status).toMatchObject({
      session: { status: 'complete', succeeded: 'false' },
      artifacts: [],
    })
    expect((await lab.ask('GET', '/apis/ims/v3/jobs')).json).toMatchObject([
      { status: 'error', resultant_image_id: null },
    ])
    await write(lab)
    await lab.ask('POST', `${v3}/sessions`, customize('b'))
    await lab.pass(long)
    expect((await lab.ask('GET', `${v3}/sessions/b`)).json.status.session.succeeded).toBe('true')
  })

  it('wait for ever for an image that is not there, and take their IMS job with them when they are deleted', async () => {
    const lab = bench()
    await write(lab)
    await lab.ask(
      'POST',
      `${v3}/sessions`,
      customize('a', {
        target: {
          definition: 'image',
          groups: [{ name: 'Application', members: ['00000000-0000-4000-8000-000000000000'] }],
        },
      }),
    )
    await lab.pass(86_400_000)
    expect((await lab.ask('GET', `${v3}/sessions/a`)).json.status.session).toMatchObject({
      status: 'running',
      succeeded: 'none',
    })
    await lab.ask('POST', `${v3}/sessions`, customize('b'))
    await lab.pass(900)
    expect((await lab.ask('GET', '/apis/ims/v3/jobs')).json).toMatchObject([
      {
        status: 'waiting_on_user',
        remote_build_node: '',
        ssh_containers: [{ name: 'b', jail: true }],
      },
    ])
    expect((await lab.ask('DELETE', `${v3}/sessions/b`)).status).toBe(204)
    expect((await lab.ask('GET', '/apis/ims/v3/jobs')).json).toEqual([])
    expect(await lab.ask('DELETE', `${v3}/sessions/b`)).toMatchObject({
      status: 404,
      json: { title: 'Session not found.', detail: 'Session b could not be found' },
    })
  })

  it.each([
    [
      { kind: 'cfs-session', ends: 'false' },
      { status: 'complete', succeeded: 'false' },
    ],
    [
      { kind: 'cfs-session', ends: 'unknown' },
      { status: 'complete', succeeded: 'unknown' },
    ],
    [
      { kind: 'cfs-session', ends: 'never' },
      { status: 'running', succeeded: 'none' },
    ],
    [{ kind: 'cfs-no-artifacts' }, { status: 'complete', succeeded: 'true' }],
    [{ kind: 'ims-job' }, { status: 'complete', succeeded: 'false' }],
  ] as const)('end as the fault says: %j', async (fault, session) => {
    const lab = bench()
    await write(lab)
    lab.system.faults.push({ ...fault, times: 1 })
    await lab.ask('POST', `${v3}/sessions`, customize('a'))
    await lab.pass(long)
    expect((await lab.ask('GET', `${v3}/sessions/a`)).json.status).toMatchObject({
      session,
      artifacts: [],
    })
  })

  it('are filtered, and forgotten a week after their end, and then the name is free', async () => {
    const lab = bench()
    await write(lab)
    await lab.ask('POST', `${v3}/sessions`, {
      name: 'a',
      configuration_name: 'builder',
      tags: { of: 'x' },
    })
    await lab.pass(long)
    await lab.ask('POST', `${v3}/sessions`, { name: 'b', configuration_name: 'builder' })
    const names = async (query: string): Promise<string[]> =>
      (await lab.ask('GET', `${v3}/sessions?${query}`)).json.sessions.map(
        (each: { name: string }) => each.name,
      )
    expect(await names('status=complete')).toEqual(['a'])
    expect(await names('status=pending')).toEqual(['b'])
    expect(await names('succeeded=true&name_contains=a')).toEqual(['a'])
    expect(await names('tags=of=x')).toEqual(['a'])
    await lab.pass(1)
    expect(await names('max_age=1m')).toEqual(['b'])
    expect((await lab.ask('GET', `${v3}/sessions?max_age=old`)).status).toBe(400)
    await lab.pass(8 * 86_400_000)
    expect((await lab.ask('GET', `${v3}/sessions/a`)).status).toBe(404)
    expect(
      (await lab.ask('POST', `${v3}/sessions`, { name: 'a', configuration_name: 'builder' }))
        .status,
    ).toBe(201)
  })
})

describe('components and options of CFS', () => {
  it('say how far a live node is, and skip a play for images', async () => {
    const lab = bench()
    await write(lab)
    const shown = (await lab.ask('GET', `${v3}/components/${intel}`)).json
    expect(shown).toMatchObject({ id: intel, configuration_status: 'unconfigured' })
    expect(shown).not.toHaveProperty('state')
    configure(lab.system, intel, 'builder', lab.system.now())
    expect((await lab.ask('GET', `${v3}/components/${intel}`)).json.configuration_status).toBe(
      'pending',
    )
    await lab.pass(long)
    expect(
      (await lab.ask('GET', `${v2}/components/${intel}?stateDetails=true`)).json,
    ).toMatchObject({
      configurationStatus: 'configured',
      desiredConfig: 'builder',
      // Version 2 writes the status into the commit.
      state: [{ commit: `${commit}_skipped` }],
    })
    expect(
      (await lab.ask('GET', `${v3}/components?status=configured`)).json.components,
    ).toHaveLength(1)
    expect((await lab.ask('GET', `${v3}/components/x1c0s0b0n0`)).status).toBe(404)
    expect((await lab.ask('GET', `${v3}/options`)).json).toMatchObject({
      default_page_size: 1000,
    })
  })
})
