import { resolve } from 'node:path'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { PlannedEntry } from '../model/plan.ts'
import { hostsOfPlays, selector } from '../engine/schedule/run-playbook.ts'
import { filesToSave } from '../inventory/files-to-save.ts'
import { hostsOfLastRun, refersToLastRun } from '../journal/last-hosts.ts'
import { unpaidBefore } from '../journal/owed-handlers.ts'
import { writePlan } from '../journal/saved-plan.ts'
import { runsFolder } from '../journal/state-folder.ts'
import { inputWords } from '../playbook/given-inputs.ts'
import { checkTags, taskAt } from '../playbook/targets.ts'
import { isOutputForm } from '../report/forms.ts'
import { applyPlan, runAgain, type NextCommand } from '../report/next-command.ts'
import { taskListText } from '../report/task-list.ts'
import { checkStep } from './ask.ts'
import { carryOut } from './carry-out.ts'
import { clock } from './clock.ts'
import type { RunFlags } from './flags.ts'
import type { Io } from './io.ts'
import { loadForRun, type Loaded } from './load-all.ts'
import { checkWritable } from '../journal/saved-plan.ts'
import { signFile } from './sign-file.ts'
import { settle } from './throw-on-errors.ts'
import { stateHome } from './trust-of-user.ts'
import { version } from './build-version.ts'

/** `trueup run PLAYBOOK` and `trueup plan PLAYBOOK`: load and check everything, then let the engine speak to the report. */
export async function runCommand(
  io: Io,
  mode: 'run' | 'plan',
  playbookPath: string,
  given: RunFlags,
): Promise<number> {
  checkOut(given.out)
  if (given.out !== undefined) checkWritable(resolve(io.cwd, given.out))
  const loaded = await loadForRun(io, playbookPath, given)
  const { playbook } = loaded
  const flags = withLastHosts(io, given, playbookPath, loaded)
  const saved = flags.out === undefined ? [] : filesToSave(loaded.files)
  checkTags(playbook, [...(flags.tags ?? []), ...(flags.skipTags ?? [])])
  if (flags.startAt !== undefined) taskAt(playbook, flags.startAt)
  if (flags.listTasks || flags.listHosts) {
    io.stdout.write(listing(loaded, flags))
    return 0
  }
  checkStep(io, flags.step)
  if (mode === 'run') warnOfDebts(io, flags, loaded)
  const entries: PlannedEntry[] = []
  const started = clock.now()
  const exit = await carryOut(io, {
    mode,
    loaded,
    flags,
    again: nextAfter(io, playbookPath, flags, loaded),
    started,
    ...(flags.out === undefined ? {} : { record: (entry) => entries.push(entry) }),
  })
  if (flags.out === undefined) return exit
  // A plan in which something failed would promise what cannot be.
  if (exit !== 0 && exit !== 2) {
    io.stderr.write(`the plan was not saved to ${flags.out}: correct what failed first\n`)
    return exit
  }
  writePlan(resolve(io.cwd, flags.out), {
    trueup: version(),
    made: new Date(started).toISOString(),
    source: playbook,
    inventory: saved,
    limit: flags.limit ?? null,
    tags: flags.tags ?? null,
    skipTags: flags.skipTags ?? null,
    entries,
  })
  if (flags.sign !== undefined)
    signFile('plan', resolve(io.cwd, flags.out), resolve(io.cwd, flags.sign))
  return exit
}

function checkOut(out: string | undefined): void {
  if (out === undefined || !isOutputForm(out)) return
  throw new DiagnosticError({
    code: 'cli/out',
    message: `-o names the file that the plan is saved to, and '${out}' is a form of output`,
    hint: `write --output ${out}, or -o ./${out}`,
  })
}

/** The options with a limit in which `@failed` and `@changed` are names of hosts. */
function withLastHosts(io: Io, flags: RunFlags, path: string, { inventory }: Loaded): RunFlags {
  const { limit } = flags
  if (limit === undefined || !refersToLastRun(limit)) return flags
  const folder = runsFolder(stateHome(io), flags.stateDir)
  const playbook = resolve(io.cwd, path)
  return { ...flags, limit: hostsOfLastRun({ folder, limit, playbook, inventory }) }
}

function listing(loaded: Loaded, flags: RunFlags): string {
  const { playbook, inventory } = loaded
  const startAt = flags.startAt === undefined ? undefined : taskAt(playbook, flags.startAt).id
  return taskListText(
    {
      playbook,
      hosts: hostsOfPlays({
        playbook,
        inventory,
        ...(flags.limit === undefined ? {} : { limit: flags.limit }),
      }),
      isSelected: selector({
        playbook,
        ...(startAt === undefined ? {} : { startAt }),
        ...(flags.tags ? { tags: flags.tags } : {}),
        ...(flags.skipTags ? { skipTags: flags.skipTags } : {}),
      }),
    },
    { tasks: flags.listTasks === true, hosts: flags.listHosts === true },
  )
}

/** Warns of handlers that an earlier run left unpaid on the hosts of this one. */
function warnOfDebts(io: Io, flags: RunFlags, { playbook, inventory }: Loaded): void {
  const { limit } = flags
  const plays = hostsOfPlays({ playbook, inventory, ...(limit === undefined ? {} : { limit }) })
  const hosts = new Set(plays.flat().map((host) => host.name))
  const unpaid = unpaidBefore(runsFolder(stateHome(io), flags.stateDir), playbook, hosts)
  if (unpaid) settle(io, [unpaid])
}

/** After a saved plan, the next command applies it. */
function nextAfter(
  io: Io,
  playbook: string,
  flags: RunFlags,
  { playbook: read }: Loaded,
): NextCommand {
  const inputs = inputWords(flags.extraVars ?? [], read.inputs)
  const run = { playbook, shape: flags, inputs, folder: io.cwd }
  const again = runAgain(run)
  const { out } = flags
  if (out === undefined) return again
  return (verb, limit) =>
    verb === 'run' && limit === undefined
      ? applyPlan(out, { ...run, inputs: [] })
      : again(verb, limit)
}
