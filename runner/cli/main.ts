#!/usr/bin/env node
import { closeQuietly } from './closed-pipe.ts'
import { execute } from './execute.ts'
import { listenForInterrupts } from './interrupts.ts'

const interrupts = listenForInterrupts((line) => process.stderr.write(`\n${line}\n`))
closeQuietly([process.stdout, process.stderr], interrupts.drainNow)

async function main(): Promise<void> {
  const code = await execute(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    drain: interrupts.drain,
    stop: interrupts.stop,
  })
  interrupts.release()
  process.exitCode = code
  // A connection that hangs in its goodbye must not keep the prompt away; what was written to a pipe has been taken.
  setTimeout(() => process.exit(code), 2000).unref()
}

void main()
