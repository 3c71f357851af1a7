import { Unreachable } from '../model/session.ts'
import { launch } from './child-process.ts'
import type { RemoteProcess, Transport } from './transport.ts'

/** How long a script has to end what it started when its input ends, and how long the end of one that was killed is waited for: what hangs in a file system does not die. */
const patience = 2000

/** The controller itself as a host: each command is a process group of its own under `/bin/sh`, or under another shell. */
export function localTransport(
  options: { readonly name?: string; readonly shell?: readonly [string, ...string[]] } = {},
): Transport {
  const name = options.name ?? 'localhost'
  const running = new Set<RemoteProcess>()
  return {
    name,
    async start(command, signal) {
      if (signal?.aborted) throw new Unreachable(name, 'interrupted before it began')
      const process = await launch(name, [...(options.shell ?? ['/bin/sh', '-c']), command])
      running.add(process)
      const forget = (): void => void running.delete(process)
      process.ended.then(forget, forget)
      return process
    },
    async close() {
      // A script knows what it started in groups of their own, and which folders it made: it gets to end them itself.
      for (const process of running) process.end()
      await allEnded(running)
      for (const process of running) process.kill()
      await allEnded(running)
    },
  }
}

async function allEnded(processes: Iterable<RemoteProcess>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)))
  await Promise.race([late, Promise.allSettled([...processes].map(({ ended }) => ended))])
  clearTimeout(timer)
}
