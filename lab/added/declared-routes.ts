import { DiagnosticError, placeText } from '../../runner/model/diagnostic.ts'
import { anyShape, mapShape, type Names } from '../../runner/source/known-names.ts'
import type {
  Located,
  LocatedEntry,
  LocatedMap,
  LocatedScalar,
} from '../../runner/source/located.ts'
import { didYouMean } from '../../runner/source/suggest.ts'
import { json, parsed, plain, type Asked, type Reply, type Route } from '../csm/service-route.ts'
import { entriesOf, keyOf, type Reading } from './lab-yaml.ts'
import {
  conditionMaking,
  makingOf,
  pathMaking,
  type Making,
  type RouteSite,
} from './route-values.ts'
import { removeIn, setIn, type ServiceState } from './service-state.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const keys = ['when', 'set', 'remove', 'status', 'headers', 'body']

/** One way to answer a request of a route. */
interface Answer {
  readonly when: Making<boolean> | null
  readonly sets: readonly (readonly [Making<readonly string[]>, Making])[]
  readonly removes: readonly Making<readonly string[]>[]
  readonly status: Making
  readonly headers: Making | null
  readonly body: Making | null
}

/** The routes that lab.yaml declares of a service. Several of one method and path are tried in their order. */
export function declaredRoutes(
  reading: Reading,
  list: Located | undefined,
  state: ServiceState,
): readonly Route[] {
  const answers = new Map<string, Answer[]>()
  for (const item of list?.kind === 'list' ? list.items : []) {
    if (item.kind !== 'map') continue
    const asked = askedOf(reading, item)
    if (!asked) continue
    const key = `${asked.method} ${asked.path}`
    const earlier = answers.get(key) ?? []
    if (earlier.some(({ when }) => when === null))
      reading.report(
        'lab/with-route',
        `a route above answers every ${key}`,
        item.at,
        'put the routes with when: first, and the one without it last',
      )
    answers.set(key, [...earlier, answerOf(reading, item, asked.path, state)])
  }
  return [...answers].map(([key, ways]) => {
    const [method = '', path = ''] = key.split(' ')
    return {
      method,
      path,
      source: 'lab.yaml',
      answer: (asked) => answer(asked, ways, state),
    }
  })
}

function askedOf(
  reading: Reading,
  item: LocatedMap,
): { readonly method: string; readonly path: string } | null {
  const entries = entriesOf(item)
  const asks = entries.filter(({ key }) => methods.includes(key))
  for (const { key, keyAt } of entries)
    if (!methods.includes(key) && !keys.includes(key))
      reading.report(
        'lab/with-route',
        `a route has no '${key}'`,
        keyAt,
        didYouMean(key, [...methods, ...keys]),
      )
  const [ask] = asks
  if (!ask || asks.length > 1) {
    reading.report(
      'lab/with-route',
      `this route names ${asks.length} methods`,
      asks[1]?.keyAt ?? item.at,
      'begin each route with one: - GET: /things/:id',
    )
    return null
  }
  const path = ask.value.kind === 'scalar' ? String(ask.value.value) : ''
  if (isRoutePath(path)) return { method: ask.key, path }
  reading.report(
    'lab/with-route',
    `'${path}' is not a path below the service's prefix`,
    ask.value.at,
    'write /things, or /things/:id where one part may be anything',
  )
  return null
}

/** Whether a text is a path of a route: parts behind slashes, each a literal or one `:name`. */
export function isRoutePath(path: string): boolean {
  return /^(?:\/(?::[A-Za-z_]\w*|[\w.~@%-]+))+$/.test(path) || path === '/'
}

function answerOf(reading: Reading, item: LocatedMap, path: string, state: ServiceState): Answer {
  const site: RouteSite = {
    names: namesOf(path, state),
    report: ({ code, message, at, hint }) => reading.report(code, message, at!, hint!),
  }
  const at = (key: string): Located | undefined => keyOf(item, key)
  const when = at('when')
  const headers = at('headers')
  const body = at('body')
  const status = at('status')
  if (status?.kind === 'scalar' && status.tag === null && !isStatus(status.value))
    reading.report(
      'lab/with-route',
      `'${status.text}' is not a status`,
      status.at,
      'write status: 404',
    )
  return {
    when: when ? conditionMaking(site, when) : null,
    sets: entriesOf(at('set')).map((entry) => [
      statePath(reading, site, entry.key, originOf(entry), state),
      makingOf(site, entry.value),
    ]),
    removes: textsOf(at('remove')).map((each) => statePath(reading, site, each.text, each, state)),
    status: status ? makingOf(site, status) : () => 200,
    headers: headers ? makingOf(site, headers) : null,
    body: body ? makingOf(site, body) : null,
  }
}

function textsOf(located: Located | undefined): readonly LocatedScalar[] {
  const items = located?.kind === 'list' ? located.items : located ? [located] : []
  return items.filter((each) => each.kind === 'scalar')
}

function originOf({ keyAt }: LocatedEntry): Pick<LocatedScalar, 'at' | 'locate'> {
  return { at: keyAt, locate: () => keyAt }
}

/** The first part of a path names what `state:` declares: a slip there would write beside it. */
function statePath(
  reading: Reading,
  site: RouteSite,
  text: string,
  origin: Pick<LocatedScalar, 'at' | 'locate'>,
  state: ServiceState,
): Making<readonly string[]> {
  const [first = ''] = text.split('/')
  if (!first.includes('{{') && !Object.hasOwn(state, first))
    reading.report(
      'lab/with-route',
      `state: declares no '${first}'`,
      origin.at,
      didYouMean(first, Object.keys(state)),
    )
  return pathMaking(site, text, origin)
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599
}

/** What the values of a route may name: a slip in a name of the path or of the state is found before the lab is up. */
function namesOf(path: string, state: ServiceState): Names {
  const params = [...path.matchAll(/:(\w+)/g)].map(
    ([, name]) => [name!, { kind: 'value', type: 'string' }] as const,
  )
  return {
    known: new Map([
      ['params', mapShape(params)],
      ['state', mapShape(Object.keys(state).map((key) => [key, anyShape] as const))],
      ['query', mapShape([], true)],
      ['headers', mapShape([], true)],
      ['body', anyShape],
    ]),
    later: new Map(),
    open: false,
  }
}

function answer(asked: Asked, ways: readonly Answer[], state: ServiceState): Reply {
  const scope = {
    params: asked.params,
    state,
    query: Object.fromEntries(asked.query),
    headers: asked.headers,
    body: parsed(asked.body) ?? (asked.body === '' ? null : asked.body),
  }
  try {
    const way = ways.find(({ when }) => when === null || when(scope))
    if (!way) return plain(404, `no route of lab.yaml fits ${asked.method} ${asked.path}\n`)
    return replyOf(way, scope, state)
  } catch (error) {
    // What a request brings can be such that a value cannot be made of it.
    if (!(error instanceof DiagnosticError)) throw error
    const [{ message, at }] = error.diagnostics as [DiagnosticError['diagnostics'][0]]
    return plain(500, `lab.yaml: ${message}${at ? ` (${placeText(at)})` : ''}\n`)
  }
}

/** All values are made before the first is stored: what was asked for is done whole, or not at all. */
function replyOf(way: Answer, scope: Record<string, unknown>, state: ServiceState): Reply {
  const sets = way.sets.map(
    ([path, value]) => [path(scope), structuredClone(value(scope))] as const,
  )
  const removes = way.removes.map((path) => path(scope))
  for (const [path, value] of sets) {
    const inTheWay = setIn(state, path, value)
    if (inTheWay !== null)
      return plain(500, `lab.yaml: ${path.join('/')}: '${inTheWay}' of the state is not a map\n`)
  }
  for (const path of removes) removeIn(state, path)
  const status = way.status(scope)
  if (!isStatus(status)) return plain(500, `lab.yaml: ${String(status)} is not a status\n`)
  const headers = way.headers?.(scope) as Record<string, unknown> | undefined
  const body = way.body?.(scope)
  const reply = way.body === null ? { status, body: '' } : bodyReply(status, body)
  return headers
    ? {
        ...reply,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, String(value)]),
        ),
      }
    : reply
}

/** A text is sent as it stands, and every other value as JSON. */
export function bodyReply(status: number, body: unknown): Reply {
  return typeof body === 'string' ? plain(status, body) : json(status, body)
}
