import { spawn } from 'node:child_process'
import type { Interrupt } from '../../model/session.ts'
import type { Value } from '../../contract/value.ts'
import { readJson, tooDeep } from '../../contract/json.ts'
import { isMap } from '../../contract/value.ts'

/** How a program is run. */
export interface ProgramWorld {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly signal?: Interrupt
}
/** What a program printed; or in words why that is nothing to go by. */
export interface Printed {
  readonly text: string
  readonly stderr: string
  readonly fault: string | null
}

const mostOutput = 64 << 20
const mostErrors = 64 << 10
/** Milliseconds that are left to a program's pipes when it has ended: what it left running may hold them open. */
const afterEnd = 1000
const hostsAtOnce = 8

/** Runs a program with `--list`; one that prints no `_meta` is asked `--host X` for each host, and the answers are joined. */
export async function listWith(
  argv: readonly string[],
  timeout: number,
  world: ProgramWorld,
): Promise<Printed> {
  const deadline = Date.now() + timeout * 1000
  const listed = await runProgram([...argv, '--list'], deadline, timeout, world)
  if (listed.fault !== null) return listed
  const { value: groups } = readJson(listed.text)
  // The reader of the text reports, with its place, what is not JSON or not a map.
  if (!isMap(groups) || Object.hasOwn(groups, '_meta')) return listed
  const hosts = [...hostsIn(groups)]
  const vars: Record<string, Value> = Object.create(null)
  let stderr = listed.stderr
  let fault: string | null = null
  const next = async (): Promise<void> => {
    for (let host = hosts.shift(); host !== undefined && fault === null; host = hosts.shift()) {
      const said = await runProgram([...argv, '--host', host], deadline, timeout, world)
      // The words of ten thousand hosts are bounded as those of one.
      if (stderr.length < mostErrors) stderr += said.stderr.slice(0, mostErrors - stderr.length)
      const read = said.text.trim() === '' ? { value: {} } : readJson(said.text)
      if (said.fault !== null) fault = `for --host ${host}: ${said.fault}`
      else if (isMap(read.value)) vars[host] = read.value
      else if ('fault' in read && read.fault === 'too-deep')
        fault = `for --host ${host} it printed JSON that is not handled: ${tooDeep}`
      else fault = `for --host ${host} it did not print a map in JSON`
    }
  }
  await Promise.all(Array.from({ length: hostsAtOnce }, next))
  return { text: JSON.stringify({ ...groups, _meta: { hostvars: vars } }), stderr, fault }
}

function hostsIn(groups: { readonly [name: string]: Value }): ReadonlySet<string> {
  const hosts = new Set<string>()
  for (const group of Object.values(groups)) {
    const listed = Array.isArray(group) ? group : isMap(group) ? group['hosts'] : null
    // Such names are refused later. To the program one with a dash in front would be an option, and others cannot be handed over.
    if (Array.isArray(listed))
      for (const host of listed as readonly Value[])
        if (typeof host === 'string' && /^[A-Za-z0-9_]/.test(host) && !isUnfit(host))
          hosts.add(host)
  }
  return hosts
}

function isUnfit(host: string): boolean {
  return host.length > 255 || host.includes('\0')
}

/** Milliseconds between two tries to start a program that is still being written, and how many there are. */
const busyPause = 50
const busyTries = 40

/** A program that was written a moment ago may be held open by a child of this process that has not begun yet: it is tried again. */
async function runProgram(
  argv: readonly string[],
  deadline: number,
  limit: number,
  world: ProgramWorld,
): Promise<Printed> {
  for (let tries = 1; ; tries++) {
    const printed = await runOnce(argv, deadline, limit, world)
    if (printed.fault !== busyFault || tries === busyTries || world.signal?.aborted) return printed
    await new Promise((resolve) => setTimeout(resolve, busyPause))
  }
}

const busyFault = 'it cannot be started: ETXTBSY'

function runOnce(
  argv: readonly string[],
  deadline: number,
  limit: number,
  { env, cwd, signal }: ProgramWorld,
): Promise<Printed> {
  return new Promise((resolve) => {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let size = 0
    let heard = 0
    let fault: string | null = null
    let over: NodeJS.Timeout | undefined
    // A process group of its own: what the program started ends with it.
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const kill = (why: string): void => {
      fault ??= why
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        child.kill('SIGKILL')
      }
      // What got away from its group may hold the pipes open.
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const interrupted = (): void => kill('interrupted')
    const timer = setTimeout(
      () => kill(`it did not end within ${limit} seconds`),
      Math.max(0, deadline - Date.now()),
    )
    const end = (why: string | null): void => {
      clearTimeout(timer)
      clearTimeout(over)
      signal?.removeEventListener('abort', interrupted)
      resolve({
        text: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
        fault: fault ?? why,
      })
    }
    signal?.addEventListener('abort', interrupted, { once: true })
    if (signal?.aborted) interrupted()
    child.stdout.on('data', (bytes: Buffer) => {
      size += bytes.length
      if (size > mostOutput) kill(`it printed more than ${mostOutput >> 20} MiB`)
      else stdout.push(bytes)
    })
    child.stderr.on('data', (bytes: Buffer) => {
      heard += bytes.length
      if (heard <= mostErrors) stderr.push(bytes)
    })
    child.on('error', (error: NodeJS.ErrnoException) =>
      end(
        error.code === 'ENOENT'
          ? `it cannot be started: ${argv[0]} or its interpreter is not there`
          : `it cannot be started: ${error.code ?? error.message}`,
      ),
    )
    child.on(
      'exit',
      () =>
        void (over = setTimeout(() => (child.stdout.destroy(), child.stderr.destroy()), afterEnd)),
    )
    child.on('close', (code, killer) =>
      end(
        code === 0
          ? null
          : code === null
            ? `it was ended by ${killer}`
            : `it ended with exit ${code}`,
      ),
    )
  })
}
