import type {
  ConfirmTask,
  Playbook,
  RunTask,
  TaskKeywords,
  WaitTask,
  Computed,
  Play,
  Scope,
  Step,
  Task,
  Tree,
  Verb,
} from '../../runner/model/playbook.ts'
import type { Event } from '../../runner/model/event.ts'
import type { Host, Inventory } from '../../runner/model/host.ts'
import { isFailed, type Answered, type Probe } from '../../runner/contract/probe.ts'
import type { AnyResourceType } from '../../runner/contract/resource.ts'
import {
  Unreachable,
  type ActionResult,
  type Answer,
  type Clock,
  type Connections,
  type Exchange,
  type WorldAction,
} from '../../runner/model/session.ts'
import { canonical, type Value } from '../../runner/contract/value.ts'
import type { RunOptions } from '../../runner/engine/model.ts'
import type { GuessStore } from '../../runner/model/guess-store.ts'
import { runPlaybook } from '../../runner/engine/schedule/run-playbook.ts'

const nowhere = { file: 'test.yaml', line: 1, column: 1 }

/** A clock that goes on by itself when everybody sleeps. */
export interface VirtualClock extends Clock {
  advance(milliseconds: number): void
}

/** A clock whose time is only what sleepers and exchanges make of it. */
export function virtualClock(): VirtualClock {
  let time = 1_000_000
  const sleepers: { until: number; wake: () => void }[] = []
  let scheduled = false
  const wakeNext = (): void => {
    scheduled = false
    sleepers.sort((a, b) => a.until - b.until)
    const next = sleepers.shift()
    if (!next) return
    time = Math.max(time, next.until)
    next.wake()
    schedule()
  }
  // Everything that can go on without time goes first: a few turns of the event loop.
  const schedule = (): void => {
    if (scheduled || sleepers.length === 0) return
    scheduled = true
    let turns = 12
    const tick = (): void => void (turns-- > 0 ? setImmediate(tick) : wakeNext())
    setImmediate(tick)
  }
  return {
    now: () => time,
    advance: (milliseconds) => void (time += milliseconds),
    sleep: (milliseconds) =>
      new Promise((wake) => {
        sleepers.push({ until: time + milliseconds, wake })
        schedule()
      }),
  }
}

/** One machine or service of the fake world: files by path, and commands by their first word. */
export interface Machine {
  readonly files: Map<string, string>
  readonly commands: Map<
    string,
    (
      argv: readonly string[],
      machine: Machine,
    ) => { exit: number; stdout?: string; stderr?: string }
  >
  up: boolean
  /** Probes that fail, by canonical key part (path or first words of argv). */
  readonly broken: Set<string>
}

/** A machine with nothing on it. */
export function machine(files: Readonly<Record<string, string>> = {}): Machine {
  return { files: new Map(Object.entries(files)), commands: new Map(), up: true, broken: new Set() }
}

/** What went over a connection. */
export interface Sent {
  readonly to: string
  readonly user: string
  readonly probes: readonly Probe[]
  readonly actions: readonly WorldAction[]
}

/** A world of machines whose exchanges are recorded. */
export interface World {
  readonly machines: Map<string, Machine>
  readonly sent: Sent[]
  readonly clock: VirtualClock
  readonly connections: Connections
  /** Called before each exchange is carried out: where outsiders act. */
  meddle: ((to: string, exchange: Exchange) => void) | null
  /** Milliseconds that an exchange takes. */
  latency: number
}

/** A world of these machines; a service is a machine named `service NAME`. */
export function createWorld(machines: Readonly<Record<string, Machine>>): World {
  const clock = virtualClock()
  const world: World = {
    machines: new Map(Object.entries(machines)),
    sent: [],
    clock,
    meddle: null,
    latency: 0,
    connections: undefined as never,
  }
  const connections: Connections = {
    async session(endpoint, become) {
      const to = 'host' in endpoint ? endpoint.host.name : `service ${endpoint.service}`
      const held = world.machines.get(to)
      if (!held?.up) throw new Unreachable(to, 'connection refused')
      return {
        async exchange(exchange) {
          world.sent.push({
            to,
            user: become?.user ?? '-',
            probes: exchange.probes,
            actions: exchange.apply?.actions ?? [],
          })
          world.meddle?.(to, exchange)
          if (world.latency > 0) await clock.sleep(world.latency)
          else await new Promise((resolve) => setImmediate(resolve))
          if (!held.up)
            throw new Unreachable(to, 'connection lost', { midway: exchange.apply !== undefined })
          return answerOf(held, exchange)
        },
      }
    },
    release: async () => undefined,
    closeAll: async () => undefined,
  }
  return Object.assign(world, { connections })
}

function answerOf(held: Machine, exchange: Exchange): Answer {
  const cost = { scripts: 1, requests: 0, bytesSent: 0, bytesReceived: 0 }
  for (const guard of exchange.apply?.guards ?? []) {
    const found = read(held, guard.probe)
    if (canonical(found) !== canonical(guard.expected))
      return {
        moved: { guard, found },
        actions: [],
        readings: exchange.probes.map((probe) => read(held, probe)),
        cost,
      }
  }
  const actions: ActionResult[] = []
  for (const action of exchange.apply?.actions ?? []) {
    const result = perform(held, action)
    actions.push(result)
    if (!result.ok) break
  }
  return { actions, readings: exchange.probes.map((probe) => read(held, probe)), cost }
}

/** What a machine answers to a probe. */
export function read(held: Machine, probe: Probe): Answered {
  const name = probe.read === 'exec' ? probe.argv.join(' ') : probe.path
  if (held.broken.has(name))
    return { failed: { code: 'denied', message: `no permission to read ${name}` } }
  switch (probe.read) {
    case 'text': {
      const text = held.files.get(probe.path)
      return text === undefined ? { exists: false } : { exists: true, text }
    }
    case 'exec': {
      const command = held.commands.get(probe.argv[0]!)
      const found = command
        ? command(probe.argv, held)
        : { exit: 127, stderr: `${probe.argv[0]}: not found` }
      if (probe.exits !== 'any' && !probe.exits.includes(found.exit))
        return { failed: { code: 'exit', message: `exit ${found.exit}: ${found.stderr ?? ''}` } }
      return { exit: found.exit, stdout: found.stdout ?? '', stderr: found.stderr ?? '' }
    }
    case 'http': {
      const body = held.files.get(probe.path)
      return body === undefined
        ? { failed: { code: 'status', message: '404' } }
        : { status: 200, body, json: JSON.parse(body) as Value }
    }
    case 'stat':
      return held.files.has(probe.path)
        ? {
            exists: true,
            kind: 'file',
            mode: '0644',
            owner: 'root',
            group: 'root',
            uid: 0,
            gid: 0,
            size: held.files.get(probe.path)!.length,
            device: 1,
            inode: 1,
          }
        : { exists: false }
    case 'sha256':
      return { failed: { code: 'io', message: 'not in this world' } }
  }
}

/** Does an action on a machine. */
export function perform(held: Machine, action: WorldAction): ActionResult {
  if (action.do === 'write') {
    held.files.set(action.path, String(action.content))
    return { ok: true, stdout: '', stderr: '' }
  }
  if (action.do === 'remove') {
    held.files.delete(action.path)
    return { ok: true, stdout: '', stderr: '' }
  }
  if (action.do === 'exec') {
    const command = held.commands.get(action.argv[0]!)
    const found = command
      ? command(action.argv, held)
      : { exit: 127, stderr: `${action.argv[0]}: not found` }
    const ok = (action.exits ?? [0]).includes(found.exit)
    return {
      ok,
      code: found.exit,
      stdout: found.stdout ?? '',
      stderr: found.stderr ?? '',
      ...(ok ? {} : { message: `exit ${found.exit}` }),
    }
  }
  if (action.do === 'http') {
    held.files.set(action.path, JSON.stringify(action.body ?? null))
    return { ok: true, code: 201, stdout: JSON.stringify(action.body ?? null), stderr: '' }
  }
  throw new Error(`no ${action.do} in this world`)
}

/** Hosts by name, all by ssh. */
export function inventoryOf(
  names: readonly string[],
  groups: Readonly<Record<string, readonly string[]>> = {},
): Inventory {
  const hosts = new Map<string, Host>(
    names.map((name) => [name, { name, groups: [], vars: {}, connection: { kind: 'ssh' } }]),
  )
  return {
    hosts,
    groups: new Map(Object.entries(groups)),
    services: new Map(),
    select: (pattern) =>
      pattern === 'all'
        ? [...hosts.values()]
        : (groups[pattern] ?? pattern.split(',')).map((name) => hosts.get(name)!),
  }
}

/** A computed value for tests: the function is the expression. */
export function computed(text: string, evaluate: (scope: any) => Value): Computed {
  const paths = [...text.matchAll(/[a-z_][\w.]*/gi)].map(([path]) => path.split('.'))
  return { text, at: nowhere, paths, evaluate: (scope: Scope) => evaluate(scope) }
}

/** A tree of a plain value or a computed one. */
export function tree(value: Value | Computed): Tree {
  if (typeof value === 'object' && value !== null && 'evaluate' in value)
    return { kind: 'computed', computed: value as Computed, at: nowhere }
  return { kind: 'constant', value: value as Value, at: nowhere }
}

/** What verbs have beside the keywords of all tasks. */
type OfVerbs = Omit<RunTask, keyof TaskKeywords | 'verb' | 'type' | 'params' | 'creates'> &
  Pick<WaitTask, 'that' | 'onlyConditions' | 'for' | 'every'> &
  Pick<ConfirmTask, 'text' | 'attended'>

type Given = Omit<Partial<TaskKeywords & OfVerbs>, 'loop' | 'delegateTo' | 'become' | 'when'> & {
  params?: Readonly<Record<string, Value | Computed>>
  loop?: Value | Computed
  delegateTo?: string
  become?: string
  creates?: string
  when?: Computed
}
let made = 0

/** A task; its keywords as in a playbook, values plain or computed. */
export function task(
  verb: Verb,
  sentence: string,
  type: AnyResourceType | null,
  given: Given = {},
): Task {
  const { params, loop, delegateTo, become, creates, when, ...rest } = given
  const defaults = Object.fromEntries(
    Object.entries(type?.params.properties ?? {})
      .filter(([, schema]) => schema.default !== undefined)
      .map(([name, schema]) => [name, schema.default]),
  )
  return {
    kind: 'task',
    id: `t${++made}`,
    verb,
    sentence,
    at: nowhere,
    when: when ? [when] : [],
    vars: {},
    notify: [],
    tags: [],
    runOnce: false,
    barrier: false,
    ignoreErrors: false,
    noLog: false,
    retries: 0,
    delay: 1,
    environment: {},
    failedWhen: [],
    changedWhen: [],
    ...(type
      ? {
          type,
          params: {
            fields: Object.fromEntries(
              Object.entries(params ?? {}).map(([name, value]) => [name, tree(value)]),
            ),
            accept: (_field: string, value: Value) => value,
            defaults,
          },
        }
      : {}),
    ...(loop !== undefined ? { loop: tree(loop) } : {}),
    ...(delegateTo !== undefined ? { delegateTo: tree(delegateTo) } : {}),
    ...(become !== undefined ? { become: tree(become) } : {}),
    ...(creates !== undefined ? { creates: tree(creates) } : {}),
    ...rest,
    // A test says what goes together; a playbook is checked when it is loaded.
  } as unknown as Task
}

/** A play over hosts. */
export function play(tasks: readonly Step[], more: Partial<Play> = {}): Play {
  return {
    name: 'test',
    at: nowhere,
    hosts: 'all',
    vars: {},
    become: null,
    strategy: 'free',
    serial: [],
    environment: {},
    tasks,
    handlers: [],
    ...more,
  }
}

/** Guesses in memory, shared by the runs that get them. */
export function memoryGuesses(): GuessStore & {
  readonly held: Map<string, ReadonlyMap<string, Answered>>
} {
  const held = new Map<string, ReadonlyMap<string, Answered>>()
  return {
    held,
    load: (session) => held.get(session) ?? new Map(),
    save(sessions) {
      for (const [session, readings] of sessions)
        held.set(session, new Map([...readings].filter(([, answered]) => !isFailed(answered))))
    },
  }
}

/** What a run of a test said. */
export interface Told {
  readonly exit: number
  readonly events: readonly Event[]
  /** `host: sentence` → outcome. */
  readonly outcomes: Readonly<Record<string, string>>
  readonly sent: readonly Sent[]
}

/** Runs a playbook in a world and gathers what it said and sent. */
export async function execute(
  world: World,
  plays: readonly Play[],
  inventory: Inventory,
  more: Partial<RunOptions> = {},
  listen: (event: Event) => void = () => undefined,
): Promise<Told> {
  const events: Event[] = []
  const playbook: Playbook = { title: 'test', file: 'test.yaml', inputs: {}, plays, sources: [] }
  const before = world.sent.length
  const { exit } = await runPlaybook({
    playbook,
    inventory,
    mode: 'run',
    connections: world.connections,
    clock: world.clock,
    emit: (event) => (events.push(event), listen(event)),
    guesses: memoryGuesses(),
    forks: 50,
    batch: true,
    confirm: null,
    yes: false,
    ...more,
  })
  const sentences = new Map<string, string>()
  const outcomes: Record<string, string> = {}
  for (const event of events) {
    if (event.type === 'play-started')
      for (const label of event.tasks) sentences.set(label.id, label.sentence)
    if (event.type === 'outcome')
      outcomes[`${event.host}: ${sentences.get(event.task)}`] = event.outcome
  }
  return { exit, events, outcomes, sent: world.sent.slice(before) }
}
