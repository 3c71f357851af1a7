import { request } from 'node:https'
import { gatewayName } from '../../lab/csm/gateway.ts'
import { differenceOf, type Given } from './compare.ts'
import { filled, nobodysId } from './masks.ts'
import { isCompared, type Fact, type Transcript } from './transcripts.ts'

/** A lab that a transcript is played to. */
export interface Stage {
  readonly port: number
  readonly authority: string
  /** A token for the next request. */
  token(): string
  wait(seconds: number): Promise<void>
  /** Whether it has content of its own, so that what filled the real service is left out. */
  readonly hasContent: boolean
}

/** A record with the way in which the lab's answer differs; null: it does not. */
export interface Played {
  readonly id: string
  readonly difference: string | null
  /** The lab takes what the real service refuses. */
  readonly isFalseYes: boolean
}

/** Sends a transcript to a lab, record after record, and compares what was recorded. */
export async function play(transcript: Transcript, stage: Stage): Promise<readonly Played[]> {
  const learned = new Map<string, string>()
  const played: Played[] = []
  for (const fact of transcript.facts) {
    if (fact.only === 'real' && stage.hasContent) continue
    if (fact.wait_s !== undefined) await stage.wait(fact.wait_s)
    const given = await send(transcript, fact, stage, learned)
    learn(fact, given, learned)
    if (!isCompared(fact)) continue
    const names = namesOf(transcript, learned)
    const loose = stage.hasContent && isOfOwnContent(transcript, fact)
    played.push({
      id: fact.id,
      difference: differenceOf(fact, given, names, loose),
      isFalseYes: given.status < 300 && (fact.status ?? 0) >= 300,
    })
  }
  return played
}

// Networks and hardware of SLS, states, controllers and kinds of network of HSM, components of CFS and BOS are the lab's own.
function isOfOwnContent({ service }: Transcript, { path, method, status, body }: Fact): boolean {
  if (status !== 200) return false
  if (service === 'sls') return true
  // A lock that names a kind of component and no component is one of all that the lab has.
  const isOfAll = /^\/locks\//.test(path) && !JSON.stringify(body ?? '').includes('ComponentIDs')
  if (service === 'smd') return isOfAll || /^\/(?:State\/Components|locks\/status)/.test(path)
  return (
    (service === 'cfs' || service === 'bos') && method === 'GET' && path.includes('/components')
  )
}

/** Ids of the lab by their names in the transcript: those that it gave, and those that the sender chose. */
function namesOf(
  transcript: Transcript,
  learned: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const all = JSON.stringify(transcript.facts).match(/<uuid\d+>/g) ?? []
  return new Map([
    ...all.map((name) => [nobodysId(name), name] as const),
    ...[...learned].map(([name, id]) => [id.toLowerCase(), name] as const),
  ])
}

function learn(fact: Fact, given: Given, learned: Map<string, string>): void {
  for (const [name, place] of Object.entries(fact.learn ?? {})) {
    let value: unknown
    try {
      value = JSON.parse(given.text)
    } catch {
      continue
    }
    for (const key of place.split('.'))
      value = (value as Record<string, unknown> | undefined)?.[key]
    const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(String(value))?.[0]
    if (id) learned.set(name, id)
  }
}

function send(
  transcript: Transcript,
  fact: Fact,
  stage: Stage,
  learned: ReadonlyMap<string, string>,
): Promise<Given> {
  const body = fact.raw ?? ('body' in fact ? JSON.stringify(fact.body) : null)
  const type = body === null ? {} : { 'content-type': 'application/json' }
  const own = Object.fromEntries(
    Object.entries(fact.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const content = body === null ? null : filled(body, learned)
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: stage.port,
        servername: gatewayName,
        ca: stage.authority,
        agent: false,
        method: fact.method,
        path: transcript.prefix + filled(fact.path, learned),
        headers: {
          authorization: `Bearer ${stage.token()}`,
          ...type,
          ...own,
          ...(content === null ? {} : { 'content-length': Buffer.byteLength(content) }),
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Given['headers'],
            text,
          }),
        )
      },
    )
    asking.on('error', reject)
    asking.end(content ?? undefined)
  })
}
