import { Script } from 'node:vm'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import type { Place } from '../../runner/model/diagnostic.ts'
import type { Located } from '../../runner/source/located.ts'
import { thrownText } from '../../runner/text/thrown-text.ts'
import { parsed, plain, type Asked, type Reply, type Route } from '../csm/service-route.ts'
import { bodyReply, isRoutePath } from './declared-routes.ts'
import { namedFile, type Reading } from './lab-yaml.ts'
import type { ServiceState } from './service-state.ts'

const loadingTime = 10_000

/** What a route of a module is given. */
interface AskedOfModule {
  readonly params: Asked['params']
  readonly query: Readonly<Record<string, string>>
  readonly headers: Asked['headers']
  readonly body: unknown
  readonly state: ServiceState
}
/** What it gives back. */
interface ModuleReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

type Answering = (asked: AskedOfModule) => ModuleReply | Promise<ModuleReply>

/** The routes that a module exports: `export default { state, routes: { 'GET /things/:id': ({ params, state }) => … } }`. */
export async function moduleRoutes(
  reading: Reading,
  named: Located,
  state: ServiceState,
): Promise<readonly Route[]> {
  const bytes = namedFile(reading, named)
  if (bytes === null) return []
  const file = join(reading.folder.root, String(named.kind === 'scalar' ? named.value : ''))
  const text = bytes.toString('utf8')
  const exported = await load(reading, file, text)
  if (exported === null) return []
  const { routes = {}, state: own = {} } = exported
  Object.assign(state, own)
  return Object.entries(routes as Record<string, unknown>).flatMap(([key, route]) => {
    const [, method = '', path = ''] = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*)$/.exec(key) ?? []
    if (!isRoutePath(path) || typeof route !== 'function') {
      reading.report(
        'lab/with-module',
        isRoutePath(path) ? `the route '${key}' is not a function` : `'${key}' is not a route`,
        placeOf(file, text, key),
        "write 'GET /things/:id': ({ params, query, headers, body, state }) => ({ status: 200, body: … })",
      )
      return []
    }
    const source = file.slice(reading.folder.root.length + 1)
    return [
      {
        method,
        path,
        source,
        answer: (asked: Asked) => answer(asked, { act: route as Answering, state, source }),
      },
    ]
  })
}

interface Exported {
  readonly routes?: unknown
  readonly state?: object
}

async function load(reading: Reading, file: string, text: string): Promise<Exported | null> {
  const refused = (message: string, at: Place, hint: string): null => {
    reading.report('lab/with-module', message, at, hint)
    return null
  }
  try {
    const url = `data:text/javascript,${encodeURIComponent(text)}`
    const loading = import(url) as Promise<{ readonly default?: unknown }>
    const module = await Promise.race([loading, sleep(loadingTime, null, { ref: false })])
    if (module === null)
      return refused(
        'this module did not load within 10 seconds',
        placeOf(file, text, 'await'),
        'let it wait for nothing while it loads',
      )
    const exported = module.default as Exported | undefined
    if (typeof exported === 'object' && exported !== null && isMap(exported.routes)) return exported
    return refused(
      'this module exports no routes',
      placeOf(file, text, 'export'),
      "write export default { routes: { 'GET /things': () => ({ body: [] }) } }",
    )
  } catch (thrown) {
    const message = thrownText(thrown).split('\n', 1)[0]!
    return refused(
      `this module cannot be loaded: ${message.replace(/'?data:text\/javascript[^\s']*'?/g, 'the module')}`,
      failedAt(file, text, thrown),
      /resolve|specifier|Invalid relative/.test(message)
        ? "put everything into this one file; it may import Node's own modules: import { randomUUID } from 'node:crypto'"
        : 'fix the line that is shown',
    )
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function answer(
  asked: Asked,
  {
    act,
    state,
    source,
  }: { readonly act: Answering; readonly state: ServiceState; readonly source: string },
): Promise<Reply> {
  try {
    const { params, headers, query } = asked
    const given = await act({
      params,
      headers,
      query: Object.fromEntries(query),
      body: parsed(asked.body) ?? (asked.body === '' ? null : asked.body),
      state,
    })
    const { status = 200, body, headers: more } = given
    const reply = body === undefined ? { status, body: '' } : bodyReply(status, body)
    return more ? { ...reply, headers: more } : reply
  } catch (thrown) {
    return plain(500, `${source}: ${thrownText(thrown)}\n`)
  }
}

function placeOf(file: string, text: string, near: string): Place {
  const before = text.slice(0, Math.max(text.indexOf(near), 0)).split('\n')
  return {
    file,
    line: before.length,
    column: before.at(-1)!.length + 1,
    source: text.split('\n')[before.length - 1] ?? '',
  }
}

/** Where a module fails: a thrown error says it; of one that cannot be parsed a script with the same lines says it. */
function failedAt(file: string, text: string, thrown: unknown): Place {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const line = Number(/data:text\/javascript,\S*?:(\d+):\d+\)?$/m.exec(stack)?.[1] ?? 0)
  if (line > 0) return lineOf(file, text, line)
  if (!(thrown instanceof SyntaxError)) return lineOf(file, text, 1)
  try {
    new Script(
      text
        .replace(/^import\b.*$/gm, '')
        .replace(/\bexport\s+default\b/, '0,           ')
        .replace(/\bexport\b/g, '      '),
      { filename: 'module' },
    )
  } catch (again) {
    const at = Number(/^module:(\d+)/.exec((again as Error).stack ?? '')?.[1] ?? 1)
    return lineOf(file, text, at)
  }
  return lineOf(file, text, 1)
}

function lineOf(file: string, text: string, line: number): Place {
  return { file, line, column: 1, source: text.split('\n')[line - 1] ?? '' }
}
