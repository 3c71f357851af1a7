import type { Event } from '../../model/event.ts'
import { runDemo } from '../../../lab/demo.ts'
import type { RunFlags } from '../../wiring/flags.ts'
import type { Io } from '../../wiring/io.ts'

/** `trueup demo`: the demo uses the command line as its user would. */
export function demoCommand(
  io: Io,
  flags: Pick<RunFlags, 'output'>,
  execute: (argv: readonly string[], io: Io) => Promise<number>,
): Promise<number> {
  // The lab's folder is removed at the end, however it ends.
  io.listen?.()
  return runDemo({
    say: (line) => io.stdout.write(`${line}\n`),
    async execute(argv, { stateFolder }) {
      const events: Event[] = []
      const exit = await execute([...argv, '--output', flags.output], {
        ...io,
        stateFolder,
        hear: (event) => events.push(event),
      })
      return { exit, events }
    },
  })
}
