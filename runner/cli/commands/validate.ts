import type { Diagnostic } from '../../model/diagnostic.ts'
import { tasksOf } from '../../model/playbook.ts'
import { checkBook, checkHosts, givenInventory, settle, withThisMachine } from '../load.ts'
import { adviceOn } from '../../playbook/advice.ts'
import { readInputs } from '../inputs.ts'
import type { RunFlags } from '../flags.ts'
import type { Io } from '../io.ts'

/** `trueup validate BOOK…`: checks books, and an inventory where there is one. Without `-e`, inputs need no values. */
export async function validateCommand(
  io: Io,
  books: readonly string[],
  flags: Pick<RunFlags, 'inventory' | 'extraVars' | 'refreshInventory' | 'cachedInventory'>,
): Promise<number> {
  const given = await givenInventory(io, flags.inventory, flags)
  const inputs = readInputs(flags.extraVars ?? [])
  const diagnostics: Diagnostic[] = [...given.diagnostics, ...inputs.diagnostics]
  const inventory = given.isGiven && given.inventory ? withThisMachine(given.inventory) : null
  const lines: string[] = []
  for (const path of books) {
    const { book, diagnostics: found } = await checkBook(path, inputs.values, inventory)
    // A book that lacks nothing but the values of its inputs is a right one.
    const mistakes = found.filter((each) => each.code !== 'input/missing')
    diagnostics.push(...mistakes)
    if (!book) {
      if (mistakes.length === 0)
        lines.push(
          `${path}: no mistakes found; to run it, give it ${found.map((each) => each.hint?.replace('give it: ', '') ?? each.message).join(' ')}`,
        )
      continue
    }
    diagnostics.push(...(inventory ? checkHosts(book, inventory) : []), ...adviceOn(book))
    const tasks = book.plays.reduce(
      (count, play) => count + [...tasksOf(play.tasks)].length + play.handlers.length,
      0,
    )
    lines.push(
      `${path}: ${book.plays.length} play${book.plays.length === 1 ? '' : 's'}, ${tasks} task${tasks === 1 ? '' : 's'}, no mistakes found`,
    )
  }
  settle(io, diagnostics)
  for (const line of lines) io.stdout.write(`${line}\n`)
  return 0
}
