import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DiagnosticError } from '../../runner/model/diagnostic.ts'
import type { Event } from '../../runner/model/event.ts'
import type { Inventory } from '../../runner/model/host.ts'
import type { Note } from '../../runner/model/note.ts'
import type { Playbook } from '../../runner/model/playbook.ts'
import { isKept, logVersion, type Header } from '../../runner/model/record.ts'
import type { Clock, Connections } from '../../runner/model/session.ts'
import { runPlaybook } from '../../runner/engine/schedule/run-playbook.ts'
import { describePlaybook } from '../../runner/journal/describe-run.ts'
import { foldLog } from '../../runner/journal/outcome-of-log.ts'
import { stillOwed, unpaidBefore, unpaidRuns } from '../../runner/journal/owed-handlers.ts'
import { beganOf } from '../../runner/journal/process-identity.ts'
import { findRun, readLog } from '../../runner/journal/read-log.ts'
import {
  checkAlone,
  checkResumable,
  resumptionOf,
  waitForBegun,
} from '../../runner/journal/resume.ts'
import { saysNothingWasDone } from '../../runner/journal/write-log.ts'
import type { memoryGuesses } from '../harness/fake-world.ts'
import { forgetController, sessionOn, type Site } from './simulated-site.ts'

/** The commands of an operator: a run, or a resume of a run that is named or the last. */
export interface Typed {
  readonly command: 'run' | 'resume'
  readonly of?: string
}

/** What all commands of a schedule share. */
export interface Desk {
  readonly site: Site
  readonly playbook: Playbook
  readonly inventory: Inventory
  readonly folder: string
  readonly forks: number
  readonly batch: boolean
  readonly guesses: ReturnType<typeof memoryGuesses>
  hear(event: Event, run: string): void
  /** Whether a task is none of the calls and handlers, of which nothing can be read. */
  isReadable(task: string): boolean
  /** Counts the runs of a schedule. */
  runs: number
}

/** How a command ended; null where its process was killed. */
export interface Ended {
  readonly run: string
  readonly exit: number | null
  readonly isRun: boolean
  /** Why tasks failed. */
  readonly errors: readonly string[]
  /** Whether a task that can be read changed something. */
  readonly changed: boolean
  /** The runs that it says owe handlers. */
  readonly owing: readonly string[]
}

/** A command that goes on. */
export interface Controller {
  readonly run: string
  readonly ended: Promise<Ended>
  isOver(): boolean
  /** SIGKILL: all that it has in memory is lost. */
  kill(goesOn: () => boolean): void
  /** SIGINT once: it drains; twice: it stops. */
  interrupt(): void
}

const never = new Promise<never>(() => undefined)
const processOf = /"pid":[0-9]+,"began":(?:null|"[^"]*")/
const gone = `"pid":${spawnSync('true').pid},"began":null`
const living = { pid: process.pid, began: beganOf(process.pid) }

/** A run log in memory, of which what the kernel has is written to its file. */
interface Log {
  add(record: Event | Note | Header): void
  /** Nothing more is written: the process was killed, or has ended. */
  end(isKilled: boolean): void
}

function openLog(folder: string, header: Header): Log {
  const file = join(folder, `${header.run}.jsonl`)
  let written = ''
  let waiting = ''
  let n = 0
  let isOver = false
  return {
    add(record) {
      if (isOver) return
      waiting += `${JSON.stringify({ n: n++, ...record })}\n`
      if (saysNothingWasDone(record)) return
      // Of a run that goes on, other commands read the header only.
      if (written === '') writeFileSync(file, waiting)
      written += waiting
      waiting = ''
    },
    end(isKilled) {
      if (isOver) return
      isOver = true
      if (!isKilled) written += waiting
      // From now on its process is not there.
      if (written !== '') writeFileSync(file, written.replace(processOf, gone))
    },
  }
}

/** Begins a command. */
export function begin(desk: Desk, typed: Typed): Controller {
  const run = `20260101-${String(desk.runs++).padStart(6, '0')}`
  const state = { isKilled: false, isOver: false, kill: (): void => undefined }
  const drain = new AbortController()
  const stop = new AbortController()
  const events: Event[] = []
  const killed = new Promise<null>((resolve) => (state.kill = () => resolve(null)))
  const log: { current: Log | null } = { current: null }
  const parts: Parts = {
    clock: clockOf(desk.site, state),
    connections: connectionsOf(desk.site, run, state),
    emit: (said) => {
      if (state.isKilled) return
      const { planted } = desk.site
      const event = planted.event ? planted.event(said) : said
      if (event === null) return
      if (isKept(event)) log.current?.add(event)
      events.push(event)
      desk.hear(event, run)
      desk.site.step()
    },
    note: (said) => {
      if (state.isKilled) return
      const { planted } = desk.site
      const note = planted.note ? planted.note(said) : said
      if (note !== null) log.current?.add(note)
      desk.site.step()
    },
    drain: drain.signal,
    stop: stop.signal,
    open: (header) => {
      if (!state.isKilled) (log.current = openLog(desk.folder, header)).add(header)
    },
  }
  const work = carryOut(desk, typed, run, parts)
  const ended = Promise.race([work, killed]).then((end): Ended => {
    state.isOver = true
    log.current?.end(end === null)
    const changed = events.some(
      (event) =>
        event.type === 'outcome' && event.outcome === 'changed' && desk.isReadable(event.task),
    )
    const errors = events.flatMap((event) =>
      event.type === 'outcome' && event.error
        ? [`${event.host}: ${event.outcome}: ${event.error.message} [${event.error.code}]`]
        : [],
    )
    const isRun = typed.command === 'run'
    return { run, exit: end?.exit ?? null, isRun, changed, errors, owing: end?.owing ?? [] }
  })
  return {
    run,
    ended,
    isOver: () => state.isOver,
    kill(goesOn) {
      if (state.isOver || state.isKilled) return
      state.isKilled = true
      log.current?.end(true)
      forgetController(desk.site, run, goesOn)
      state.kill()
    },
    interrupt: () => (drain.signal.aborted ? stop.abort() : drain.abort()),
  }
}

interface Parts {
  readonly clock: Clock
  readonly connections: Connections
  readonly emit: (event: Event) => void
  readonly note: (note: Note) => void
  readonly drain: AbortSignal
  readonly stop: AbortSignal
  open(header: Header): void
}

function clockOf({ clock }: Site, state: { readonly isKilled: boolean }): Clock {
  return {
    now: clock.now,
    sleep: async (milliseconds) => {
      if (state.isKilled) return never
      await clock.sleep(milliseconds)
      return state.isKilled ? never : undefined
    },
  }
}

/** What a dead process asks goes nowhere, and what comes back for it is heard by none. */
function connectionsOf(
  site: Site,
  run: string,
  state: { readonly isKilled: boolean },
): Connections {
  return {
    async session(endpoint) {
      site.step()
      if (state.isKilled) return never
      const session = sessionOn(site, endpoint, run)
      return {
        async exchange(exchange) {
          if (state.isKilled) return never
          try {
            const answer = await session.exchange(exchange)
            return state.isKilled ? await never : answer
          } catch (error) {
            if (state.isKilled) return never
            throw error
          }
        },
      }
    },
    release: async () => undefined,
    closeAll: async () => undefined,
  }
}

async function carryOut(
  desk: Desk,
  typed: Typed,
  run: string,
  parts: Parts,
): Promise<{ readonly exit: number; readonly owing: readonly string[] }> {
  const { playbook, inventory, folder, guesses, forks, batch } = desk
  const options = {
    ...{ playbook, inventory, mode: 'run' as const, run, guesses, forks, batch },
    ...{ confirm: null, yes: false, ...parts },
  }
  if (typed.command === 'run') {
    const hosts = new Set(inventory.hosts.keys())
    const owing = owedRun(unpaidBefore(folder, playbook, hosts)?.hint)
    parts.open(headerOf(desk, run, null, null))
    return { ...(await runPlaybook(options)), owing }
  }
  try {
    const brief = findRun(folder, typed.of ?? 'last')
    const { header, records } = readLog(brief.file)
    checkResumable(header, brief.state === 'running')
    checkAlone(folder, header.run)
    const folded = foldLog(records)
    const limit = header.limit ?? undefined
    const unpaid = unpaidRuns(folder, playbook.file).filter((each) => each.run !== header.run)
    const own = stillOwed(folder, brief)
    const { hosts, owed } = resumptionOf({
      ...{ folded, playbook, inventory, limit, unpaid },
      ...(own ? { owed: own.owed } : {}),
    })
    if (hosts.length === 0) return { exit: 0, owing: [] }
    const begun = [folded, ...unpaid.map((each) => each.folded)].flatMap((each) => each.begun)
    await waitForBegun(begun, parts.connections, inventory)
    const alsoPays = unpaid.map((each) => each.run)
    parts.open({ ...headerOf(desk, run, header.run, hosts.join(',')), alsoPays })
    const { exit } = await runPlaybook({ ...options, limit: hosts.join(','), owed })
    return { exit, owing: [] }
  } catch (error) {
    if (error instanceof DiagnosticError) return { exit: 3, owing: [] }
    throw error
  }
}

function owedRun(hint: string | undefined): readonly string[] {
  const name = /trueup resume (\S+)`/.exec(hint ?? '')?.[1]
  return name === undefined ? [] : [name]
}

function headerOf(
  { playbook, site }: Desk,
  run: string,
  resumes: string | null,
  limit: string | null,
): Header {
  return {
    ...{ type: 'header', format: 'trueup-run', version: logVersion, run, at: site.clock.now() },
    ...{ trueup: '0', user: 'operator', controller: hostname(), ...living },
    ...{ mode: 'run', plan: null, resumes, limit, tags: null, skipTags: null },
    playbook: describePlaybook(playbook),
    ...{ inventory: { paths: [], files: [] }, inputs: {}, secretInputs: [] },
  }
}
