import { resolve } from 'node:path'
import { parseDuration } from '../../text/duration.ts'
import type { Listener } from '../../model/event.ts'
import type { RunOptions } from '../../engine/options.ts'
import type { PlannedEntry } from '../../engine/act/planned.ts'
import { hostsOfPlays, runPlaybook } from '../../engine/schedule/run.ts'
import { createConnections } from '../../connect/connections.ts'
import {
  applyAgain,
  quoted,
  sameAgain,
  type Again,
  type ApplyFlags,
  type RunFlags,
} from '../flags.ts'
import { askLine, type Io } from '../io.ts'
import { inventoryToSave, loadForApply, loadForRun, settle, type Loaded } from '../load.ts'
import { inPlaceOf } from '../../inventory/load.ts'
import { promiseOf, readPlan, writePlan } from '../../journal/saved-plan.ts'
import { trustOf } from '../trust.ts'
import { checkTags, checkTargets, listingOf, stepper, taskAt } from '../targeting.ts'
import { version } from '../version.ts'
import { chooseReport } from '../output.ts'
import { clock } from '../clock.ts'
import { openGuesses } from '../../journal/state-folder.ts'
import { createProfile } from '../../report/profile.ts'
import { redactedEvent, redactedNote } from '../../model/redacted.ts'
import { createFold } from '../../journal/outcome-of-log.ts'
import { openJournal } from '../../journal/open-log.ts'
import { withLastHosts } from '../../journal/last-hosts.ts'
import { unpaidBefore } from '../../journal/owed-handlers.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Inventory } from '../../model/host.ts'
import type { Connections } from '../../model/session.ts'
import { Secret } from '../../contract/secret.ts'

/** `trueup run PLAYBOOK` and `trueup plan PLAYBOOK`: load and check everything, then let the engine speak to the report. */
export async function runCommand(
  io: Io,
  mode: 'run' | 'plan',
  playbookPath: string,
  given: RunFlags,
): Promise<number> {
  if (given.out !== undefined && ['auto', 'plain', 'json'].includes(given.out)) {
    throw new DiagnosticError({
      code: 'cli/out',
      message: `-o names the file that the plan is saved to, and '${given.out}' is a form of output`,
      hint: `write --output ${given.out}, or -o ./${given.out}`,
    })
  }
  const out = given.out === undefined ? null : resolve(io.cwd, given.out)
  const loaded = await loadForRun(io, playbookPath, given)
  const flags = withLastHosts(io, given, playbookPath, loaded.inventory)
  const saved = out === null ? [] : inventoryToSave(loaded)
  checkTags(loaded.playbook, flags)
  const listing = listingOf(loaded, flags)
  if (listing !== null) {
    io.stdout.write(listing)
    return 0
  }
  checkTargets(io, loaded.playbook, flags)
  if (mode === 'run') {
    const hosts = new Set(
      hostsOfPlays({ ...loaded, ...(flags.limit === undefined ? {} : { limit: flags.limit }) })
        .flat()
        .map((host) => host.name),
    )
    const unpaid = unpaidBefore(io, flags, loaded.playbook, hosts)
    if (unpaid) settle(io, [unpaid])
  }
  const entries: PlannedEntry[] = []
  const again =
    out === null
      ? sameAgain(flags, playbookPath, io.cwd, loaded.playbook.inputs)
      : applyAgain(flags, playbookPath, io.cwd, loaded.playbook.inputs)
  const exit = await carryOut(
    io,
    mode,
    loaded,
    flags,
    again,
    out === null ? {} : { record: (entry) => entries.push(entry) },
  )
  // A plan in which something failed would promise what cannot be.
  if (out === null) return exit
  if (exit !== 0 && exit !== 2) {
    io.stderr.write(`the plan was not saved to ${flags.out}: mend what failed first\n`)
    return exit
  }
  writePlan(out, {
    trueup: version(),
    made: new Date(clock.now()).toISOString(),
    source: loaded.playbook,
    inventory: saved,
    limit: flags.limit ?? null,
    tags: flags.tags ?? null,
    skipTags: flags.skipTags ?? null,
    entries,
  })
  return exit
}

/** `trueup apply FILE`: keeps what a saved plan shows, and stops each host where the world is no longer as it was planned. */
export async function applyCommand(io: Io, file: string, flags: ApplyFlags): Promise<number> {
  const maxAge = parseDuration(flags.maxAge)
  if (maxAge === null)
    throw new DiagnosticError({
      code: 'cli/duration',
      message: `--max-age ${flags.maxAge} is no duration`,
      hint: 'write it as 24h, 90m or 7d',
    })
  const plan = readPlan(resolve(io.cwd, file), clock.now(), maxAge, trustOf(io))
  const loaded = await loadForApply(io, plan, flags.extraVars ?? [])
  const kept: RunFlags = {
    ...flags,
    ...(plan.limit === null ? {} : { limit: plan.limit }),
    ...(plan.tags === null ? {} : { tags: plan.tags }),
    ...(plan.skipTags === null ? {} : { skipTags: plan.skipTags }),
    inventory: plan.inventory
      .filter((each) => each.about.kind !== 'answer')
      .map((each) => each.path),
  }
  return carryOut(
    io,
    'run',
    loaded,
    kept,
    sameAgain(kept, plan.playbook.file, io.cwd, loaded.playbook.inputs),
    { promise: promiseOf(plan), plan: resolve(io.cwd, file) },
  )
}

/** What a run is beside a run of a playbook. */
export interface RunExtras extends Pick<RunOptions, 'record' | 'promise' | 'owed'> {
  /** The file of the saved plan that is kept. */
  readonly plan?: string
  /** The run that is gone on with. */
  readonly resumes?: string
  /** Done before the first task. */
  readonly before?: (connections: Connections, inventory: Inventory) => Promise<void>
}

/** Runs what was loaded, and lets report and run log hear it. */
export async function carryOut(
  io: Io,
  mode: 'run' | 'plan',
  { playbook, inventory: found, reads }: Loaded,
  flags: RunFlags,
  again: Again,
  extras: RunExtras,
): Promise<number> {
  const { plan, resumes, before, ...more } = extras
  const inventory = flags.askBecomePass ? withBecomePassword(found, await askPassword(io)) : found
  const journal = openJournal({
    io,
    mode,
    playbook,
    flags,
    now: clock.now(),
    ...(plan === undefined ? {} : { plan }),
    ...(resumes === undefined ? {} : { resumes }),
    warn: (diagnostic) => emit({ type: 'warning', at: clock.now(), diagnostic }),
  })
  const fold = createFold()
  const owesHandlers = (): boolean => {
    const { plays, owing } = fold.end()
    return [...plays.keys()].some((play) => owing(play).size > 0)
  }
  // Who was notified and has not run its handlers is not helped by a run that finds nothing to change.
  const canResume = mode === 'run' && plan === undefined && flags.log !== false
  const next: Again = (verb, limit) =>
    canResume && verb === 'run' && owesHandlers()
      ? [
          'trueup resume',
          journal.run,
          ...(flags.stateDir === undefined ? [] : ['--state-dir', quoted(flags.stateDir)]),
        ].join(' ')
      : again(verb, limit)
  const report = await chooseReport(io, mode, next, flags)
  const profile = flags.profile
    ? createProfile(performance.timeOrigin, () => performance.timeOrigin + performance.now())
    : null
  const emit: Listener = (said) => {
    const event = redactedEvent(
      said.type === 'run-started' && reads.length > 0
        ? { ...said, sources: reads.map(({ path, at, cached }) => ({ file: path, at, cached })) }
        : said,
    )
    // First the log: what was shown has been written down.
    journal.hear(event)
    fold.add(event)
    if (profile) profile.hear(event, report.hear)
    else report.hear(event)
    io.hear?.(event)
  }
  const connections = createConnections({
    inventory,
    env: io.env,
    locks: journal.locks,
    forks: flags.forks,
    warn: (diagnostic) => emit({ type: 'warning', at: clock.now(), diagnostic }),
    ...(io.stdin.isTTY && io.stderr.isTTY
      ? {
          askPassphrase: (file: string) =>
            report.lend(() => askSecret(io, `passphrase of ${file}: `)),
        }
      : {}),
  })
  try {
    await before?.(connections, inventory)
    const { exit } = await runPlaybook({
      playbook,
      inventory,
      mode,
      connections,
      clock,
      emit,
      ...more,
      run: journal.run,
      note: (said) => {
        const note = redactedNote(said)
        journal.note(note)
        fold.add(note)
      },
      guesses: openGuesses(io, flags),
      forks: flags.forks,
      ...(flags.limit === undefined ? {} : { limit: flags.limit }),
      ...(flags.tags ? { tags: flags.tags } : {}),
      ...(flags.skipTags ? { skipTags: flags.skipTags } : {}),
      ...(flags.startAt === undefined ? {} : { startAt: taskAt(playbook, flags.startAt).id }),
      ...(flags.step ? { step: stepper(io, (ask) => report.lend(ask)) } : {}),
      batch: flags.batch,
      confirm: io.stdin.isTTY ? (question) => report.lend(() => confirm(io, question)) : null,
      yes: flags.yes === true,
      drain: io.drain,
      stop: io.stop,
    })
    return exit
  } finally {
    journal.close()
    await report.end()
    await connections.closeAll()
    if (profile) io.stderr.write(profile.text())
    const locks = flags.verbose > 0 ? journal.locksText() : null
    if (locks !== null) io.stderr.write(`${locks}\n`)
  }
}

async function confirm(io: Io, question: string): Promise<boolean> {
  for (;;) {
    const answer = await askLine(io, `${question} [y/n] `)
    if (answer === null || /^\s*no?\s*$/i.test(answer)) return false
    if (/^\s*y(?:es)?\s*$/i.test(answer)) return true
  }
}

/** The inventory, with a sudo password for the hosts that have none of their own. */
function withBecomePassword(inventory: Inventory, password: Secret): Inventory {
  const hosts = new Map(
    [...inventory.hosts].map(([name, host]) => [
      name,
      { ...host, connection: { becomePassword: password, ...host.connection } },
    ]),
  )
  return {
    ...inventory,
    hosts: inPlaceOf(inventory.hosts, hosts),
    select: (pattern) => inventory.select(pattern).map((host) => hosts.get(host.name) ?? host),
  }
}

async function askSecret(io: Io, question: string): Promise<Secret | null> {
  const typed = await askLine(io, question, { hidden: true })
  return typed === null ? null : new Secret('passphrase', typed)
}

async function askPassword(io: Io): Promise<Secret> {
  const typed = await askLine(io, 'sudo password: ', { hidden: true })
  if (typed === null)
    throw new DiagnosticError({
      code: 'cli/no-terminal',
      message: '--ask-become-pass needs a terminal to ask on',
      hint: 'give the password in the inventory (ansible_become_password), or run on a terminal',
    })
  return new Secret('become password', typed)
}
