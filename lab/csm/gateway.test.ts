import { request } from 'node:https'
import { afterEach, describe, expect, it } from 'vitest'
import { rotateImsKeys, textOf } from '../kubernetes/kubernetes-cluster.ts'
import { services, startGateway, type Gateway } from './gateway.ts'
import { type System } from './system.ts'
import { makeSystem } from './make-system.ts'
import { type Component, type Machine, type Ran, type Release } from './system-model.ts'

interface FakeMachine extends Machine {
  on: boolean
  keys: string
  answers: Record<string, Ran>
  asked: string[]
}
function fakeMachine(): FakeMachine {
  return {
    on: true,
    keys: '',
    asked: [],
    answers: {
      'uname -i': { exit: 0, stdout: 'x86_64\n', stderr: '' },
      'which podman': { exit: 0, stdout: '/usr/bin/podman\n', stderr: '' },
      'ls -d1 /tmp/* | grep /tmp/ims_ | wc -l': { exit: 0, stdout: '0\n', stderr: '' },
    },
    powered() {
      return this.on
    },
    ready() {
      return this.on
    },
    async admitsRoot(publicKey) {
      return this.keys.includes(publicKey)
    },
    booted: () => ({ bootId: '1', at: 0, image: null, parameters: '', reports: true }),
    async powerOn() {
      this.on = true
    },
    async powerOff() {
      this.on = false
    },
    unreachable: () => false,
    async run(command) {
      this.asked.push(command)
      return this.answers[command] ?? { exit: 127, stdout: '', stderr: 'not found\n' }
    },
  }
}
function component(
  xname: string,
  nid: number,
  machine: Machine,
  more: Partial<Component> = {},
): Component {
  return {
    xname,
    nid,
    role: 'Compute',
    arch: 'X86',
    class: 'River',
    aliases: [`nid${String(nid).padStart(6, '0')}`],
    address: `10.252.1.${nid}`,
    machine,
    ...more,
  }
}

let gateway: Gateway | undefined
let now = 0
let system: System
let machine: FakeMachine
async function raise(release: Release = '1.6'): Promise<void> {
  machine = fakeMachine()
  now = Date.parse('2026-01-01T00:00:00Z')
  const master = component('x3000c0s1b0n0', 100001, fakeMachine(), {
    role: 'Management',
    subRole: 'Master',
    aliases: ['ncn-m001'],
    address: '10.252.1.4',
  })
  system = makeSystem({
    release,
    now: () => now,
    components: [
      component('x3000c0s19b4n0', 4, machine),
      component('x3000c0s19b3n0', 3, fakeMachine(), { arch: 'ARM' }),
      master,
    ],
  })
  gateway = await startGateway(system)
}
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

interface Got {
  readonly status: number
  readonly type: string | undefined
  readonly text: string
  readonly json: any
}
function send(
  method: string,
  path: string,
  options: {
    body?: unknown
    text?: string
    token?: string | null
    ca?: string
    form?: string
  } = {},
): Promise<Got> {
  const token = options.token === undefined ? [...system.tokens.keys()].at(-1) : options.token
  const body =
    options.text ??
    options.form ??
    (options.body === undefined ? undefined : JSON.stringify(options.body))
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: gateway!.port,
        servername: 'api-gw-service-nmn.local',
        ca: options.ca ?? gateway!.authority,
        agent: false,
        method,
        path,
        headers: {
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined
            ? {}
            : options.form
              ? { 'content-type': 'application/x-www-form-urlencoded' }
              : { 'content-type': 'application/json' }),
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          const type = response.headers['content-type']
          resolve({
            status: response.statusCode!,
            type,
            text,
            json: type?.includes('json') && text !== '' ? JSON.parse(text) : undefined,
          })
        })
        response.on('error', reject)
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}
const tokenPath = '/keycloak/realms/shasta/protocol/openid-connect/token'
function signIn(
  secret = textOf(system.cluster, 'Secret', 'default', 'admin-client-auth', 'client-secret'),
): Promise<Got> {
  return send('POST', tokenPath, {
    token: null,
    form: `grant_type=client_credentials&client_id=admin-client&client_secret=${secret}`,
  })
}
const nodes = '/apis/ims/v3/remote-build-nodes'

describe('the gateway', () => {
  it('has a certificate that only its own authority vouches for', async () => {
    await raise()
    await expect(send('GET', nodes, { ca: '' })).rejects.toMatchObject({
      code: expect.stringMatching(/CERT|SIGNATURE|ISSUER/),
    })
    expect((await send('GET', nodes)).status).toBe(403)
  })

  it('gives tokens for the admin client and refuses another secret', async () => {
    await raise()
    const given = await signIn()
    expect(given).toMatchObject({ status: 200, json: { expires_in: 300, token_type: 'Bearer' } })
    expect(await signIn('wrong')).toMatchObject({
      status: 401,
      json: { error: 'unauthorized_client' },
    })
    expect(
      await send('POST', tokenPath, { token: null, form: 'client_id=admin-client' }),
    ).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
    expect((await send('GET', nodes, { token: given.json.access_token })).status).toBe(200)
  })

  it('answers text, not JSON, to a request without a token, with a made up one, and with one whose time is over', async () => {
    await raise()
    await signIn()
    expect(await send('GET', nodes, { token: null })).toMatchObject({
      status: 403,
      type: 'text/plain',
    })
    expect(await send('GET', nodes, { token: 'made.up.token' })).toMatchObject({
      status: 401,
      type: 'text/plain',
    })
    now += 299_000
    expect((await send('GET', nodes)).status).toBe(200)
    now += 1_000
    expect(await send('GET', nodes)).toMatchObject({ status: 401, text: 'Jwt is expired' })
  })

  it('has faults: tokens that expire in the middle, 503 with text, slow answers that closing does not wait for', async () => {
    await raise()
    await signIn()
    gateway!.fault({ kind: 'unavailable', path: '/apis/ims', times: 1 })
    expect(await send('GET', nodes)).toMatchObject({ status: 503, type: 'text/plain' })
    expect((await send('GET', nodes)).status).toBe(200)
    gateway!.fault({ kind: 'expire-tokens' })
    expect((await send('GET', nodes)).status).toBe(401)
    gateway!.fault({ kind: 'slow', path: '/apis/ims', seconds: 3600 })
    const never = send('GET', nodes).catch((error: Error) => error)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await gateway!.close()
    gateway = undefined
    expect(await never).toBeInstanceOf(Error)
  })

  it('counts requests by route', async () => {
    await raise()
    await signIn()
    await send('GET', nodes)
    await send('GET', `${nodes}/x3000c0s19b4n0`)
    await send('GET', `${nodes}/x3000c0s19b3n0`)
    expect(Object.fromEntries(gateway!.counts)).toEqual({
      [`POST ${tokenPath}`]: 1,
      [`GET ${nodes}`]: 1,
      [`GET ${nodes}/:xname`]: 2,
    })
  })

  it('names a source for every route', () => {
    for (const service of services)
      for (const route of service.routes)
        expect(route.source).toMatch(
          /^(docs-csm|ims|bos|config-framework-service|ceph|vault|gitea|hms-\w[\w-]*):/,
        )
  })
})

describe('IMS remote build nodes', () => {
  it('are registered, listed in the order of registration, described and deleted', async () => {
    await raise()
    await signIn()
    expect(await send('GET', nodes)).toMatchObject({ status: 200, json: [] })
    expect(await send('POST', nodes, { body: { xname: 'x3000c0s19b4n0' } })).toMatchObject({
      status: 201,
      json: { xname: 'x3000c0s19b4n0' },
    })
    await send('POST', nodes, { body: { xname: 'x3000c0s19b3n0' } })
    // A duplicate is accepted, whatever the docstring says.
    expect(await send('POST', nodes, { body: { xname: 'x3000c0s19b4n0' } })).toMatchObject({
      status: 201,
    })
    expect((await send('GET', nodes)).json).toEqual([
      { xname: 'x3000c0s19b4n0' },
      { xname: 'x3000c0s19b3n0' },
    ])
    expect(await send('GET', `${nodes}/x3000c0s19b4n0`)).toMatchObject({
      status: 200,
      json: { xname: 'x3000c0s19b4n0' },
    })
    expect(await send('DELETE', `${nodes}/x3000c0s19b4n0`)).toMatchObject({ status: 204, text: '' })
    expect(await send('DELETE', `${nodes}/x3000c0s19b4n0`)).toMatchObject({
      status: 404,
      json: { status: 404, title: 'Not Found' },
    })
    expect(await send('DELETE', nodes)).toMatchObject({ status: 204, text: '' })
    expect(await send('DELETE', nodes)).toMatchObject({ status: 204 })
  })

  it('take any name at all, with its case', async () => {
    await raise()
    await signIn()
    expect((await send('POST', nodes, { body: { xname: 'FOO' } })).status).toBe(201)
    expect((await send('GET', `${nodes}/foo`)).status).toBe(404)
    expect((await send('GET', `${nodes}/FOO`)).status).toBe(200)
  })

  it('are below /v3 alone', async () => {
    await raise()
    await signIn()
    const body = { xname: 'x3000c0s19b4n0' }
    expect((await send('POST', '/apis/ims/remote-build-nodes', { body })).status).toBe(404)
    expect((await send('GET', nodes)).json).toEqual([])
  })

  it.each([
    [{}, 400, undefined],
    [{ xname: '' }, 422, { xname: ['name field must not be blank'] }],
    [{ foo: 1 }, 422, { foo: ['Unknown field.'], xname: ['Missing data for required field.'] }],
    [{ xname: 5 }, 422, { xname: ['Not a valid string.'] }],
  ])('refuse %j', async (body, status, errors) => {
    await raise()
    await signIn()
    const got = await send('POST', nodes, { body })
    expect(got).toMatchObject({ status, type: 'application/problem+json' })
    expect(got.json.errors).toEqual(errors)
    expect(got.json).not.toHaveProperty('type')
    expect(got.json).not.toHaveProperty('instance')
  })

  it('refuse no body, a body that is not JSON, another method and an unknown path in the words of the framework', async () => {
    await raise()
    await signIn()
    const notUnderstood = {
      message: 'The browser (or proxy) sent a request that this server could not understand.',
    }
    expect((await send('POST', nodes, { body: {} })).json).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/^No input provided\./),
    })
    for (const text of ['', '{'])
      expect(await send('POST', nodes, { text })).toMatchObject({
        status: 400,
        json: notUnderstood,
      })
    expect((await send('PUT', nodes, { body: {} })).json).toMatchObject({
      status: 405,
      title: 'Method Not Allowed',
    })
    expect((await send('GET', '/apis/ims/v3/nothing')).json.detail).toMatch(
      /^The requested URL was not found/,
    )
  })
})

describe('the status of a remote build node', () => {
  async function status(xname = 'x3000c0s19b4n0'): Promise<Got> {
    return send('GET', `${nodes}/status/${xname}`)
  }
  async function raiseRegistered(release?: Release): Promise<void> {
    await raise(release)
    await signIn()
    await send('POST', nodes, { body: { xname: 'x3000c0s19b4n0' } })
    machine.keys = textOf(
      system.cluster,
      'ConfigMap',
      'services',
      'cray-ims-remote-keys',
      'public_key',
    )
  }

  it('is able to run jobs when IMS may sign in, the architecture is known and podman is at its place', async () => {
    await raiseRegistered()
    const got = await status()
    expect(got).toMatchObject({
      status: 200,
      json: {
        ableToRunJobs: true,
        nodeArch: 'x86_64',
        numCurrentJobs: 0,
        podmanStatus: 'Podman present at /usr/bin/podman',
        sshStatus: 'SSH connection established.',
        xname: 'x3000c0s19b4n0',
      },
    })
    expect(Object.keys(got.json)).toEqual(Object.keys(got.json).sort())
    expect((await send('GET', `${nodes}/status`)).json).toEqual([got.json])
  })

  it('is 404 for a node that is not registered', async () => {
    await raiseRegistered()
    expect((await status('x3000c0s19b3n0')).status).toBe(404)
  })

  it('stops at a node that is off, unknown, or that holds no key of IMS, or an old one', async () => {
    await raiseRegistered()
    machine.on = false
    expect((await status()).json).toMatchObject({
      ableToRunJobs: false,
      nodeArch: 'Unknown',
      numCurrentJobs: -1,
      sshStatus:
        'Unable to connect to node. Error: [Errno None] Unable to connect to port 22 on 10.252.1.4',
    })
    machine.on = true
    rotateImsKeys(system.cluster)
    expect((await status()).json).toMatchObject({
      ableToRunJobs: false,
      sshStatus: 'Unable to connect to node. Error: encountered EC key, expected OPENSSH key',
    })
    machine.keys = ''
    expect((await status()).json.sshStatus).toBe(
      'Unable to connect to node. Error: encountered EC key, expected OPENSSH key',
    )
    expect(machine.asked).toEqual([])
    await send('POST', nodes, { body: { xname: 'foo' } })
    expect((await status('foo')).json.sshStatus).toBe(
      'Unable to connect to node. Error: [Errno -2] Name or service not known',
    )
  })

  it('stops at an architecture that it cannot tell', async () => {
    await raiseRegistered()
    machine.answers['uname -i'] = { exit: 0, stdout: 'riscv64\n', stderr: '' }
    expect((await status()).json).toMatchObject({
      ableToRunJobs: false,
      podmanStatus: 'Unknown',
      nodeArch: 'Undefined architecture type for node, result: riscv64\n',
    })
    machine.answers['uname -i'] = { exit: 1, stdout: '', stderr: 'no\n' }
    expect((await status()).json.nodeArch).toMatch(
      /^Unable to determine architecture of node\. Error: Encountered a bad command exit code!/,
    )
  })

  it('wants podman at /usr/bin/podman and nowhere else', async () => {
    await raiseRegistered()
    machine.answers['which podman'] = { exit: 0, stdout: '/usr/local/bin/podman\n', stderr: '' }
    expect((await status()).json).toMatchObject({
      ableToRunJobs: false,
      podmanStatus: 'Podman not installed on node.',
    })
    machine.answers['which podman'] = { exit: 1, stdout: '', stderr: 'which: no podman\n' }
    expect((await status()).json).toMatchObject({
      ableToRunJobs: false,
      numCurrentJobs: -1,
      podmanStatus: expect.stringMatching(
        /^Unable determine if tools are installed on node\. Error: /,
      ),
    })
  })

  it('stays able when the jobs cannot be counted, and counts what is there', async () => {
    await raiseRegistered()
    const count = 'ls -d1 /tmp/* | grep /tmp/ims_ | wc -l'
    machine.answers[count] = { exit: 0, stdout: '3\n', stderr: '' }
    expect((await status()).json).toMatchObject({ ableToRunJobs: true, numCurrentJobs: 3 })
    machine.answers[count] = { exit: 1, stdout: '', stderr: '' }
    expect((await status()).json).toMatchObject({ ableToRunJobs: true, numCurrentJobs: -1 })
  })

  it('does not exist in CSM 1.5, and does from 1.6.0 on', async () => {
    await raiseRegistered('1.5')
    expect(await status()).toMatchObject({
      status: 404,
      json: { detail: expect.stringMatching(/^The requested URL was not found/) },
    })
    expect((await send('GET', `${nodes}/status`)).status).toBe(404)
    expect((await send('GET', nodes)).json).toHaveLength(1)
    for (const release of ['1.6.0', '1.7'] as const) {
      await gateway!.close()
      await raiseRegistered(release)
      expect((await status()).status).toBe(200)
    }
  })
})

describe('IMS images and public keys', () => {
  it('are listed and described', async () => {
    await raise()
    await signIn()
    const images = (await send('GET', '/apis/ims/v3/images')).json
    expect(images.map((each: { name: string }) => each.name)).toEqual([
      'compute-csm-1.6-6.2.25-aarch64',
      'compute-csm-1.6-6.2.25-x86_64',
      'cray-shasta-csm-sles15sp6-barebones-csm-1.6',
      'secure-kubernetes-6.2.25-x86_64.squashfs',
      'secure-storage-ceph-6.2.25-x86_64.squashfs',
    ])
    expect((await send('GET', `/apis/ims/v3/images/${images[0].id}`)).json).toEqual(images[0])
    expect((await send('GET', '/apis/ims/v3/images/none')).status).toBe(404)
    expect(await send('GET', '/apis/ims/v3/public-keys')).toMatchObject({ status: 200, json: [] })
    expect((await send('GET', '/apis/ims/v3/public-keys/none')).status).toBe(404)
  })
})
