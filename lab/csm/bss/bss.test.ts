import { describe, expect, it } from 'vitest'
import { bench, bases, intel, master, type Bench } from '../system.fixture.ts'
import { bootOrderOf } from './boot-lookup.ts'

const parameters = '/apis/bss/boot/v1/bootparameters'
const image = (id: string) => ({
  kernel: `s3://boot-images/${id}/kernel`,
  initrd: `s3://boot-images/${id}/initrd`,
})
const own = { params: 'console=tty0', ...image(bases.x86_64) }
const named = async (lab: Bench, name: string) =>
  (await lab.ask('GET', `${parameters}?name=${name}`)).json
const none = {
  'meta-data': null,
  'user-data': null,
  'phone-home': {
    pub_key_dsa: '',
    pub_key_rsa: '',
    pub_key_ecdsa: '',
    instance_id: '',
    hostname: '',
    fqdn: '',
  },
}

describe('boot parameters', () => {
  it('are there for management nodes after an installation, and for no other', async () => {
    const lab = bench()
    const [found] = await named(lab, master)
    expect(found).toMatchObject({
      hosts: [master],
      'cloud-init': { 'meta-data': { 'local-hostname': 'ncn-m001' } },
    })
    expect(found.params).toMatch(/metal\.server=s3:\/\/boot-images\/[^/]+\/rootfs /)
    expect(await lab.ask('GET', `${parameters}?name=${intel}`)).toMatchObject({
      status: 404,
      json: { detail: 'Cannot find boot parameters for requested Hosts' },
    })
  })

  it('are made once, and found by name, MAC address and number', async () => {
    const lab = bench()
    expect((await lab.ask('POST', parameters, { hosts: [intel], ...own })).status).toBe(201)
    expect(
      await lab.ask('POST', parameters, { macs: ['02:03:00:00:00:01'], ...own }),
    ).toMatchObject({
      status: 400,
      json: { detail: 'Bad Request: Already exists: 02:03:00:00:00:01' },
    })
    const whole = [{ hosts: [intel], ...own, 'cloud-init': none }]
    expect(await named(lab, intel)).toEqual(whole)
    for (const query of ['mac=02:03:00:00:00:01', 'nid=1', 'nid=0x1'])
      expect((await lab.ask('GET', `${parameters}?${query}`)).json).toEqual(whole)
    expect((await lab.ask('GET', parameters, { kernel: own.kernel })).json).toEqual([
      { kernel: own.kernel, 'cloud-init': none },
    ])
  })

  it('are changed where something is given, and replaced as a whole', async () => {
    const lab = bench()
    const cloud = { 'meta-data': { rack: { row: 1, bay: 2 }, site: 'north' } }
    await lab.ask('PUT', parameters, { hosts: [intel], ...own, 'cloud-init': cloud })
    await lab.ask('PATCH', parameters, {
      hosts: [intel],
      params: 'quiet',
      kernel: '',
      'cloud-init': { 'meta-data': { rack: { bay: 3 }, site: null } },
    })
    expect(await named(lab, intel)).toMatchObject([
      { ...own, params: 'quiet', 'cloud-init': { 'meta-data': { rack: { row: 1, bay: 3 } } } },
    ])
    await lab.ask('PUT', parameters, { nids: [1], params: 'loud' })
    expect(await named(lab, intel)).toEqual([
      { hosts: [intel], params: 'loud', 'cloud-init': none },
    ])
    expect(await lab.ask('PATCH', parameters, { hosts: ['Compute'], params: 'x' })).toMatchObject({
      status: 404,
      json: { detail: 'Not Found: Error looking up Compute: Key /params/Compute does not exist' },
    })
  })

  it('that name an unknown MAC address are kept under it, and a change of them meets the kernel', async () => {
    const lab = bench()
    const mac = 'aa:bb:cc:dd:ee:ff'
    await lab.ask('POST', parameters, { macs: [mac], ...own })
    expect((await lab.ask('GET', `${parameters}?mac=${mac}`)).status).toBe(404)
    expect(await named(lab, mac)).toMatchObject([{ hosts: [mac], ...own }])
    await lab.ask('PATCH', parameters, { macs: [mac], kernel: own.kernel, params: 'quiet' })
    expect(await named(lab, mac)).toMatchObject([own])
    expect((await lab.ask('GET', parameters, { kernel: own.kernel })).json).toMatchObject([
      { kernel: own.kernel, params: 'quiet' },
    ])
  })

  it('are forgotten, and a kernel with them', async () => {
    const lab = bench()
    await lab.ask('PUT', parameters, { hosts: [intel, 'Default'], ...own })
    await lab.ask('DELETE', parameters, { hosts: ['Default'], kernel: own.kernel })
    expect((await named(lab, intel))[0]).not.toHaveProperty('kernel')
    expect(await lab.ask('DELETE', parameters, { hosts: ['Default'] })).toMatchObject({
      status: 400,
      json: { detail: 'Key Default deletion: Key /params/Default does not exist' },
    })
  })

  it('refuse what is not fit, in the words of Go', async () => {
    const lab = bench()
    const detail = async (method: string, body: unknown) =>
      (await lab.ask(method, parameters, body)).json.detail
    expect(await detail('POST', '')).toBe('Bad Request: EOF')
    expect(await detail('POST', '{')).toBe('Bad Request: unexpected EOF')
    expect(await detail('PATCH', { nids: ['1'] })).toBe(
      'Bad Request: json: cannot unmarshal string into Go struct field BootParams.nids of type int32',
    )
    expect(await detail('PUT', { hosts: [intel], 'cloud-init': { 'meta-data': 'x' } })).toBe(
      'Bad Request: json: cannot unmarshal string into Go struct field CloudInit.cloud-init.meta-data of type bssTypes.CloudDataType',
    )
    expect((await lab.ask('GET', `${parameters}?nid=1x`)).json.detail).toBe(
      "Bad Request - Invalid nid '1x'",
    )
    expect((await lab.ask('GET', parameters, {})).json.detail).toBe('No specified data requested')
  })
})

describe('what a node boots', () => {
  it('is what BSS says of it, of its role, or of all', async () => {
    const lab = bench()
    const boot = async () => {
      await lab.ask('POST', '/apis/power-control/v1/transitions', {
        operation: 'hard-restart',
        location: [{ xname: intel }],
      })
      await lab.pass(10_000)
      return lab.machines[intel]!.booted()
    }
    expect((await boot()).image).toBeNull()
    await lab.ask('PUT', parameters, { hosts: ['Default'], ...own, params: 'all' })
    expect(await boot()).toMatchObject({ image: bases.x86_64, parameters: 'all' })
    await lab.ask('PUT', parameters, { hosts: ['Compute'], ...own, params: 'role' })
    expect((await boot()).parameters).toBe('role')
    await lab.ask('PUT', parameters, { hosts: [intel], ...own, params: 'own' })
    expect((await boot()).parameters).toBe('own')
  })

  it('follows the role that HSM was given for the node', async () => {
    const lab = bench()
    await lab.ask('PATCH', `/apis/smd/hsm/v2/State/Components/${intel}/Role`, {
      Role: 'Application',
      SubRole: 'UAN',
    })
    expect((await lab.ask('GET', `/apis/bss/boot/v1/hosts?name=${intel}`)).json).toMatchObject([
      { Role: 'Application', SubRole: 'UAN' },
    ])
    await lab.ask('PUT', parameters, { hosts: ['Compute'], ...own, params: 'old role' })
    await lab.ask('PUT', parameters, { hosts: ['Application'], ...own, params: 'new role' })
    expect(bootOrderOf(lab.system, intel)?.parameters).toBe('new role')
  })
})

describe('hosts, state and status', () => {
  it('come from HSM', async () => {
    const lab = bench()
    expect((await lab.ask('GET', '/apis/bss/boot/v1/hosts?nid=1')).json).toMatchObject([
      { ID: intel, Role: 'Compute', MAC: ['02:03:00:00:00:01'] },
    ])
    expect(await lab.ask('GET', '/apis/bss/boot/v1/hosts?name=x1c0s0b0n0')).toMatchObject({
      status: 404,
      json: { detail: "Not Found - Unknown host name 'x1c0s0b0n0'" },
    })
    expect((await lab.ask('GET', '/apis/bss/boot/v1/dumpstate')).json).toMatchObject({
      Components: [{ ID: intel }, {}, {}],
      Params: [{}, {}, { hosts: [master] }],
    })
    expect((await lab.ask('GET', '/apis/bss/boot/v1/service/status/all')).json).toEqual({
      'bss-version': '1.37.0',
      'bss-status': 'running',
      'bss-status-hsm': 'connected',
      'bss-status-etcd': 'connected',
    })
  })
})
