import type { Listener } from '../../core/event.ts'
import { runBook } from '../../engine/run.ts'
import { createConnections } from '../../connect/connections.ts'
import type { RunFlags } from '../flags.ts'
import { askLine, type Io } from '../io.ts'
import { loadForRun } from '../load.ts'
import { chooseReport } from '../output.ts'
import { clock } from '../clock.ts'
import { openGuesses } from '../state-folder.ts'
import { RunbookError } from '../../core/diagnostic.ts'
import type { Inventory } from '../../core/host.ts'
import { Secret } from '../../core/secret.ts'

/** `trueup run BOOK` and `trueup plan BOOK`: load and check everything, then let the engine speak to the report. */
export async function runCommand(io: Io, mode: 'run' | 'plan', bookPath: string, flags: RunFlags): Promise<number> {
  const { book, inventory: found } = await loadForRun(io, bookPath, flags)
  const inventory = flags.askBecomePass ? withBecomePassword(found, await askPassword(io)) : found
  const report = await chooseReport(io, mode, bookPath, flags)
  // Several may want to ask at once; a person answers one after another.
  let asking: Promise<unknown> = Promise.resolve()
  const ask = <T>(question: () => Promise<T>): Promise<T> => {
    const answer = asking.then(() => report.lend(question))
    asking = answer.catch(() => undefined)
    return answer
  }
  const emit: Listener = (event) => {
    report.hear(event)
    io.hear?.(event)
  }
  const connections = createConnections({
    inventory,
    env: io.env,
    warn: (diagnostic) => emit({ type: 'warning', at: clock.now(), diagnostic }),
    ...(io.stdin.isTTY && io.stderr.isTTY ? { askPassphrase: (file: string) => ask(() => askSecret(io, `passphrase of ${file}: `)) } : {}),
  })
  try {
    const { exit } = await runBook({
      book, inventory, mode, connections, clock, emit,
      guesses: openGuesses(io, flags),
      forks: flags.forks,
      ...(flags.limit === undefined ? {} : { limit: flags.limit }),
      ...(flags.tags ? { tags: flags.tags } : {}),
      ...(flags.skipTags ? { skipTags: flags.skipTags } : {}),
      batch: flags.batch,
      confirm: io.stdin.isTTY ? (question) => ask(() => confirm(io, question)) : null,
      yes: flags.yes === true,
      drain: io.drain,
      stop: io.stop,
    })
    return exit
  } finally {
    await report.end()
    await connections.closeAll()
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
  const hosts = new Map([...inventory.hosts].map(([name, host]) => [name, { ...host, connection: { becomePassword: password, ...host.connection } }]))
  return { ...inventory, hosts, select: (pattern) => inventory.select(pattern).map((host) => hosts.get(host.name) ?? host) }
}

async function askSecret(io: Io, question: string): Promise<Secret | null> {
  const typed = await askLine(io, question, { hidden: true })
  return typed === null ? null : new Secret('passphrase', typed)
}

async function askPassword(io: Io): Promise<Secret> {
  const typed = await askLine(io, 'sudo password: ', { hidden: true })
  if (typed === null) throw new RunbookError({ code: 'cli/no-terminal', message: '--ask-become-pass needs a terminal to ask on', hint: 'give the password in the inventory (ansible_become_password), or run on a terminal' })
  return new Secret('become password', typed)
}
