import { describe, expect, it } from 'vitest'
import { hsm } from './index.ts'
import { pcs } from '../pcs/index.ts'
import { matchPath, type Reply, type ServiceTable } from '../service-route.ts'
import { sls } from '../sls/index.ts'
import { type System } from '../system.ts'
import { makeSystem } from '../make-system.ts'
import { type Component } from '../system-model.ts'

function component(
  xname: string,
  nid: number,
  more: Partial<Component> & { on?: boolean; up?: boolean } = {},
): Component {
  const { on = true, up = on, ...rest } = more
  return {
    xname,
    nid,
    role: 'Compute',
    arch: 'X86',
    class: 'River',
    netType: 'Sling',
    aliases: [`nid${String(nid).padStart(6, '0')}`],
    address: `10.252.1.${nid}`,
    machine: {
      powered: () => on,
      ready: () => up,
      admitsRoot: async () => false,
      run: async () => ({ exit: 0, stdout: '', stderr: '' }),
      booted: () => ({ bootId: '1', at: 0, image: null, parameters: '', reports: true }),
      powerOn: async () => {},
      powerOff: async () => {},
      unreachable: () => false,
    },
    ...rest,
  }
}
function system(): System {
  return makeSystem({
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    components: [
      component('x3000c0s1b0n0', 100001, {
        role: 'Management',
        subRole: 'Master',
        aliases: ['ncn-m001'],
        address: '10.252.1.4',
      }),
      component('x3000c0s19b3n0', 3, { arch: 'ARM', on: false }),
      component('x3000c0s19b4n0', 4, { up: false }),
    ],
  })
}
async function ask(
  service: ServiceTable,
  method: string,
  url: string,
  of: System,
  body?: unknown,
): Promise<{ status: number; json: any; reply: Reply }> {
  const { pathname, searchParams } = new URL(url, 'https://lab')
  for (const route of service.routes) {
    const params = route.method === method ? matchPath(route.path, pathname) : null
    if (!params) continue
    const reply = await route.answer(
      {
        method,
        path: service.prefix + pathname,
        query: searchParams,
        params,
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body ?? null),
      },
      of,
    )
    return { status: reply.status, json: JSON.parse(reply.body), reply }
  }
  throw new Error(`no route for ${method} ${url}`)
}

describe('HSM components', () => {
  it('show what is true and leave out what is false or empty', async () => {
    const lab = system()
    expect((await ask(hsm, 'GET', '/State/Components/x3000c0s19b4n0', lab)).json).toEqual({
      ID: 'x3000c0s19b4n0',
      Type: 'Node',
      State: 'On',
      Flag: 'OK',
      Enabled: true,
      Role: 'Compute',
      NID: 4,
      NetType: 'Sling',
      Arch: 'X86',
      Class: 'River',
    })
    await ask(hsm, 'POST', '/locks/lock', lab, { ComponentIDs: ['x3000c0s1b0n0'] })
    expect((await ask(hsm, 'GET', '/State/Components/x3000c0s1b0n0', lab)).json).toMatchObject({
      State: 'Ready',
      SubRole: 'Master',
      Locked: true,
    })
    expect((await ask(hsm, 'GET', '/State/Components/x3000c0s19b3n0', lab)).json.State).toBe('Off')
  })

  it('normalize the name, and know no other', async () => {
    expect((await ask(hsm, 'GET', '/State/Components/X3000C0S019B04N0', system())).json.ID).toBe(
      'x3000c0s19b4n0',
    )
    expect(await ask(hsm, 'GET', '/State/Components/nonsense', system())).toMatchObject({
      status: 404,
      json: { type: 'about:blank', title: 'Not Found', detail: 'no such xname.', status: 404 },
    })
    expect((await ask(hsm, 'GET', '/State/Components/ByNID/3', system())).json.ID).toBe(
      'x3000c0s19b3n0',
    )
    expect((await ask(hsm, 'GET', '/State/Components/ByNID/9', system())).status).toBe(404)
  })

  it.each([
    ['role=Compute', ['x3000c0s19b3n0', 'x3000c0s19b4n0']],
    ['type=Node&role=!Compute', ['x3000c0s1b0n0']],
    ['type=Node&state=Ready&state=On', ['x3000c0s1b0n0', 'x3000c0s19b4n0']],
    ['arch=ARM', ['x3000c0s19b3n0']],
    ['id=X3000c0s019b4n0', ['x3000c0s19b4n0']],
    ['nid_start=4&nid_end=9', ['x3000c0s19b4n0']],
    ['role=Application', []],
    ['type=NodeBMC&id=x3000c0s19b4', ['x3000c0s19b4']],
  ])('are filtered by %s', async (query, ids) => {
    expect(
      (await ask(hsm, 'GET', `/State/Components?${query}`, system())).json.Components.map(
        (each: { ID: string }) => each.ID,
      ).toSorted(),
    ).toEqual(ids.toSorted())
  })

  it('are queried by a POST', async () => {
    const got = await ask(hsm, 'POST', '/State/Components/Query', system(), {
      ComponentIDs: ['x3000c0s19b4n0', 'x3000c0s19b3n0'],
      state: ['Off'],
    })
    expect(got.json.Components.map((each: { ID: string }) => each.ID)).toEqual(['x3000c0s19b3n0'])
  })
})

describe('HSM locks', () => {
  const node = { ComponentIDs: ['x3000c0s19b4n0'] }

  it('are no states: a second lock and a second unlock are refused', async () => {
    const lab = system()
    expect((await ask(hsm, 'POST', '/locks/lock', lab, node)).json).toEqual({
      Counts: { Total: 1, Success: 1, Failure: 0 },
      Success: { ComponentIDs: ['x3000c0s19b4n0'] },
      Failure: [],
    })
    expect(await ask(hsm, 'POST', '/locks/lock', lab, node)).toMatchObject({
      status: 400,
      json: { title: 'Bad Request', detail: 'Component is Locked' },
    })
    expect((await ask(hsm, 'POST', '/locks/unlock', lab, node)).status).toBe(200)
    expect(await ask(hsm, 'POST', '/locks/unlock', lab, node)).toMatchObject({
      status: 400,
      json: { detail: 'Component is Unlocked' },
    })
  })

  it('are all or nothing when rigid, and say what failed when flexible', async () => {
    const lab = system()
    await ask(hsm, 'POST', '/locks/lock', lab, node)
    const both = { ComponentIDs: ['x3000c0s19b3n0', 'x3000c0s19b4n0'] }
    expect((await ask(hsm, 'POST', '/locks/lock', lab, both)).status).toBe(400)
    expect(lab.locks.get('x3000c0s19b3n0')).toBeUndefined()
    expect(
      (await ask(hsm, 'POST', '/locks/lock', lab, { ...both, ProcessingModel: 'flexible' })).json,
    ).toMatchObject({
      Counts: { Total: 2, Success: 1, Failure: 1 },
      Failure: [{ ID: 'x3000c0s19b4n0', Reason: 'Locked' }],
    })
    expect(
      await ask(hsm, 'POST', '/locks/lock', lab, { ...both, ProcessingModel: 'flexible' }),
    ).toMatchObject({ status: 400, json: { detail: 'Component is Reserved' } })
  })

  it.each([
    [{ ComponentIDs: ['x9000c0s0b0n0'] }, 400, 'Component not found'],
    [
      { ComponentIDs: ['x3000c0s19b4n0'], ProcessingModel: 'loose' },
      400,
      'Invalid Processing Model',
    ],
    ['no json', 500, "error decoding JSON invalid character 'o' in literal null (expecting 'u')"],
  ])('refuse %j', async (body, status, detail) => {
    expect(await ask(hsm, 'POST', '/locks/lock', system(), body)).toMatchObject({
      status,
      json: { detail },
    })
  })

  it('keep a lock when reservations are disabled, and lock nothing that is disabled', async () => {
    const lab = system()
    await ask(hsm, 'POST', '/locks/lock', lab, node)
    await ask(hsm, 'POST', '/locks/disable', lab, node)
    expect((await ask(hsm, 'POST', '/locks/status', lab, node)).json.Components).toEqual([
      { ID: 'x3000c0s19b4n0', Locked: true, Reserved: false, ReservationDisabled: true },
    ])
    const unlock = () => ask(hsm, 'POST', '/locks/unlock', lab, node)
    expect(await unlock()).toMatchObject({
      status: 400,
      json: { detail: 'Component reservations are disabled' },
    })
    await ask(hsm, 'POST', '/locks/repair', lab, node)
    expect((await unlock()).status).toBe(200)
  })

  it('are reported, with the names that are not there', async () => {
    const lab = system()
    await ask(hsm, 'POST', '/locks/lock', lab, { Role: ['Management'] })
    expect(
      (
        await ask(hsm, 'POST', '/locks/status', lab, {
          ComponentIDs: ['x3000c0s1b0n0', 'x1c0s0b0n0'],
        })
      ).json,
    ).toMatchObject({ Components: [{ Locked: true }], NotFound: ['x1c0s0b0n0'] })
    expect((await ask(hsm, 'POST', '/locks/status', lab, node)).json).not.toHaveProperty('NotFound')
    expect(
      (await ask(hsm, 'POST', '/locks/status', lab, { ComponentIDs: ['x1c0s0b0n0'] })).status,
    ).toBe(400)
    expect(
      (await ask(hsm, 'GET', '/locks/status?locked=true', lab)).json.Components.map(
        (each: { ID: string }) => each.ID,
      ),
    ).toEqual(['x3000c0s1b0n0'])
  })
})

describe('PCS', () => {
  it('says on and off, and errs inside a 200 for a node that is not there', async () => {
    const got = await ask(
      pcs,
      'GET',
      '/power-status?xname=x3000c0s19b4n0&xname=x3000c0s19b3n0&xname=x9000c1s1b0n0',
      system(),
    )
    expect(got.json.status.map((each: { powerState: string }) => each.powerState)).toEqual([
      'on',
      'off',
      '',
    ])
    expect(got.json.status[2].error).toBe('Component not found in component map.')
    expect(
      (await ask(pcs, 'GET', '/power-status?powerStateFilter=off', system())).json.status,
    ).toHaveLength(1)
    expect(
      (await ask(pcs, 'POST', '/power-status', system(), { xname: ['x3000c0s19b3n0'] })).json
        .status,
    ).toMatchObject([{ powerState: 'off', managementState: 'available', error: '' }])
  })

  it('refuses what is no xname', async () => {
    expect(await ask(pcs, 'GET', '/power-status?xname=nid000004', system())).toMatchObject({
      status: 400,
      json: { detail: 'invalid xnames detected: nid000004' },
    })
  })
})

describe('SLS', () => {
  it('knows the networks, with one address that is unbound', async () => {
    const lab = system()
    const found = (await ask(sls, 'GET', '/networks/NMNLB', lab)).json
    const reservations = found.ExtraProperties.Subnets.flatMap(
      (subnet: { IPReservations: { Name: string; IPAddress: string }[] }) => subnet.IPReservations,
    )
    expect(reservations.filter((each: { Name: string }) => each.Name === 'unbound')).toMatchObject([
      { IPAddress: '10.92.100.225' },
    ])
    expect(await ask(sls, 'GET', '/networks/NONE', lab)).toMatchObject({
      status: 404,
      json: {
        type: 'about: blank',
        detail: 'Network not found in DB',
        instance: '/v1/networks/NONE',
      },
    })
    expect((await ask(sls, 'GET', '/networks', lab)).json).toHaveLength(2)
    expect(
      (await ask(sls, 'GET', '/search/networks?ip_address=10.92.100.225', lab)).json,
    ).toMatchObject([{ Name: 'NMNLB' }])
    expect((await ask(sls, 'GET', '/search/networks?name=NONE', lab)).status).toBe(404)
  })

  it('knows the hardware, with NID, role and aliases', async () => {
    const lab = system()
    expect((await ask(sls, 'GET', '/hardware/x3000c0s1b0n0', lab)).json).toMatchObject({
      Parent: 'x3000c0s1b0',
      Xname: 'x3000c0s1b0n0',
      TypeString: 'Node',
      ExtraProperties: {
        NID: 100001,
        Role: 'Management',
        SubRole: 'Master',
        Aliases: ['ncn-m001'],
      },
    })
    expect(await ask(sls, 'GET', '/hardware/x1', lab)).toMatchObject({
      status: 404,
      json: { type: 'about:blank' },
    })
    expect(
      (
        await ask(
          sls,
          'GET',
          '/search/hardware?type=comptype_node&extra_properties.Role=Compute',
          lab,
        )
      ).json,
    ).toHaveLength(2)
    expect(await ask(sls, 'GET', '/search/hardware?class=Hill', lab)).toMatchObject({
      status: 200,
      json: null,
    })
    expect(await ask(sls, 'GET', '/search/hardware?class=Valley', lab)).toMatchObject({
      status: 400,
      json: { type: 'about: blank', detail: 'class is invalid' },
    })
    expect((await ask(sls, 'GET', '/hardware', lab)).json).toHaveLength(3)
  })

  it('gives everything in one call', async () => {
    const dump = (await ask(sls, 'GET', '/dumpstate', system())).json
    expect(Object.keys(dump.Hardware)).toHaveLength(3)
    expect(Object.keys(dump.Networks)).toEqual(['NMNLB', 'NMN'])
  })
})
