import { CommanderError } from 'commander'
import { exitWrongInput, explain } from './explain-error.ts'
import { gateOutput } from '../wiring/gate.ts'
import type { Io } from '../wiring/io.ts'
import { buildProgram } from './command-line.ts'

/** Runs one command line and gives its exit code. Each command's code is loaded when it is named, so that help is quick. */
export async function execute(argv: readonly string[], io: Io): Promise<number> {
  const open = gateOutput(io)
  try {
    return await executeCommand(argv, io)
  } finally {
    open()
  }
}

async function executeCommand(argv: readonly string[], io: Io): Promise<number> {
  let exit = 0
  const program = buildProgram({
    io,
    done: (code) => {
      exit = code
    },
    execute,
  })
  try {
    if (argv.length === 0) {
      program.outputHelp()
      return 0
    }
    await program.parseAsync(argv.map(spelled), { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitWrongInput
    return explain(error, io, wantsJson(argv))
  }
}

/** An option whose value is optional would take the word behind it, such as a playbook: `--diff=full` is an option of its own. */
function spelled(word: string): string {
  return word === '--diff=full' ? '--diff-full' : word
}

/** Whether a program reads the output: it gets every diagnostic, where a person gets the first of each kind. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, i) => word === '--output=json' || (word === '--output' && argv[i + 1] === 'json'),
  )
}
