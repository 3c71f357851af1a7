import { resolve } from 'node:path'
import { createConnections } from '../connect/connections.ts'
import { runPlaybook } from '../engine/schedule/run-playbook.ts'
import { openGuesses } from '../journal/state-folder.ts'
import type { HostPart } from '../manual/playbook-manual.ts'
import type { OutcomeEvent } from '../model/event.ts'
import { redactedEvent } from '../model/redacted.ts'
import { clock } from './clock.ts'
import type { RunFlags } from './flags.ts'
import type { Io } from './io.ts'
import type { Loaded } from './load-all.ts'
import { sshConfigOf } from './ssh-config-of.ts'
import { settle } from './throw-on-errors.ts'
import { stateHome } from './trust-of-user.ts'

/** Plans a playbook on one host for its manual page; no report hears it. */
export async function planOnHost(
  io: Io,
  { playbook, inventory }: Loaded,
  host: string,
  flags: Pick<RunFlags, 'stateDir' | 'inventory' | 'sshConfig'>,
): Promise<{ readonly part: HostPart; readonly exit: number }> {
  const found = new Map<string, OutcomeEvent>()
  const connections = createConnections({
    inventory,
    env: io.env,
    ...sshConfigOf(io, flags.sshConfig),
    warn: (diagnostic) => settle(io, [{ ...diagnostic, severity: 'warning' }]),
  })
  const release = io.listen?.()
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
    // Pending changes are what the page shows; a host that cannot be reached and a step that fails are failures.
    return {
      part: {
        name: host,
        found: (play, task) => found.get(`${play} ${task}`),
        isIn: (play) => members[play]!,
      },
      exit: exit === 2 ? 0 : exit,
    }
  } finally {
    release?.()
    await connections.closeAll()
  }
}
