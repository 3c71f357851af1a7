import { readJson, tooDeep } from '../../contract/json.ts'
import type { HttpAction } from '../../contract/change.ts'
import type { Service } from '../../model/host.ts'
import {
  isFailed,
  type Answered,
  type FailedReading,
  type HttpProbe,
  type HttpReading,
  type Probe,
} from '../../contract/probe.ts'
import { Secret } from '../../contract/secret.ts'
import type {
  ActionResult,
  Answer,
  Cost,
  Exchange,
  Interrupt,
  Session,
} from '../../model/session.ts'
import { isMap, same, type Value } from '../../contract/value.ts'
import type { HttpResponse } from './http-model.ts'
import { addressOf, refusalText } from './message.ts'
import { readPages } from './pages.ts'
import { noAnswer, requestsTo, type Requests, type ServiceWorld } from './service-requests.ts'

/** A session with a service, which can be closed. */
export interface ServiceSession extends Session {
  close(): void
}

const readPatience = 30
const actPatience = 120

/** Open a service; `null` is for absolute URLs that the controller asks itself. */
export function openService(service: Service | null, world: ServiceWorld): ServiceSession {
  return new HttpSession(service, requestsTo(service, world))
}

class HttpSession implements ServiceSession {
  readonly #service: Service | null
  readonly #requests: Requests

  constructor(service: Service | null, requests: Requests) {
    this.#service = service
    this.#requests = requests
  }

  async exchange({ apply, probes, signal }: Exchange): Promise<Answer> {
    const before = this.#requests.counted()
    const finish = async (rest: Pick<Answer, 'actions' | 'moved'>): Promise<Answer> => {
      const readings = await Promise.all(probes.map((probe) => this.#readingOf(probe, signal)))
      return { ...rest, readings, cost: this.#costSince(before) }
    }
    if (apply === undefined) return finish({ actions: [] })
    for (const guard of apply.guards) {
      const found = await this.#readingOf(guard.probe, signal)
      if (!unmoved(found, guard.expected)) return finish({ actions: [], moved: { guard, found } })
    }
    const actions: ActionResult[] = []
    try {
      for (const action of apply.actions) {
        const result =
          action.do === 'http' ? await this.#act(action, signal) : notForService(action.do)
        actions.push(result)
        if (!result.ok) break
      }
      return await finish({ actions })
    } catch (broken) {
      // What was done stays known: only what comes before the first action may be thrown.
      if (actions.length === 0) throw broken
      return {
        actions,
        readings: probes.map(() => unread),
        cost: this.#costSince(before),
        broken,
      }
    }
  }

  close(): void {
    this.#requests.close()
  }

  async #readingOf(probe: Probe, signal: Interrupt | undefined): Promise<Answered> {
    return probe.read === 'http' ? this.#ask(probe, signal) : notHttp(probe.read)
  }

  async #ask(probe: HttpProbe, signal: Interrupt | undefined): Promise<Answered> {
    const what = `${probe.method ?? 'GET'} ${probe.path}`
    const first = addressOf(this.#service?.url ?? null, probe.path)
    if (typeof first === 'string') return { failed: { code: 'io', message: first } }
    const page = (url: URL): Promise<HttpReading | FailedReading> =>
      this.#askPage(probe, url, what, signal)
    const read =
      probe.pages === undefined
        ? await page(first)
        : await readPages(first, probe.pages, page, what, basePath(this.#service))
    if (probe.secret === undefined || isFailed(read)) return read
    return {
      status: read.status,
      body: new Secret(probe.secret, read.body) as unknown as string,
      json: undefined,
    }
  }

  async #askPage(
    probe: HttpProbe,
    url: URL,
    what: string,
    signal: Interrupt | undefined,
  ): Promise<HttpReading | FailedReading> {
    const answer = await this.#requests.send(probe, {
      url,
      patience: readPatience,
      fresh: false,
      signal,
    })
    if (!('status' in answer)) return noAnswer(this.#service, answer, what)
    if (probe.statuses !== 'any' && !probe.statuses.includes(answer.status))
      return this.#refused(answer, what, probe.secret !== undefined)
    if (probe.method === 'HEAD') return headReading(answer)
    const body = answer.body.toString('utf8')
    const read = readJson(body)
    if (read.value === undefined && read.fault === 'too-deep')
      return { failed: { code: 'too-deep', message: `${what}: ${tooDeep}` } }
    if (probe.pick === undefined) return { status: answer.status, body, json: read.value }
    const picked = isMap(read.value) ? (read.value[probe.pick] ?? null) : null
    return { status: answer.status, body: JSON.stringify(picked), json: picked }
  }

  #refused(answer: HttpResponse, what: string, isSecret: boolean): FailedReading {
    const unauthorized = answer.status === 401 || answer.status === 403
    const hint = unauthorized ? tokenHint(this.#service) : undefined
    return {
      failed: {
        code: 'status',
        message: `${what}: ${refusalText(answer, isSecret)}`,
        ...(hint === undefined ? {} : { hint }),
      },
    }
  }

  async #act(action: HttpAction, signal: Interrupt | undefined): Promise<ActionResult> {
    const what = `${action.method} ${action.path}`
    const failed = (message: string): ActionResult => ({
      ok: false,
      stdout: '',
      stderr: '',
      message,
    })
    const url = addressOf(this.#service?.url ?? null, action.path)
    if (typeof url === 'string') return failed(url)
    const answer = await this.#requests.send(action, {
      url,
      patience: actPatience,
      fresh: true,
      signal,
    })
    if (!('status' in answer)) {
      const { message } = noAnswer(this.#service, answer, what).failed
      return failed(answer.midway ? `${message}; whether it was done is not known` : message)
    }
    const body = answer.body.toString('utf8')
    const ok = action.statuses === 'any' || action.statuses.includes(answer.status)
    return {
      ok,
      code: answer.status,
      stdout: action.secret === undefined ? body : new Secret(action.secret, body),
      stderr: '',
      ...(ok ? {} : { message: refusalText(answer, action.secret !== undefined) }),
    }
  }

  #costSince(before: ReturnType<Requests['counted']>): Cost {
    const after = this.#requests.counted()
    return {
      scripts: 0,
      requests: after.requests - before.requests,
      bytesSent: after.sent - before.sent,
      bytesReceived: after.received - before.received,
    }
  }
}

/** Headers that say what is there, and not when or by which server it was said. */
const lasting = /^(?:content-(?:length|type|encoding)|etag|last-modified|x-amz-meta-.*)$/

function headReading({ status, headers }: HttpResponse): HttpReading {
  const kept = Object.entries(headers).filter(([name]) => lasting.test(name))
  return {
    status,
    body: '',
    json: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
  }
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
  if (from === 'k8s-secret') return 'the token in the Kubernetes secret may be an old one'
  if (from === 's3-keys') return 'the keys may lack a right to the bucket, or be old'
  if (from === 'file') return `put a fresh token into ${(service!.token as { path: string }).path}`
  return 'give the service a token: `token: craycli`, a file, or admin-client-auth'
}

/** Below which path a service lies; an absolute URL has no token that could be taken elsewhere. */
function basePath(service: Service | null): string {
  return service === null ? '/' : new URL(service.url).pathname
}
