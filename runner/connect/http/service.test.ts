import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Service, TokenSource } from '../../model/host.ts'
import { get, type Answered, type HttpProbe } from '../../contract/probe.ts'
import { reveal } from '../../contract/secret-text.ts'
import { Secret } from '../../contract/secret.ts'
import { Unreachable } from '../../model/session.ts'
import { openService, type ServiceSession } from './service.ts'
import type { ServiceWorld } from './service-requests.ts'

type Handler = (request: IncomingMessage & { body: string }, response: ServerResponse) => void
let folder: string
const closing: (() => void)[] = []
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'trueup-http-'))))
afterEach(() => {
  for (const close of closing.splice(0)) close()
  rmSync(folder, { recursive: true, force: true })
})

async function serve(handler: Handler): Promise<string> {
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += part))
    request.on('end', () => handler(Object.assign(request, { body }), response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.close(), server.closeAllConnections()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
function open(
  url: string,
  more: Partial<Service> = {},
  world: Partial<ServiceWorld> = {},
): ServiceSession {
  const session = openService(
    { name: 'gw', url, ...more },
    {
      env: {},
      home: folder,
      now: () => Date.now(),
      clientSecret: async () => expect.fail('it asked for the secret'),
      ...world,
    },
  )
  closing.push(() => session.close())
  return session
}
async function ask(session: ServiceSession, probe: HttpProbe): Promise<Answered> {
  return (await session.exchange({ probes: [probe] })).readings[0]!
}
const json = (
  response: ServerResponse,
  value: unknown,
  status = 200,
  type = 'application/json',
): void => void response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value))
function file(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

describe('reading from a service', () => {
  it('appends the path, and gives status, body and JSON', async () => {
    const url = await serve((request, response) =>
      json(response, { asked: request.url, accept: request.headers.accept }),
    )
    const answer = await open(`${url}/apis/`).exchange({
      probes: [get('gw', '/ims/v3/images?x=1', [200])],
    })
    expect(answer.readings[0]).toMatchObject({
      status: 200,
      json: { asked: '/apis/ims/v3/images?x=1' },
    })
    expect(answer.cost).toMatchObject({ scripts: 0, requests: 1 })
    expect(answer.cost.bytesReceived).toBeGreaterThan(20)
  })

  it('takes an accepted status that is no success, and a body that is not JSON', async () => {
    const url = await serve(
      (_request, response) =>
        void response.writeHead(404, { 'content-type': 'text/plain' }).end('nothing'),
    )
    expect(await ask(open(url), get('gw', '/x', [200, 404]))).toEqual({
      status: 404,
      body: 'nothing',
      json: undefined,
    })
  })

  it.each([
    [
      404,
      JSON.stringify({ title: 'Session not found.', detail: 'Session X could not be found' }),
      '404 Not Found: Session not found.: Session X could not be found',
    ],
    [
      422,
      JSON.stringify({
        title: 'Unprocessable Entity',
        detail: 'bad',
        errors: { xname: ['Missing data for required field.'] },
      }),
      'bad: {"xname":["Missing data for required field."]}',
    ],
    [403, 'RBAC: access denied\u001b[31m', '403 Forbidden: RBAC: access denied'],
    [502, '<html><title>502 Bad gateway</title></html>', '502 Bad Gateway: 502 Bad gateway'],
    [401, '', '401 Unauthorized'],
  ])('says what a %s means', async (status, body, words) => {
    const url = await serve((_request, response) => void response.writeHead(status).end(body))
    const reading = await ask(open(url), get('gw', '/x'))
    expect(reading).toMatchObject({ failed: { code: 'status' } })
    expect(JSON.stringify(reading)).toContain(JSON.stringify(words).slice(1, -1))
    expect(JSON.stringify(reading)).not.toContain('\\u001b')
  })

  it.each(['/apis/other/list', '/apis/imsx', '/apis/ims/..%2fother', '/apis/ims/../other'])(
    'follows no page out of the service, for its token would go along: %s',
    async (next) => {
      const asked: (string | undefined)[] = []
      const url = await serve((request, response) => {
        asked.push(request.url)
        json(response, { list: [1], next })
      })
      const pages = { list: 'list', next: 'next' }
      expect(
        await ask(open(`${url}/apis/ims`), get('gw', '/list', [200], { pages })),
      ).toMatchObject({
        failed: { message: expect.stringContaining('its next page lies outside the service') },
      })
      expect(asked).toEqual(['/apis/ims/list'])
    },
  )

  it('joins pages whatever names the next one', async () => {
    const url = await serve((request, response) => {
      const query = new URL(request.url!, 'http://x').searchParams
      const after = Number(query.get('after_id') ?? 0)
      const next = after < 2 ? { limit: 2, after_id: after + 1 } : null
      json(response, {
        kind: query.get('kind'),
        configurations: [`c${after}`],
        next: request.url!.startsWith('/text') && next ? `after_id=${next.after_id}` : next,
      })
    })
    for (const path of ['/map?kind=a', '/text?kind=a']) {
      expect(
        await ask(
          open(url),
          get('gw', path, [200], { pages: { list: 'configurations', next: 'next' } }),
        ),
      ).toMatchObject({ json: { kind: 'a', configurations: ['c0', 'c1', 'c2'], next: null } })
    }
    const circle = await serve((_request, response) =>
      json(response, { list: [1], next: { page: 1 } }),
    )
    expect(
      await ask(open(circle), get('gw', '/x', [200], { pages: { list: 'list', next: 'next' } })),
    ).toMatchObject({ failed: { code: 'io' } })
    const elsewhere = await serve((_request, response) =>
      json(response, { list: [1], next: 'http://evil.example/x' }),
    )
    expect(
      await ask(open(elsewhere), get('gw', '/x', [200], { pages: { list: 'list', next: 'next' } })),
    ).toMatchObject({ failed: { code: 'io' } })
  })

  it('keeps a secret body a secret, also in a failure', async () => {
    const url = await serve((request, response) =>
      json(response, { canary: 'canary-body' }, request.url === '/ok' ? 200 : 500),
    )
    const session = open(url)
    const read = (await ask(session, get('gw', '/ok', [200], { secret: 'thing' }))) as unknown as {
      body: Secret
      json: unknown
    }
    expect(reveal(read.body)).toContain('canary-body')
    expect(read.json).toBeUndefined()
    expect(
      JSON.stringify([read, await ask(session, get('gw', '/fails', [200], { secret: 'thing' }))]),
    ).not.toContain('canary-body')
  })

  it('is a failed read past its time or the cap', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/big')
        for (let index = 0; index < 17; index++) response.write(Buffer.alloc(1 << 20, 'x'))
    })
    const session = open(url)
    expect(await ask(session, get('gw', '/slow', [200], { timeout: 0.2 }))).toMatchObject({
      failed: { code: 'timeout' },
    })
    expect(await ask(session, get('gw', '/big'))).toMatchObject({ failed: { code: 'too-large' } })
  })

  it('is a failed read where it nests deeper than recursion can go', async () => {
    const url = await serve((_request, response) =>
      response.end(`${'['.repeat(7000)}${']'.repeat(7000)}`),
    )
    expect(await ask(open(url), get('gw', '/deep'))).toMatchObject({ failed: { code: 'too-deep' } })
  })

  it('asks at most eight at once', async () => {
    let now = 0
    let most = 0
    const url = await serve((_request, response) => {
      most = Math.max(most, ++now)
      setTimeout(() => (now--, json(response, {})), 20)
    })
    await open(url).exchange({
      probes: Array.from({ length: 30 }, (_, index) => get('gw', `/${index}`)),
    })
    expect(most).toBe(8)
  })

  it('is unreachable, not a failed read, when the service is', async () => {
    const url = await serve(() => {})
    closing.splice(0).forEach((close) => close())
    const error = await ask(open(url), get('gw', '/x')).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Unreachable)
    expect(error).toMatchObject({ host: 'gw', midway: false })
    const alone = openService(null, {
      env: {},
      home: folder,
      now: Date.now,
      clientSecret: async () => expect.fail('no'),
    })
    expect(await ask(alone, { read: 'http', path: `${url}/x`, statuses: [200] })).toMatchObject({
      failed: { code: 'lost' },
    })
    expect(
      await ask(alone, { read: 'http', path: 'file:///etc/passwd', statuses: 'any' }),
    ).toMatchObject({ failed: { code: 'io' } })
  })

  it('survives a kept connection that the server has closed', async () => {
    const url = await serve((_request, response) => json(response, {}))
    const session = open(url)
    const server = closing[0]!
    expect(await ask(session, get('gw', '/1'))).toMatchObject({ status: 200 })
    const { port } = new URL(url)
    server()
    const again = http.createServer((_request, response) => json(response, { again: true }))
    await new Promise<void>((resolve) => again.listen(Number(port), '127.0.0.1', resolve))
    closing.push(() => again.close())
    expect(await ask(session, get('gw', '/2'))).toMatchObject({ json: { again: true } })
  })
})

describe('acting on a service', () => {
  it('acts in order, stops at a refusal, and reads afterwards', async () => {
    const seen: string[] = []
    const url = await serve((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.body}`)
      if (request.url === '/taken')
        return json(response, { title: 'Conflict', detail: 'it exists' }, 409)
      json(response, { ok: true }, request.method === 'POST' ? 201 : 200)
    })
    const act = (path: string, body = {}) =>
      ({ do: 'http', service: 'gw', method: 'POST', path, body, statuses: [201] }) as const
    const answer = await open(url).exchange({
      apply: {
        guards: [],
        actions: [
          act('/a', { pass: new Secret('p', 'canary-sent') }),
          act('/taken'),
          act('/never'),
        ],
      },
      probes: [get('gw', '/state')],
    })
    expect(answer.actions).toMatchObject([
      { ok: true, code: 201 },
      { ok: false, code: 409, message: '409 Conflict: it exists' },
    ])
    expect(seen).toEqual(['POST /a {"pass":"canary-sent"}', 'POST /taken {}', 'GET /state '])
  })

  it('does nothing when a guard has moved', async () => {
    let writes = 0
    const url = await serve((request, response) =>
      request.method === 'GET'
        ? json(response, { b: 1, a: 2 })
        : (writes++, json(response, {}, 201)),
    )
    const session = open(url)
    const actions = [{ do: 'http', method: 'POST', path: '/w', statuses: [201] }] as const
    const probe = get('gw', '/g')
    const held = await session.exchange({
      apply: {
        guards: [{ probe, expected: { status: 200, body: 'x', json: { a: 2, b: 1 } } }],
        actions,
      },
      probes: [],
    })
    expect(held.moved).toBeUndefined()
    const moved = await session.exchange({
      apply: {
        guards: [{ probe, expected: { status: 200, body: 'x', json: { a: 3, b: 1 } } }],
        actions,
      },
      probes: [probe],
    })
    expect(moved.moved?.found).toMatchObject({ status: 200 })
    expect(moved.actions).toEqual([])
    expect(writes).toBe(1)
  })
})

describe('tokens', () => {
  async function guarded(good: () => string): Promise<string> {
    return serve((request, response) => {
      if (request.url?.endsWith('/token')) {
        const form = new URLSearchParams(request.body)
        if (form.get('client_secret') === 'wrong')
          return json(
            response,
            { error: 'unauthorized_client', error_description: 'Invalid client secret' },
            401,
          )
        return json(response, { access_token: good(), expires_in: 300, token_type: 'bearer' })
      }
      if (request.headers.authorization === `Bearer ${good()}`) return json(response, { in: true })
      response.writeHead(403).end('RBAC: access denied')
    })
  }

  it('come from a file, raw or JSON, and are read again when refused', async () => {
    let good = 'first'
    const url = await guarded(() => good)
    const path = file('token', 'first\n')
    const session = open(url, { token: { from: 'file', path } })
    expect(await ask(session, get('gw', '/x'))).toMatchObject({ status: 200 })
    good = 'second'
    expect(await ask(session, get('gw', '/x'))).toMatchObject({ failed: { code: 'status' } })
    file('token', JSON.stringify({ access_token: 'second' }))
    expect(await ask(session, get('gw', '/x'))).toMatchObject({ status: 200 })
  })

  it('come from the file of craycli, found as craycli finds it', async () => {
    const url = await guarded(() => 'cray')
    file('.config/cray/active_config', 'prod\n')
    file(
      '.config/cray/configurations/prod',
      '[core]\nhostname = "https://api-gw.local"\n\n[auth.login]\nusername = "an.admin"\n',
    )
    const session = open(url, { token: { from: 'craycli' } })
    await expect(ask(session, get('gw', '/x'))).rejects.toMatchObject({
      diagnostics: [
        { code: 'connect/token-missing', hint: 'type: cray auth login --username an.admin' },
      ],
    })
    file(
      '.config/cray/tokens/api_gw_local.an_admin',
      JSON.stringify({ access_token: 'cray', expires_at: Date.now() / 1000 + 300 }),
    )
    expect(await ask(session, get('gw', '/x'))).toMatchObject({ status: 200 })
    const named = file('elsewhere.json', JSON.stringify({ access_token: 'cray', expires_at: 1 }))
    const expired = open(url, { token: { from: 'craycli' } }, { env: { CRAY_CREDENTIALS: named } })
    await expect(ask(expired, get('gw', '/x'))).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/token-expired' }],
    })
  })

  it('are refreshed with the refresh token of craycli', async () => {
    const url = await guarded(() => 'fresh')
    file(
      '.config/cray/configurations/default',
      `[core]\nhostname = "${url}"\n[auth.login]\nusername = "ann"\n`,
    )
    file(
      `.config/cray/tokens/${new URL(url).host.replace(/[-.]/g, '_')}.ann`,
      JSON.stringify({
        access_token: 'old',
        expires_at: 1,
        refresh_token: 'r',
        client_id: 'shasta',
      }),
    )
    expect(await ask(open(url, { token: { from: 'craycli' } }), get('gw', '/x'))).toMatchObject({
      status: 200,
    })
  })

  it('come from admin-client-auth, once for all who ask, and again when they end', async () => {
    let issued = 0
    let asked = 0
    let now = 0
    const url = await guarded(() => `t${issued}`)
    const source: TokenSource = {
      from: 'admin-client-auth',
      host: 'ncn',
      url: `${url}/token`,
      clientId: 'admin-client',
    }
    const session = open(
      url,
      { token: source },
      { now: () => now, clientSecret: async () => (asked++, issued++, new Secret('s', 'right')) },
    )
    const answer = await session.exchange({
      probes: [get('gw', '/1'), get('gw', '/2'), get('gw', '/3')],
    })
    expect(answer.readings).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }])
    expect(asked).toBe(1)
    now = 290_000
    expect(await ask(session, get('gw', '/4'))).toMatchObject({ status: 200 })
    expect(asked).toBe(2)
    const wrong = open(
      url,
      { token: source },
      { clientSecret: async () => new Secret('s', 'wrong') },
    )
    const error = await ask(wrong, get('gw', '/x')).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(DiagnosticError)
    expect((error as DiagnosticError).diagnostics[0]).toMatchObject({
      code: 'connect/token-refused',
    })
    expect((error as DiagnosticError).message).toContain('Invalid client secret')
  })
})

describe('the path of a request to a service', () => {
  it.each([
    '/../../echoauth',
    '../x',
    '/a/%2e%2E/b',
    '/a/.%2e',
    '/v3/..',
    '/a/./b',
    '/..%2f..%2fx',
    '/a\\..\\b',
  ])('may not climb out of it, for its token would go along: %s', async (path) => {
    const asked: (string | undefined)[] = []
    const url = await serve((request, response) => {
      asked.push(request.url)
      json(response, {})
    })
    const session = open(`${url}/apis/ims`)
    expect(await ask(session, get('gw', path))).toMatchObject({
      failed: { message: expect.stringContaining('climbs out of the service') },
    })
    expect(asked).toEqual([])
    await ask(session, get('gw', '/a..b/...?next=../x'))
    expect(asked).toEqual(['/apis/ims/a..b/...?next=../x'])
  })
})
