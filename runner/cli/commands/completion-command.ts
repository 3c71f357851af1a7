import { candidatesFrom } from '../../completion/candidates.ts'
import { complete } from '../../completion/complete.ts'
import { completionScripts, type Shell } from '../../completion/shell-scripts.ts'
import type { Command } from 'commander'
import type { Io } from '../../wiring/io.ts'

/** `trueup completion SHELL`: the script that asks trueup for candidates at each TAB. */
export function completionCommand(io: Io, shell: Shell): number {
  io.stdout.write(completionScripts[shell])
  return 0
}

/** `trueup complete -- WORDS`: candidates for the last word, a line each: `word TAB meaning`; `:files` and `:folders` ask the shell for its own. */
export async function completeCommand(
  io: Io,
  program: Command,
  words: readonly string[],
): Promise<number> {
  const current = words.at(-1) ?? ''
  const found = await complete(program, words.slice(0, -1), current, candidatesFrom(io))
  const lines = found.words
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, about }) => (about ? `${word}\t${oneLine(about)}` : word))
  if (found.files !== 'none') lines.push(`:${found.files}`)
  io.stdout.write(lines.map((line) => `${line}\n`).join(''))
  return 0
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 100)
}
