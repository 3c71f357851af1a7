import { describe, expect, it } from 'vitest'
import { bench, intel, type Bench } from '../system.fixture.ts'

const v2 = '/apis/smd/hsm/v2'
const endpoints = `${v2}/Inventory/RedfishEndpoints`
const cards = `${v2}/Inventory/EthernetInterfaces`
const controller = 'x3000c0s19b1'

async function stateOf(lab: Bench, xname: string): Promise<string> {
  return (await lab.ask('GET', `${v2}/State/Components/${xname}`)).json.State
}
async function discoveryOf(lab: Bench, xname: string = controller): Promise<string> {
  return (await lab.ask('GET', `${endpoints}/${xname}`)).json.DiscoveryInfo.LastDiscoveryStatus
}

describe('the controllers of HSM', () => {
  it('are found when a system is installed', async () => {
    const lab = bench()
    expect((await lab.ask('GET', `${endpoints}/${controller}`)).json).toEqual({
      ID: controller,
      Type: 'NodeBMC',
      Hostname: controller,
      Domain: '',
      FQDN: controller,
      Enabled: true,
      User: 'root',
      Password: '',
      MACAddr: expect.stringMatching(/^b4:2e:99:/),
      RediscoverOnUpdate: true,
      DiscoveryInfo: {
        LastDiscoveryAttempt: '2026-01-01T00:00:00.000000Z',
        LastDiscoveryStatus: 'DiscoverOK',
        RedfishVersion: '1.7.0',
      },
    })
    for (const [query, count] of [
      ['type=NodeBMC', 3],
      [`id=!${controller}`, 2],
      ['laststatus=HTTPsGetFailed', 0],
      ['fqdn=x3000c0s19b1&type=nodebmc', 1],
    ] as const)
      expect((await lab.ask('GET', `${endpoints}?${query}`)).json.RedfishEndpoints).toHaveLength(
        count,
      )
    expect((await lab.ask('GET', `${endpoints}?id=nid1`)).json.detail).toBe(
      'bad query param: Argument was not a valid xname ID',
    )
    expect((await lab.ask('GET', `${endpoints}/Query/all`)).json.RedfishEndpoints).toHaveLength(3)
  })

  it('take what they carry with them when they are disabled, and bring it back', async () => {
    const lab = bench()
    const patched = await lab.ask('PATCH', `${endpoints}/${controller}`, { Enabled: false })
    expect(patched).toMatchObject({ status: 200, json: { Enabled: false } })
    expect(await stateOf(lab, intel)).toBe('Empty')
    await lab.ask('PATCH', `${endpoints}/${controller}`, { Enabled: true })
    expect(await discoveryOf(lab)).toBe('DiscoveryStarted')
    expect((await lab.ask('GET', `${v2}/Inventory/DiscoveryStatus/0`)).json.Status).toBe(
      'InProgress',
    )
    await lab.pass(1000)
    expect(await discoveryOf(lab)).toBe('DiscoverOK')
    expect(await stateOf(lab, intel)).toBe('Ready')
    expect((await lab.ask('GET', `${v2}/Inventory/DiscoveryStatus`)).json).toMatchObject([
      { ID: 0, Status: 'Complete' },
    ])
  })

  it('are made, replaced and removed', async () => {
    const lab = bench()
    expect(await lab.ask('DELETE', `${endpoints}/${controller}`)).toMatchObject({
      status: 200,
      json: { code: 0, message: 'deleted 1 entry' },
    })
    expect(await stateOf(lab, intel)).toBe('Empty')
    expect(await lab.ask('DELETE', `${endpoints}/${controller}`)).toMatchObject({
      status: 404,
      json: { detail: 'no such xname.' },
    })
    expect(
      await lab.ask('POST', endpoints, {
        RedfishEndpoints: [{ ID: controller, FQDN: `${controller}.hmn`, RediscoverOnUpdate: true }],
      }),
    ).toMatchObject({
      status: 201,
      json: [{ URI: `/hsm/v2/Inventory/RedfishEndpoints/${controller}` }],
    })
    await lab.pass(1000)
    expect(await stateOf(lab, intel)).toBe('Ready')
    expect((await lab.ask('GET', `${endpoints}/${controller}`)).json).toMatchObject({
      Hostname: controller,
      Domain: 'hmn',
    })
    const put = await lab.ask('PUT', `${endpoints}/${controller}`, {
      FQDN: controller,
      User: 'admin',
    })
    expect(put).toMatchObject({ status: 200, json: { User: 'admin', RediscoverOnUpdate: false } })
  })

  it('fail to be discovered where nothing answers', async () => {
    const lab = bench()
    lab.machines[intel]!.silent = true
    expect(
      await lab.ask('POST', `${v2}/Inventory/Discover`, { xnames: [controller] }),
    ).toMatchObject({
      status: 200,
      json: [{ URI: '/hsm/v2/Inventory/DiscoveryStatus/0' }],
    })
    await lab.pass(1000)
    expect(await discoveryOf(lab)).toBe('HTTPsGetFailed')
    await lab.ask('POST', endpoints, { ID: 'x9000c1s0b0', RediscoverOnUpdate: true })
    await lab.pass(1000)
    expect(await discoveryOf(lab, 'x9000c1s0b0')).toBe('HTTPsGetFailed')
  })

  it.each([
    ['POST', '', { ID: 'x3000c0s19b1n0' }, 400, 'has wrong type for RF endpoint: Node'],
    ['POST', '', { ID: 'nid1' }, 400, 'nid1 is not a valid locational xname ID'],
    ['POST', '', { Name: 'a' }, 400, "couldn't validate endpoint data: No xname ID found"],
    ['POST', '', { RedfishEndpoints: [{}] }, 400, 'at idx 0: No xname ID found'],
    ['POST', '', { ID: controller }, 409, 'the same FQDN or xname ID.'],
    ['POST', '', { ID: 'x3c0s1b0', Hostname: 'a.b' }, 400, 'not a basename or IP address.'],
    ['POST', '', { ID: 'x3c0s1b0', Hostname: 'a', FQDN: 'b' }, 400, "FQDN: 'a' != 'b'"],
    ['POST', '', { ID: 'x3c0s1b0', IPAddress: 'a' }, 400, "not a valid IP address: 'a'"],
    ['POST', '', { ID: 3 }, 500, 'error decoding JSON json: cannot unmarshal number'],
    ['PUT', `/${controller}`, { ID: 'x1c0s0b0' }, 400, 'xname in URL and PUT body do not match'],
    ['PUT', '/x1c0s0b0', {}, 404, 'No such entry: x1c0s0b0'],
    ['PATCH', '/x1c0s0b0', { Enabled: true }, 404, 'No such entry: x1c0s0b0'],
    ['PATCH', '/nid1', {}, 400, 'xname in URL is not valid'],
    ['PATCH', `/${controller}`, { IPAddress: 'a' }, 500, "operation 'PATCH' failed during store"],
    [
      'PATCH',
      `/${controller}`,
      { FQDN: 'x3000c0s19b3', Hostname: 'x3000c0s19b3' },
      409,
      'the same FQDN',
    ],
  ])('refuse %s %s %j with %i', async (method, path, body, status, detail) => {
    const lab = bench()
    const got = await lab.ask(method, `${endpoints}${path}`, body)
    expect(got.status).toBe(status)
    expect(got.json.detail).toContain(detail)
  })

  it.each([
    [{ xnames: ['x1c0s0b0'] }, 404, 'No such RedfishEndpoint: x1c0s0b0'],
    [{ xnames: 'x1c0s0b0' }, 400, 'POST body was not understood'],
  ])('are not discovered for %j', async (body, status, detail) => {
    expect(await bench().ask('POST', `${v2}/Inventory/Discover`, body)).toMatchObject({
      status,
      json: { detail },
    })
  })
})

describe('the network cards of HSM', () => {
  const card = { MACAddress: 'B4-2E-99-BE-1A-2B', ComponentID: intel }
  const id = 'b42e99be1a2b'

  it('are made, found, written and removed', async () => {
    const lab = bench()
    expect(await lab.ask('POST', cards, card)).toMatchObject({
      status: 201,
      json: { URI: `/hsm/v2/Inventory/EthernetInterfaces/${id}` },
    })
    expect((await lab.ask('GET', `${cards}/${id}`)).json).toEqual({
      ID: id,
      Description: '',
      MACAddress: 'b4:2e:99:be:1a:2b',
      LastUpdate: '2026-01-01T00:00:00.000000Z',
      ComponentID: intel,
      Type: 'Node',
      IPAddresses: [],
    })
    const address = { IPAddress: '10.252.1.26' }
    expect((await lab.ask('POST', `${cards}/${id}/IPAddresses`, address)).status).toBe(201)
    expect((await lab.ask('POST', `${cards}/${id}/IPAddresses`, address)).status).toBe(409)
    expect(
      (await lab.ask('PATCH', `${cards}/${id}/IPAddresses/10.252.1.26`, { Network: 'NMN' })).json,
    ).toEqual({ ...address, Network: 'NMN' })
    for (const [query, count] of [
      [`ComponentID=${intel}`, 2],
      ['IPAddress=10.252.1.26', 1],
      ['Network=NMN', 1],
      ['Type=NodeBMC', 3],
      ['MACAddress=b4:2e:99:be:1a:2b&ID=B42E99BE1A2B', 1],
    ] as const)
      expect((await lab.ask('GET', `${cards}?${query}`)).json).toHaveLength(count)
    expect((await lab.ask('GET', `${cards}/${id}/IPAddresses`)).json).toEqual([
      { ...address, Network: 'NMN' },
    ])
    expect((await lab.ask('DELETE', `${cards}/${id}/IPAddresses/10.252.1.26`)).status).toBe(200)
    await lab.ask('PATCH', `${cards}/${id}`, { Description: 'first', ComponentID: controller })
    expect((await lab.ask('GET', `${cards}/${id}`)).json).toMatchObject({
      Description: 'first',
      ComponentID: controller,
      Type: 'NodeBMC',
      IPAddresses: [],
    })
    expect((await lab.ask('DELETE', `${cards}/${id}`)).json).toEqual({
      code: 0,
      message: 'deleted 1 entry',
    })
    expect((await lab.ask('DELETE', `${cards}/${id}`)).status).toBe(404)
  })

  it('come back with the discovery of their node', async () => {
    const lab = bench()
    const of = async () => (await lab.ask('GET', `${cards}?ComponentID=${intel}`)).json
    const [{ ID: old }] = await of()
    await lab.ask('DELETE', `${cards}/${old}`)
    expect(await of()).toEqual([])
    await lab.ask('POST', `${v2}/Inventory/Discover`, { xnames: [controller] })
    await lab.pass(1000)
    expect(await of()).toMatchObject([{ ID: old, IPAddresses: [] }])
  })

  it.each([
    ['POST', '', { MACAddress: 'b4' }, 400, 'MAC string has invalid length'],
    ['POST', '', { MACAddress: 'zzzzzzzzzzzz' }, 400, 'invalid syntax'],
    ['POST', '', { ...card, ComponentID: 'nid1' }, 400, 'Invalid CompEthInterface component ID'],
    ['POST', '', { ...card, IPAddresses: [{}] }, 400, 'Invalid CompEthInterface IP Address'],
    ['PATCH', `/${id}`, {}, 400, 'Request must have at least one patch field.'],
    ['PATCH', `/${id}`, { Description: 'a' }, 404, 'no such component ethernet interface.'],
    ['GET', `/${id}`, undefined, 404, `No such component ethernet interface: ${id}`],
    ['GET', '?ComponentID=nid1', undefined, 400, 'Invalid CompID.'],
    ['GET', '?Type=Chair', undefined, 400, 'Invalid HMS type.'],
    ['GET', '?OlderThan=today', undefined, 400, 'not in a valid RFC3339 time format'],
    ['GET', `/${id}/IPAddresses`, undefined, 404, `No such component ethernet interface: ${id}`],
    ['PATCH', `/${id}/IPAddresses/1.1.1.1`, {}, 404, 'no such IP address in component'],
  ])('refuse %s %s %j with %i', async (method, path, body, status, detail) => {
    const got = await bench().ask(method, `${cards}${path}`, body)
    expect(got.status).toBe(status)
    expect(got.json.detail).toContain(detail)
  })
})
