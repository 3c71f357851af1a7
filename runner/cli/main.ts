#!/usr/bin/env node
import { execute } from './execute.ts'
import { createInterrupts } from '../wiring/interrupts.ts'
import { programOf } from '../wiring/kept-connections.ts'
import { surviveLostOutput } from '../wiring/lost-output.ts'

const interrupts = createInterrupts((line) => process.stderr.write(`\n${line}\n`))
const output = surviveLostOutput(process.stdout, process.stderr, interrupts.drainNow)

async function main(): Promise<void> {
  const ended = await execute(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    program: programOf(process.execPath, process.execArgv, process.argv[1]),
    drain: interrupts.drain,
    stop: interrupts.stop,
    listen: interrupts.listen,
    lostOutput: output.why,
  })
  // A stream tells that it cannot be written only now. What was asked for was not shown then.
  await new Promise((resolve) => setImmediate(resolve))
  const code = ended === 0 && output.why() !== null ? 1 : ended
  process.exitCode = code
  // A connection that hangs in its goodbye must not keep the prompt away; what was written to a pipe has been taken.
  setTimeout(() => process.exit(code), 2000).unref()
}

void main()
