import pLimit from 'p-limit'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
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
  // Texts are joined, not values: the reader finds a key that stands twice, and its place.
  const vars: string[] = []
  let stderr = listed.stderr
  let fault: string | null = null
  const ask = async (host: string): Promise<void> => {
    if (fault !== null) return
    const said = await runProgram([...argv, '--host', host], deadline, timeout, world)
    // The words of ten thousand hosts are bounded as those of one.
    if (stderr.length < mostErrors) stderr += said.stderr.slice(0, mostErrors - stderr.length)
    const read = said.text.trim() === '' ? { value: {} } : readJson(said.text)
    if (said.fault !== null) fault = `for --host ${host}: ${said.fault}`
    else if (isMap(read.value)) vars.push(`${JSON.stringify(host)}: ${said.text.trim() || '{}'}`)
    else if ('fault' in read && read.fault === 'too-deep')
      fault = `for --host ${host} it printed JSON that is not handled: ${tooDeep}`
    else fault = `for --host ${host} it did not print a map in JSON`
  }
  await pLimit(hostsAtOnce).map(hostsIn(groups), ask)
  const opened = listed.text.trimEnd().slice(0, -1)
  const between = Object.keys(groups).length > 0 ? ', ' : ''
  const text = `${opened}${between}"_meta": {"hostvars": {${vars.join(', ')}}}}`
  return { text, stderr, fault }
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

const busyFault = 'it cannot be started: another process is writing it'

function runOnce(
  argv: readonly string[],
  deadline: number,
  limit: number,
  world: ProgramWorld,
): Promise<Printed> {
  return new Promise((resolve) => {
    try {
      new ProgramRun(argv, deadline, limit, world, resolve)
    } catch (error) {
      // Node throws some of the reasons, and tells others by an event.
      resolve({
        text: '',
        stderr: '',
        fault: startFault(argv[0]!, error as NodeJS.ErrnoException),
      })
    }
  })
}

/** One run of a program. It ends by itself, at its time limit, with too much output, or by an interrupt. */
class ProgramRun {
  readonly #ended: (printed: Printed) => void
  readonly #signal: Interrupt | undefined
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #stdout: Buffer[] = []
  readonly #stderr: Buffer[] = []
  readonly #limit: NodeJS.Timeout
  #afterExit: NodeJS.Timeout | undefined
  #fault: string | null = null

  constructor(
    argv: readonly string[],
    deadline: number,
    limit: number,
    { env, cwd, signal }: ProgramWorld,
    ended: (printed: Printed) => void,
  ) {
    this.#ended = ended
    this.#signal = signal
    // A process group of its own: what the program started ends with it.
    this.#child = spawn(argv[0]!, argv.slice(1), {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#limit = setTimeout(
      () => this.#kill(`it did not end within ${limit} seconds`),
      Math.max(0, deadline - Date.now()),
    )
    signal?.addEventListener('abort', this.#interrupt, { once: true })
    if (signal?.aborted) this.#interrupt()
    this.#listen(argv[0]!)
  }

  #listen(program: string): void {
    const child = this.#child
    let size = 0
    let errors = 0
    child.stdout.on('data', (bytes: Buffer) => {
      size += bytes.length
      if (size > mostOutput) this.#kill(`it printed more than ${mostOutput >> 20} MiB`)
      else this.#stdout.push(bytes)
    })
    child.stderr.on('data', (bytes: Buffer) => {
      errors += bytes.length
      if (errors <= mostErrors) this.#stderr.push(bytes)
    })
    child.on('error', (error) => this.#end(startFault(program, error)))
    child.on('exit', () => {
      this.#afterExit = setTimeout(() => this.#closePipes(), afterEnd)
    })
    child.on('close', (code, signal) => this.#end(endFault(code, signal)))
  }

  readonly #interrupt = (): void => this.#kill('interrupted')

  #kill(why: string): void {
    this.#fault ??= why
    this.#killGroup()
    // What got away from its group may hold the pipes open.
    this.#closePipes()
  }

  #killGroup(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      // Nothing of the group is left.
      this.#child.kill('SIGKILL')
    }
  }

  #closePipes(): void {
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
  }

  #end(fault: string | null): void {
    // What it left running ends with it, also where that holds no pipe of it.
    this.#killGroup()
    clearTimeout(this.#limit)
    clearTimeout(this.#afterExit)
    this.#signal?.removeEventListener('abort', this.#interrupt)
    this.#ended({
      text: Buffer.concat(this.#stdout).toString('utf8'),
      stderr: Buffer.concat(this.#stderr).toString('utf8'),
      fault: this.#fault ?? fault,
    })
  }
}

function startFault(program: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ETXTBSY') return busyFault
  return error.code === 'ENOENT'
    ? `it cannot be started: ${program} or its interpreter is not there`
    : `it cannot be started: ${error.code ?? error.message}`
}

function endFault(code: number | null, signal: NodeJS.Signals | null): string | null {
  if (code === 0) return null
  return code === null ? `it was ended by ${signal}` : `it ended with exit ${code}`
}
