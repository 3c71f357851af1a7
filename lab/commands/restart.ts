import { type Call, fail, type LabCommand, ok, type Output } from './command.ts'

/** How long a machine goes on after the order: the command that gave it still ends, and then its connection. */
const grace = 150

/** Has the node boot again, or lose its power, soon after the command has ended. */
export function restart(call: Call, to: 'reboot' | 'off'): Output {
  if (call.files.who.uid !== 0)
    return fail(
      1,
      `Failed to ${to === 'reboot' ? 'reboot' : 'power off'} system via logind: Interactive authentication required.\n`,
    )
  const node = call.machine.world.node(call.machine.spec.name)
  const bootId = call.machine.bootId
  const timer = setTimeout(() => {
    // Another boot may have come first: this order was given to the one before.
    if (node?.bootId === bootId && node.power === 'on')
      void (to === 'reboot' ? node.reboot() : node.powerOff())
  }, grace)
  timer.unref()
  return ok()
}

function shutdown(call: Call): Output {
  const words = call.args.filter((arg) => !/^(?:now|\+0)$/.test(arg))
  const when = call.args.find((arg) => /^(?:now|\+\d+|\d\d:\d\d)$/.test(arg))
  if (words.includes('-c')) return ok()
  if (when !== 'now' && when !== '+0')
    return fail(70, 'shutdown: the rehearsal lab simulates `now` alone\n')
  return restart(call, words.includes('-r') || words.includes('--reboot') ? 'reboot' : 'off')
}

/** Commands that end a boot. */
export const restartCommands: readonly LabCommand[] = [
  { names: ['reboot'], system: true, run: (call) => restart(call, 'reboot') },
  { names: ['poweroff', 'halt'], system: true, run: (call) => restart(call, 'off') },
  { names: ['shutdown'], system: true, run: shutdown },
]
