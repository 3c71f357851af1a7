import { applyParts } from '../apply/apply.ts'
import { lockedOf, type HostLocks } from '../apply/lock.ts'
import { becomeDoorway } from '../become.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { probeKey } from '../../contract/probe.ts'
import { Secret } from '../../contract/secret.ts'
import { Interrupted, Unreachable } from '../../model/session.ts'
import { plainDoorway } from './login-shell.ts'
import { failed, nameOf, readingsOf, timeout, tooLarge } from './frame-readings.ts'
import { pulseTimes, type PulseTimes } from './pulse.ts'
import { shellAhead, type ShellAhead } from './shell-ahead.ts'
import { runScript } from './run-script.ts'
import { compose } from './compose-script.ts'
import { readUnits, unsendable } from './units.ts'
import type { ApplyParts } from '../apply/apply.ts'
import type { Becoming } from '../become.ts'
import type { Answered, Probe } from '../../contract/probe.ts'
import type {
  ActionResult,
  Answer,
  Apply,
  Exchange,
  Interrupt,
  Session,
} from '../../model/session.ts'
import { withheldError, type Transport } from '../transport.ts'
import type { Doorway } from './login-shell.ts'
import type { Frame } from './frame-readings.ts'
import type { Run } from './script-run.ts'
import type { Script } from './compose-script.ts'
import type { ReadUnit, Unit } from './units.ts'

/** A session over one transport as one user: each exchange is one script, and one more for each probe that had to be left behind. */
export function openSession(
  transport: Transport,
  become: Becoming | null,
  locks: HostLocks | null = null,
  times: PulseTimes = pulseTimes,
): Session {
  const doorway = become === null ? plainDoorway() : becomeDoorway(transport.name, become)
  const ahead = become === null ? shellAhead(transport) : null
  const line: Line = { transport, doorway, times, ahead }
  // Until the host has shown that it has `flock`, the lock of this controller is held too: that costs no round trip.
  let lockIsThere = false
  return {
    async exchange(exchange) {
      if (!exchange.apply || locks === null || lockIsThere)
        return exchangeOver(line, exchange, locks)
      const held = await locks.takeHere(transport.name, exchange.apply.after ?? [], exchange.drain)
      let acted = false
      try {
        if (held.overtaken !== null) return await overtakenBy(held.overtaken, line, exchange)
        const answer = await exchangeOver(line, exchange, {
          ...locks,
          locked(host, where) {
            lockIsThere = where === 'host'
            locks.locked(host, where)
          },
        })
        acted = answer.overtaken === undefined
        return answer
      } catch (error) {
        acted = !isBusy(error)
        throw error
      } finally {
        held.release(acted)
      }
    },
  }
}

/** Another run was here: only what the exchange reads is read, so that what is decided next knows of it. */
async function overtakenBy(
  mark: string,
  over: Line,
  { apply: _, ...exchange }: Exchange,
): Promise<Answer> {
  return { ...(await exchangeOver(over, exchange, null)), overtaken: mark }
}

function isBusy(error: unknown): boolean {
  return error instanceof DiagnosticError && error.diagnostics[0]!.code === 'connect/lock-busy'
}

/** Probes that hang or flood each cost a script; after so many of them the host answers nothing more. */
const mostScripts = 12

/** The probes that a unit answers. */
function probesOf(unit: Unit | ReadUnit | undefined): readonly Probe[] {
  return unit !== undefined && 'probes' in unit ? unit.probes : []
}

interface Account {
  scripts: number
  bytesSent: number
  bytesReceived: number
}

/** Where an exchange goes. */
interface Line {
  readonly transport: Transport
  readonly doorway: Doorway
  readonly times: PulseTimes
  /** Shells that wait for the next script; null where none are started. */
  readonly ahead: ShellAhead | null
}

const tooMany = 'too many probes hung before this one was asked'

async function exchangeOver(
  line: Line,
  exchange: Exchange,
  locks: HostLocks | null,
): Promise<Answer> {
  const { transport, times } = line
  if (exchange.signal?.aborted) throw new Unreachable(transport.name, 'interrupted')
  const account: Account = { scripts: 0, bytesSent: 0, bytesReceived: 0 }
  const answers = new Map<string, Answered>()
  const open = openProbes(exchange.probes, answers)
  if (exchange.apply && transport.withheld && holdsSecret(exchange.apply))
    throw withheldError(transport.name, transport.withheld, 'a secret is not written there')
  const send = sender(line, exchange, account)
  let applied: Applied = { actions: [] }
  let apart = false
  let broken: { readonly thrown: unknown } | null = null
  let work: Apply | null = exchange.apply ?? null
  while (work !== null || open.size > 0) {
    if (account.scripts >= mostScripts) {
      for (const [key] of open) answers.set(key, failed('lost', tooMany))
      break
    }
    const reads = readUnits([...open.values()], apart)
    const acting: ApplyParts | null = work === null ? null : await applyParts(work, locks)
    const before = acting?.parts.units ?? []
    const script = watched(
      line,
      exchange,
      locks,
      compose(
        { ...acting?.parts, units: [...before, ...reads], readsFrom: before.length },
        times.every,
      ),
      [...before, ...reads],
    )
    const run = await send(script).catch((thrown: unknown) => {
      // What was done stays known: only what comes before the first action may be thrown.
      if (applied.actions.length === 0) throw thrown
      broken = { thrown }
      return null
    })
    if (run === null) break
    if (acting !== null && work !== null) {
      const overtaken = locks ? mindLock(transport.name, run, locks, exchange.drain) : undefined
      applied =
        overtaken === undefined
          ? { ...outcome(work, acting, run), ...markOf(script, run, locks) }
          : { actions: [], overtaken }
    }
    const settled = readings(reads, before.length, run, answers)
    for (const key of settled) open.delete(key)
    // The first script acts; whatever has to be asked again is only asked.
    work = null
    apart = true
  }
  return {
    ...applied,
    readings: exchange.probes.map((probe) => answers.get(probeKey(probe)) ?? unread),
    cost: { ...account, requests: 0 },
    ...(broken === null ? {} : { broken: (broken as { readonly thrown: unknown }).thrown }),
  }
}

/** A script with what hears of it while it runs: that it waits for the host's lock, that the run drains, how far a probe is. */
function watched(
  { transport }: Line,
  exchange: Exchange,
  locks: HostLocks | null,
  composed: ReturnType<typeof compose>,
  units: readonly Unit[],
): Script {
  return {
    ...composed,
    waits: (holder) => locks?.waiting(transport.name, holder),
    drain: exchange.drain,
    progress: (unit, text) => {
      const [probe] = probesOf(units[unit])
      if (probe) exchange.progress?.(probe, text)
    },
  }
}

function sender(
  { transport, doorway, times, ahead }: Line,
  { apply, signal }: Exchange,
  account: Account,
): (script: Script) => Promise<Run> {
  return async (script) => {
    const run = await doorway
      .through((entry) => runScript(transport, entry, script, signal, times, ahead))
      .catch((error: unknown) => {
        throw apply ? error : asRead(error)
      })
    account.scripts += 1
    account.bytesSent += run.sent
    account.bytesReceived += run.received
    return run
  }
}

/** The loss of a connection while a script only read: nothing can have been done. */
function asRead(error: unknown): unknown {
  if (!(error instanceof Unreachable) || !error.midway) return error
  return new Unreachable(
    error.host,
    error.message,
    error.hint === undefined ? {} : { hint: error.hint.replace(/; what the command did.*$/, '') },
  )
}

function holdsSecret({ actions }: Apply): boolean {
  return actions.some(
    (action) =>
      (action.do === 'write' && action.content instanceof Secret) ||
      (action.do === 'exec' && action.stdin instanceof Secret),
  )
}

/** The probes that can be asked, by key; what can never be sent is answered at once. */
function openProbes(probes: readonly Probe[], answers: Map<string, Answered>): Map<string, Probe> {
  const open = new Map<string, Probe>()
  for (const probe of probes) {
    const never = unsendable(probe)
    if (never === null) open.set(probeKey(probe), probe)
    else answers.set(probeKey(probe), failed('io', never))
  }
  return open
}

const unread = failed('lost', 'the exchange ended before this was read')

/**
 * Says where the lock was, or throws when another run kept it: then nothing was done. A mark is that of another run's change,
 * which this one did not know when it decided: then nothing was done either.
 */
function mindLock(
  host: string,
  run: Run,
  locks: HostLocks,
  drain: Interrupt | undefined,
): string | undefined {
  const frame = run.frames.get(0)
  if (!frame) {
    // The script ends itself when it is asked to stop while it waits: it has not reached its actions.
    if (run.stop === 'died' && drain?.aborted)
      throw new Interrupted('the run ended before this began', { begun: false })
    return undefined
  }
  const found = lockedOf(frame)
  if (!('busy' in found)) {
    if ('foreign' in found) locks.foreign?.(host, found.foreign)
    locks.locked(host, 'overtaken' in found || found.taken ? 'host' : 'controller')
    return 'overtaken' in found ? found.overtaken : undefined
  }
  throw new DiagnosticError({
    code: 'connect/lock-busy',
    host,
    message: `another run is at work on this host: ${found.busy} (the process of the machine that it was started on, not of this host)`,
    hint: `run it again when that run has ended, or wait longer with --lock-timeout 10m. If that run has ended, its script here waits for bytes that no longer come, and gives up after 2 minutes; to end it now, type on ${host}: fuser -k /run/trueup/lock (a user other than root: /tmp/trueup-UID/lock)`,
  })
}

/** The mark that a script has left, where it took the lock of the host. */
function markOf({ mark }: Script, run: Run, locks: HostLocks | null): Pick<Answer, 'mark'> {
  return locks !== null && run.frames.get(0)?.status === '0' ? { mark } : {}
}

interface Applied {
  readonly moved?: NonNullable<Answer['moved']>
  readonly overtaken?: string
  readonly mark?: string
  readonly actions: readonly ActionResult[]
}

function outcome(apply: Apply, acting: ApplyParts, run: Run): Applied {
  for (const [place, guard] of apply.guards.entries()) {
    const index = acting.first + place
    const frame = run.frames.get(index)
    const unit = acting.parts.units[index] as ReadUnit
    if (!frame) return { moved: { guard, found: leftBehind(guard.probe, run) }, actions: [] }
    if (run.moved.has(index))
      return {
        moved: { guard, found: readingsOf(unit, frame)?.[0] ?? failed('io', 'it cannot be read') },
        actions: [],
      }
  }
  const actions: ActionResult[] = []
  for (const [index, unit] of acting.actions.entries()) {
    const frame = run.frames.get(acting.first + acting.guards + index)
    const result = frame ? unit.result(frame) : run.stop === 'end' ? null : unit.lost(run.stop)
    if (result === null) {
      if (index === 0)
        actions.push({
          ok: false,
          stdout: '',
          stderr: '',
          message: 'not begun: its guards took too long to be repeated',
        })
      break
    }
    actions.push(result)
    if (!result.ok) break
  }
  return { actions }
}

/** Takes the answers of a run; returns the keys that need not be asked again. */
function readings(
  reads: readonly ReadUnit[],
  offset: number,
  run: Run,
  answers: Map<string, Answered>,
): readonly string[] {
  const settled: string[] = []
  for (const [index, unit] of reads.entries()) {
    const frame = certain(run, offset + index, unit)
    // A frame that is missing before the end was lost with what should have relayed it.
    const last = offset + index <= run.at && unit.probes.length === 1
    const found = frame ? readingsOf(unit, frame) : last ? [leftBehind(unit.probes[0]!, run)] : null
    for (const [place, answer] of found?.entries() ?? []) {
      const key = probeKey(unit.probes[place]!)
      answers.set(key, answer)
      settled.push(key)
    }
  }
  return settled
}

/** The frame of a unit; one that says `p` counts only where the frame that it depends on came, and well. */
function certain(run: Run, index: number, unit: ReadUnit): Frame | undefined {
  const frame = run.frames.get(index)
  if (frame?.status !== 'p') return frame
  return run.frames.get(index + (unit.provisoOf ?? 0))?.status === '0'
    ? { ...frame, status: '0' }
    : undefined
}

function leftBehind(probe: Probe, run: Run): Answered {
  if (run.stop === 'stuck') return timeout(probe)
  if (run.stop === 'flood') return tooLarge(probe)
  // The relay gives up on a line that it cannot hold, and a mark that comes after it is lost.
  if (run.stop === 'end')
    return failed(
      'too-large',
      `${nameOf(probe)} printed a line without end, or was killed with the shell around it`,
    )
  const how = run.ending?.signal
    ? `signal ${run.ending.signal}`
    : `exit ${run.ending?.code ?? 'unknown'}`
  return failed(
    'lost',
    `the shell on the host ended (${how}) before this was read`,
    'did the host run out of memory?',
  )
}
