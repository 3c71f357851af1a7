import { resolve } from 'node:path'
import type { OutcomeEvent } from '../../model/event.ts'
import { createConnections } from '../../connect/connections.ts'
import { runPlaybook } from '../../engine/schedule/run.ts'
import { createPaint } from '../../report/screen-text.ts'
import { playbookManual, type HostPart } from '../../manual/playbook-manual.ts'
import { clock } from '../clock.ts'
import type { RunFlags } from '../flags.ts'
import { hasColor, widthOf, type Io } from '../io.ts'
import { checkPlaybook, loadForRun, type Loaded } from '../load.ts'
import { settle } from '../settle.ts'
import { redactedEvent } from '../../model/redacted.ts'
import { openGuesses } from '../../journal/state-folder.ts'
import { stateHome } from '../trust.ts'
import { forTerminal } from './types.ts'

/** The options of `docs`. */
export interface DocsFlags extends Pick<
  RunFlags,
  'inventory' | 'extraVars' | 'stateDir' | 'types'
> {
  /** The host for which the commands are shown. */
  readonly host?: string
}

/** `trueup docs PLAYBOOK`: the playbook as a manual page; Markdown where the output is no terminal. With a host it is planned there. */
export async function docsCommand(io: Io, path: string, flags: DocsFlags): Promise<number> {
  const { playbook, inputs, diagnostics } = await checkPlaybook(io, path, null, null, flags.types)
  settle(io, diagnostics)
  if (flags.host === undefined) return show(io, playbookManual(playbook!, inputs))
  const loaded = await loadForRun(io, path, flags)
  const { part, exit } = await plannedOn(io, loaded, flags.host, flags)
  show(io, playbookManual(loaded.playbook, inputs, part))
  return exit
}

function show(io: Io, page: string): number {
  io.stdout.write(
    io.stdout.isTTY
      ? `${forTerminal(page, Math.min(120, widthOf(io.stdout, io.env)), createPaint(hasColor(io.stdout, io.env))).join('\n')}\n`
      : page,
  )
  return 0
}

/** A plan for one host, heard by nobody but the page. */
async function plannedOn(
  io: Io,
  { playbook, inventory }: Loaded,
  host: string,
  flags: DocsFlags,
): Promise<{ readonly part: HostPart; readonly exit: number }> {
  const found = new Map<string, OutcomeEvent>()
  const connections = createConnections({
    inventory,
    env: io.env,
    warn: (diagnostic) => settle(io, [{ ...diagnostic, severity: 'warning' }]),
  })
  try {
    const { exit } = await runPlaybook({
      playbook,
      inventory,
      mode: 'plan',
      connections,
      clock,
      limit: host,
      guesses: openGuesses(
        stateHome(io),
        flags.stateDir,
        (flags.inventory ?? []).map((path) => resolve(io.cwd, path)),
      ),
      forks: 1,
      batch: true,
      confirm: null,
      yes: false,
      drain: io.drain,
      stop: io.stop,
      emit(said) {
        const event = redactedEvent(said)
        if (event.type === 'outcome') found.set(`${event.play} ${event.task}`, event)
      },
    })
    const members = playbook.plays.map((play) =>
      inventory.select(play.hosts).some(({ name }) => name === host),
    )
    // A page that shows changes is what was asked for; one of a host that cannot be reached, or where a step fails, is not.
    return {
      part: {
        name: host,
        found: (play, task) => found.get(`${play} ${task}`),
        isIn: (play) => members[play]!,
      },
      exit: exit === 2 ? 0 : exit,
    }
  } finally {
    await connections.closeAll()
  }
}
