import type { Event } from '../../runner/model/event.ts'
import type { Note } from '../../runner/model/note.ts'
import { Unreachable, type Apply, type Answer, type Exchange } from '../../runner/model/session.ts'
import type { Endpoint, Session, WorldAction } from '../../runner/model/session.ts'
import { DiagnosticError } from '../../runner/model/diagnostic.ts'
import { canonical } from '../../runner/contract/value.ts'
import { recent } from '../../runner/connect/apply/lock.ts'
import { machine, perform, read, virtualClock, type Machine } from '../harness/fake-world.ts'
import type { VirtualClock } from '../harness/fake-world.ts'

// Simulated machines as far as a disturbed run can tell them from real ones: each applying script is carried out action by action,
// under the host's lock, and goes on or ends when its controller or its connection is gone.

/** Something that an action did. */
export interface Deed {
  /** Counts all deeds of a schedule. */
  readonly n: number
  readonly machine: string
  /** `write /a`, `mkfs /dev/1`. */
  readonly what: string
  /** The run that did it. */
  readonly by: string
  /** Whether it was not done already. */
  readonly needed: boolean
}

/** What is wrong with a machine for its next actions. */
export interface Trouble {
  /** Commands that fail before they do anything. */
  failing: number
  /** Commands that take 15 minutes. */
  hanging: number
  /** Writes that find no space. */
  full: number
}

/** A script at work on a machine. */
interface Script {
  readonly by: string
  /** Whether it does more than read. */
  readonly acts: boolean
  /** It does nothing more. */
  ended: boolean
  /** Its controller has its answer, or knows that none will come. */
  isTold: boolean
  /** Tells its controller that the connection is lost. */
  cut: ((error: Unreachable) => void) | null
}

/** A simulated host or service. */
export interface Place extends Machine {
  readonly name: string
  readonly trouble: Trouble
  readonly scripts: Set<Script>
  lockedBy: Script | null
  /** Which run changed something here last, as the file of the real lock says it. */
  change: { readonly who: string; readonly mark: number; at: number | null } | null
}

/** Defects that a test plants: each breaks a promise, so that the checker has to find it. */
export interface Planted {
  /** Two scripts at a time work on a machine. */
  readonly locksNothing?: boolean
  /** No change of another run is told. */
  readonly tellsNoMark?: boolean
  /** A script keeps the lock when it has ended. */
  readonly keepsLocks?: boolean
  /** What a machine says that it did, and did not do. */
  readonly pretends?: (what: string) => boolean
  /** What a machine does twice for one request. */
  readonly repeats?: (what: string) => boolean
  /** What never comes to an end. */
  readonly hangs?: (what: string) => boolean
  /** What never succeeds. */
  readonly fails?: (what: string) => boolean
  /** A controller hears of the loss of each connection before its script has ended. */
  readonly endsEarly?: boolean
  /** What a controller tells and writes down; null: nothing. */
  readonly event?: (event: Event) => Event | null
  readonly note?: (note: Note) => Note | null
}

/** The machines of a schedule, their clock, and what was done on them. */
export interface Site {
  readonly planted: Planted
  readonly clock: VirtualClock
  readonly places: ReadonlyMap<string, Place>
  readonly deeds: Deed[]
  /** Counts the changes, whose marks they are. */
  marks: number
  /** Called at each step of a controller or a script: where disturbances come from. */
  step: () => void
  /** Milliseconds that the next action takes. */
  pause: () => number
}

const minute = 60_000
/** Seconds that a script waits for the lock. */
const patience = 30

/** A site of these machines; a service is named `service NAME`. */
export function createSite(
  files: Readonly<Record<string, Readonly<Record<string, string>>>>,
  planted: Planted = {},
): Site {
  const site: Site = {
    planted,
    clock: virtualClock(),
    places: new Map(Object.entries(files).map(([name, held]) => [name, placeOf(name, held)])),
    deeds: [],
    marks: 0,
    step: () => undefined,
    pause: () => 0,
  }
  for (const place of site.places.values()) installCommands(site, place)
  return site
}

function placeOf(name: string, files: Readonly<Record<string, string>>): Place {
  return Object.assign(machine(files), {
    name,
    trouble: { failing: 0, hanging: 0, full: 0 },
    scripts: new Set<Script>(),
    lockedBy: null,
    change: null,
  })
}

/** The commands of the toys; what runs them is in `deeds`. */
function installCommands(site: Site, { files, commands }: Place): void {
  const done = { exit: 0 }
  commands.set('put', ([, pointer, value]) => {
    files.set(files.get(pointer!)!, value!)
    return done
  })
  commands.set('blkid', ([, device]) =>
    files.has(device!) ? { exit: 0, stdout: files.get(device!)! } : { exit: 2 },
  )
  for (const [word, value] of [
    ['mkfs', 'ext4'],
    ['make', 'made'],
    ['pay', 'paid'],
    ['call', 'called'],
  ] as const)
    commands.set(word, ([, path]) => (files.set(path!, value), done))
  commands.set('take', ([, path]) => (files.delete(path!), done))
  commands.set('has', ([, path]) => ({ exit: files.has(path!) ? 0 : 1 }))
  commands.set('show', ([, unit]) => ({ exit: 0, stdout: files.get(`unit ${unit}`) ?? '0' }))
  commands.set('restart', ([, unit]) => {
    files.set(`unit ${unit}`, String(Number(files.get(`unit ${unit}`) ?? 0) + 1))
    return done
  })
  commands.set('start', ([, job]) => (files.set(`job ${job}`, String(site.clock.now())), done))
  commands.set('job', ([, job]) => {
    const began = files.get(`job ${job}`)
    if (began === undefined) return { exit: 1, stdout: '' }
    return { exit: 0, stdout: site.clock.now() - Number(began) < 12_000 ? 'running' : 'success' }
  })
}

/** A session of a run on a machine. */
export function sessionOn(site: Site, endpoint: Endpoint, who: string): Session {
  const name = 'host' in endpoint ? endpoint.host.name : `service ${endpoint.service}`
  const place = site.places.get(name)
  if (!place?.up) throw new Unreachable(name, 'connection refused')
  return { exchange: (exchange) => exchangeOn(site, place, exchange, who) }
}

async function exchangeOn(
  site: Site,
  place: Place,
  exchange: Exchange,
  who: string,
): Promise<Answer> {
  const { signal } = exchange
  if (signal?.aborted) throw new Unreachable(place.name, 'interrupted before it began')
  site.step()
  if (!place.up) throw new Unreachable(place.name, 'connection refused')
  const script: Script = {
    by: who,
    acts: exchange.apply !== undefined,
    ended: false,
    isTold: false,
    cut: null,
  }
  const kill = (): void => {
    end(place, script)
    script.cut?.(new Unreachable(place.name, 'interrupted', { midway: true }))
  }
  signal?.addEventListener('abort', kill, { once: true })
  try {
    return await new Promise<Answer>((resolve, reject) => {
      script.cut = (error) => {
        script.isTold = true
        reject(error)
      }
      place.scripts.add(script)
      if (site.planted.endsEarly && script.acts)
        void site.clock
          .sleep(1)
          .then(() => reject(new Unreachable(place.name, 'connection lost', { midway: true })))
      play(site, place, exchange, script)
        .then((answer) => {
          script.isTold = true
          site.step()
          if (answer) resolve(answer)
        })
        .catch(reject)
        .finally(() => place.scripts.delete(script))
    })
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}

/** The script on the machine; null when it was ended, and there is none to hear of it. */
async function play(
  site: Site,
  place: Place,
  { apply, probes }: Exchange,
  script: Script,
): Promise<Answer | null> {
  const readings = (): Answer['readings'] => probes.map((probe) => read(place, probe))
  const cost = { scripts: 1, requests: 0, bytesSent: 0, bytesReceived: 0 }
  await site.clock.sleep(1 + site.pause())
  if (script.ended) return null
  if (!apply) return { actions: [], readings: readings(), cost }
  const overtaken = await takeLock(site, place, apply, script)
  try {
    if (script.ended) return null
    if (overtaken !== null) return { actions: [], readings: readings(), cost, overtaken }
    const moved = movedOf(place, apply)
    if (moved) return { moved, actions: [], readings: readings(), cost }
    const actions = await actAll(site, place, apply, script)
    if (!actions) return null
    const { change } = place
    if (!change) return { actions, readings: readings(), cost }
    change.at = site.clock.now()
    return { actions, readings: readings(), cost, mark: String(change.mark) }
  } finally {
    if (place.lockedBy === script && !site.planted.keepsLocks) place.lockedBy = null
  }
}

/** As the real script does: a change of another run that was not known to the one that decided is told, and nothing is done. */
async function takeLock(
  site: Site,
  place: Place,
  apply: Apply,
  script: Script,
): Promise<string | null> {
  if (place.name.startsWith('service ') || site.planted.locksNothing) return null
  let waited = 0
  for (; place.lockedBy !== null && !script.ended; waited++) {
    if (waited >= patience)
      throw new DiagnosticError({
        code: 'connect/lock-busy',
        host: place.name,
        message: 'another run is at work on this host',
      })
    await site.clock.sleep(1000)
  }
  if (script.ended) return null
  place.lockedBy = script
  const { change } = place
  const now = site.clock.now()
  const isKnown = change?.who === script.by && String(change.mark) === apply.own
  if (change !== null && !isKnown && !site.planted.tellsNoMark) {
    const text = `${change.who};${change.mark};${change.at ?? '-'}`
    const isRecent =
      change.who === script.by || change.at === null || now - change.at < recent * 1000
    if ((waited > 0 || isRecent) && !(apply.after ?? []).includes(text)) return text
  }
  place.change = { who: script.by, mark: ++site.marks, at: null }
  return null
}

function movedOf(place: Place, apply: Apply): Answer['moved'] | null {
  for (const guard of apply.guards) {
    const found = read(place, guard.probe)
    if (canonical(found) !== canonical(guard.expected)) return { guard, found }
  }
  return null
}

async function actAll(
  site: Site,
  place: Place,
  apply: Apply,
  script: Script,
): Promise<Answer['actions'] | null> {
  const results: Answer['actions'][number][] = []
  for (const action of apply.actions) {
    site.step()
    await site.clock.sleep(1 + site.pause())
    if (script.ended) return null
    if (isPlanted(site.planted.hangs, place, action)) await new Promise(() => undefined)
    if (action.do === 'exec' && place.trouble.hanging > 0) {
      place.trouble.hanging--
      await site.clock.sleep(15 * minute)
      if (script.ended) return null
    }
    const result = actOnce(site, place, action, script.by)
    results.push(result)
    site.step()
    if (script.ended) return null
    if (!result.ok) break
  }
  return results
}

function actOnce(
  site: Site,
  place: Place,
  action: WorldAction,
  by: string,
): Answer['actions'][number] {
  const { trouble } = place
  if (action.do === 'write' && trouble.full > 0) {
    trouble.full--
    return { ok: false, stdout: '', stderr: '', message: 'no space left on /' }
  }
  if (action.do === 'http' && trouble.failing > 0) {
    trouble.failing--
    return { ok: false, code: 503, stdout: '', stderr: '', message: 'status 503' }
  }
  if (action.do === 'exec' && trouble.failing > 0) {
    trouble.failing--
    return { ok: false, code: 1, stdout: '', stderr: 'it does not work now', message: 'exit 1' }
  }
  const { planted } = site
  if (isPlanted(planted.fails, place, action))
    return { ok: false, code: 1, stdout: '', stderr: '', message: 'exit 1' }
  if (isPlanted(planted.pretends, place, action)) return { ok: true, stdout: '', stderr: '' }
  const { what, needed } = deedOf(place, action)
  if (isPlanted(planted.repeats, place, action) && perform(place, action).ok) {
    const again = deedOf(place, action)
    site.deeds.push({ n: site.deeds.length, machine: place.name, by, ...again })
  }
  site.deeds.push({ n: site.deeds.length, machine: place.name, what, by, needed })
  if (action.do !== 'http') return perform(place, action)
  const list = JSON.parse(place.files.get('/list')!) as string[]
  const body = String(action.body)
  place.files.set('/list', JSON.stringify([...new Set([...list, body])].sort()))
  return { ok: true, code: 201, stdout: JSON.stringify(body), stderr: '' }
}

function isPlanted(
  holds: ((what: string) => boolean) | undefined,
  place: Place,
  action: WorldAction,
): boolean {
  return holds?.(deedOf(place, action).what) ?? false
}

/** What an action does, and whether it is still to be done. Calls and payments have no state: they are always needed. */
function deedOf(place: Place, action: WorldAction): Pick<Deed, 'what' | 'needed'> {
  const { files } = place
  if (action.do === 'write')
    return {
      what: `write ${action.path}`,
      needed: files.get(action.path) !== String(action.content),
    }
  if (action.do === 'http')
    return {
      what: `add ${String(action.body)}`,
      needed: !(JSON.parse(files.get('/list')!) as string[]).includes(String(action.body)),
    }
  if (action.do !== 'exec') throw new Error(`no ${action.do} at this site`)
  const [word, name, value] = action.argv
  const what = `${word} ${name}`
  if (word === 'put') return { what, needed: files.get(files.get(name!)!) !== value }
  if (word === 'take') return { what, needed: files.has(name!) }
  if (word === 'mkfs' || word === 'make') return { what, needed: !files.has(name!) }
  if (word === 'start') return { what, needed: !files.has(`job ${name}`) }
  return { what, needed: true }
}

function end(place: Place, script: Script): void {
  script.ended = true
  // The kernel lets go of it with the process.
  if (place.lockedBy === script) place.lockedBy = null
}

/** Another program works on a machine for a while, and leaves the mark of a change. */
export function workAsStranger(site: Site, place: Place, milliseconds: number): void {
  if (place.lockedBy !== null) return
  const stranger: Script = { by: 'a stranger', acts: false, ended: false, isTold: true, cut: null }
  const mark = ++site.marks
  place.lockedBy = stranger
  place.change = { who: 'a stranger', mark, at: null }
  void site.clock.sleep(milliseconds).then(() => {
    if (place.lockedBy !== stranger) return
    place.lockedBy = null
    place.change = { who: 'a stranger', mark, at: site.clock.now() }
  })
}

/** A connection is lost: at once, or after a minute of silence; what runs there goes on, or ends with it. */
export function loseConnection(
  site: Site,
  place: Place,
  { silent, ends }: { readonly silent: boolean; readonly ends: boolean },
): void {
  for (const script of place.scripts) {
    const { cut } = script
    const tell = (): void => cut?.(new Unreachable(place.name, 'connection lost', { midway: true }))
    if (ends) end(place, script)
    if (silent) void site.clock.sleep(minute).then(tell)
    else tell()
  }
}

/** A machine boots: what runs there ends, and for a minute it does not answer. */
export function reboot(site: Site, place: Place): void {
  if (!place.up) return
  loseConnection(site, place, { silent: false, ends: true })
  place.up = false
  void site.clock.sleep(minute).then(() => (place.up = true))
}

/** The controller of a run is gone: what it began goes on, or ends; requests to services were made or were not. */
export function forgetController(site: Site, who: string, goesOn: () => boolean): void {
  for (const place of site.places.values())
    for (const script of place.scripts)
      if (script.by === who && (place.name.startsWith('service ') || !goesOn())) end(place, script)
}
