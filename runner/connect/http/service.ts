import { readJson, tooDeep } from '../../contract/json.ts'
import type { HttpAction } from '../../contract/change.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Service } from '../../model/host.ts'
import type { Answered, FailedReading, HttpProbe, HttpReading } from '../../contract/probe.ts'
import { isFailed } from '../../contract/probe.ts'
import { Secret } from '../../contract/secret.ts'
import {
  Unreachable,
  type ActionResult,
  type Answer,
  type Cost,
  type Exchange,
  type Interrupt,
  type Session,
} from '../../model/session.ts'
import { readText } from '../../files/read-file.ts'
import { same, type Value } from '../../contract/value.ts'
import { httpClient, type HttpResponse, type HttpTrouble, type HttpWay } from './client.ts'
import { addressOf, bodyText, headersOf, refusalText } from './message.ts'
import { readPages } from './pages.ts'
import { tokenSupply, type TokenWorld } from './token.ts'

/** What a service needs of the run. */
export interface ServiceWorld extends Omit<TokenWorld, 'client'> {
  readonly tunnel?: HttpWay['tunnel']
}
/** A session with a service, which can be closed. */
export interface ServiceSession extends Session {
  close(): void
}

/** Requests that one service is asked at once. */
const atOnce = 8
const readPatience = 30
const actPatience = 120

/** Open a service; `null` is for absolute URLs that the controller asks itself. */
export function openService(service: Service | null, world: ServiceWorld): ServiceSession {
  const client = httpClient({
    ca: authorities(service),
    insecure: service?.insecure,
    tunnel: world.tunnel,
  })
  const tokens = tokenSupply(service, { ...world, client })
  const turn = turns(atOnce)

  async function request(
    asked: HttpProbe | HttpAction,
    url: URL,
    patience: number,
    fresh: boolean,
    signal: Interrupt | undefined,
  ): Promise<HttpResponse | HttpTrouble> {
    const token = await tokens.current()
    const send = (bearer: Secret | null): Promise<HttpResponse | HttpTrouble> => {
      const headers = headersOf(asked.headers, asked.body, bearer)
      const body = bodyText(asked.body, headers)
      return client.send({
        url,
        method: asked.method ?? 'GET',
        headers,
        ...(body === undefined ? {} : { body }),
        timeout: asked.timeout ?? patience,
        fresh,
        signal,
      })
    }
    const first = await send(token)
    // A gateway says 401 or 403 to an expired token; nothing was done, so the request may be sent again.
    if (token === null || !('status' in first) || (first.status !== 401 && first.status !== 403))
      return first
    const other = await tokens.renew(token)
    return other === null ? first : send(other)
  }

  /** What could not be asked at all: of a service it is a lost connection, of an absolute URL only this read fails. */
  function noAnswer(trouble: HttpTrouble, what: string): FailedReading {
    if (trouble.code === 'timeout' || trouble.code === 'too-large')
      return { failed: { code: trouble.code, message: `${what}: ${trouble.message}` } }
    const name = service?.name ?? what
    // A refused host key on the way is not a lost connection.
    if (trouble.cause instanceof DiagnosticError) throw trouble.cause
    if (trouble.code === 'interrupted')
      throw new Unreachable(name, `${name}: interrupted`, { midway: trouble.midway })
    if (trouble.code === 'untrusted' && service !== null)
      throw new DiagnosticError({
        code: 'connect/tls-untrusted',
        message: `${service.url}: ${trouble.message}`,
        hint: trouble.hint,
      })
    if (service === null)
      return {
        failed: {
          code: 'lost',
          message: `${what}: ${trouble.message}`,
          ...(trouble.hint === undefined ? {} : { hint: trouble.hint }),
        },
      }
    throw new Unreachable(name, `service ${name} (${service.url}): ${trouble.message}`, {
      midway: trouble.midway,
      ...(trouble.hint === undefined ? {} : { hint: trouble.hint }),
    })
  }

  async function ask(probe: HttpProbe, signal: Interrupt | undefined): Promise<Answered> {
    const what = `${probe.method ?? 'GET'} ${probe.path}`
    const first = addressOf(service?.url ?? null, probe.path)
    if (typeof first === 'string') return { failed: { code: 'io', message: first } }
    const page = async (url: URL): Promise<HttpReading | FailedReading> => {
      const answer = await turn(() => request(probe, url, readPatience, false, signal))
      if (!('status' in answer)) return noAnswer(answer, what)
      if (probe.statuses !== 'any' && !probe.statuses.includes(answer.status)) {
        const hint = answer.status === 401 || answer.status === 403 ? tokenHint(service) : undefined
        return {
          failed: {
            code: 'status',
            message: `${what}: ${refusalText(answer, probe.secret !== undefined)}`,
            ...(hint === undefined ? {} : { hint }),
          },
        }
      }
      const body = answer.body.toString('utf8')
      const read = readJson(body)
      if (read.value === undefined && read.fault === 'too-deep')
        return { failed: { code: 'too-deep', message: `${what}: ${tooDeep}` } }
      return { status: answer.status, body, json: read.value }
    }
    const read =
      probe.pages === undefined
        ? await page(first)
        : await readPages(first, probe.pages, page, what)
    if (probe.secret === undefined || isFailed(read)) return read
    return {
      status: read.status,
      body: new Secret(probe.secret, read.body) as unknown as string,
      json: undefined,
    }
  }

  async function act(action: HttpAction, signal: Interrupt | undefined): Promise<ActionResult> {
    const what = `${action.method} ${action.path}`
    const url = addressOf(service?.url ?? null, action.path)
    if (typeof url === 'string') return { ok: false, stdout: '', stderr: '', message: url }
    const answer = await turn(() => request(action, url, actPatience, true, signal))
    if (!('status' in answer)) {
      const { failed } = noAnswer(answer, what)
      return {
        ok: false,
        stdout: '',
        stderr: '',
        message: answer.midway
          ? `${failed.message}; whether it was done is not known`
          : failed.message,
      }
    }
    const body = answer.body.toString('utf8')
    const stdout = action.secret === undefined ? body : new Secret(action.secret, body)
    const ok = action.statuses === 'any' || action.statuses.includes(answer.status)
    return {
      ok,
      code: answer.status,
      stdout,
      stderr: '',
      ...(ok ? {} : { message: refusalText(answer, action.secret !== undefined) }),
    }
  }

  function costSince(before: ReturnType<typeof client.counted>): Cost {
    const after = client.counted()
    return {
      scripts: 0,
      requests: after.requests - before.requests,
      bytesSent: after.sent - before.sent,
      bytesReceived: after.received - before.received,
    }
  }

  async function exchange({ apply, probes, signal }: Exchange): Promise<Answer> {
    const before = client.counted()
    const readAll = (): Promise<Answered[]> =>
      Promise.all(
        probes.map((probe) =>
          probe.read === 'http' ? ask(probe, signal) : Promise.resolve(notHttp(probe.read)),
        ),
      )
    const finish = async (rest: Pick<Answer, 'actions' | 'moved'>): Promise<Answer> => {
      const readings = await readAll()
      return { ...rest, readings, cost: costSince(before) }
    }
    if (apply === undefined) return finish({ actions: [] })
    for (const guard of apply.guards) {
      const found =
        guard.probe.read === 'http' ? await ask(guard.probe, signal) : notHttp(guard.probe.read)
      if (!unmoved(found, guard.expected)) return finish({ actions: [], moved: { guard, found } })
    }
    const actions: ActionResult[] = []
    try {
      for (const action of apply.actions) {
        const result = action.do === 'http' ? await act(action, signal) : notForService(action.do)
        actions.push(result)
        if (!result.ok) break
      }
      return await finish({ actions })
    } catch (broken) {
      // What was done stays known: only what comes before the first action may be thrown.
      if (actions.length === 0) throw broken
      return { actions, readings: probes.map(() => unread), cost: costSince(before), broken }
    }
  }

  return { exchange, close: () => client.close() }
}

function notForService(kind: string): ActionResult {
  return {
    ok: false,
    stdout: '',
    stderr: '',
    message: `a service cannot ${kind}: that needs a host`,
  }
}

const unread: FailedReading = {
  failed: { code: 'lost', message: 'the exchange ended before this was read' },
}

function notHttp(kind: string): FailedReading {
  return {
    failed: { code: 'io', message: `a service cannot be asked for a ${kind}: that needs a host` },
  }
}

function unmoved(found: Answered, expected: Answered): boolean {
  if (isFailed(found) || isFailed(expected) || !('body' in found) || !('body' in expected))
    return false
  if (found.status !== expected.status) return false
  // The order of a map's keys may differ from one answer to the next.
  if (found.json !== undefined && expected.json !== undefined)
    return same(found.json, expected.json)
  return same(found.body as Value, expected.body as Value)
}

function tokenHint(service: Service | null): string {
  const from = service?.token?.from
  if (from === 'craycli') return 'type: cray auth login'
  if (from === 'admin-client-auth') return 'the client may lack the role that this route needs'
  if (from === 'file') return `put a fresh token into ${(service!.token as { path: string }).path}`
  return 'give the service a token: `token: craycli`, a file, or admin-client-auth'
}

function authorities(service: Service | null): string | undefined {
  if (service?.ca === undefined) return undefined
  const read = readText(service.ca)
  if ('text' in read && read.text.includes('-----BEGIN CERTIFICATE-----')) return read.text
  throw new DiagnosticError({
    code: 'connect/ca',
    message: `service ${service.name}: ${service.ca} ${'text' in read ? 'holds no PEM certificate' : `cannot be read: ${read.words}`}`,
    hint: 'on an NCN it is /etc/pki/trust/anchors/platform-ca-certs.crt; copy it here',
  })
}

function turns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    while (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    running++
    try {
      return await work()
    } finally {
      running--
      waiting.shift()?.()
    }
  }
}
