import { join, resolve } from 'node:path'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { markdownLines } from '../../report/markdown-on-terminal.ts'
import { createPaint, hang } from '../../report/screen-text.ts'
import { typeHint } from '../../playbook/type-hint.ts'
import { takenNames } from '../../wiring/known-types.ts'
import { hasColor, widthOf, type Io } from '../../wiring/io.ts'
import { typeFilesOf } from '../../wiring/load-all.ts'
import { settle } from '../../wiring/throw-on-errors.ts'
import { trustOf } from '../../wiring/trust-of-user.ts'
import { manualOf } from '../../manual/type-manual.ts'
import { chooseTypes, typeFilesBeside } from '../../manifest/own/type-files.ts'
import { gatherTypes } from '../../manifest/own/load-types.ts'
import { readmeOf, readmeOfOwn } from '../../manual/readme.ts'

/** `trueup types [NAME] [-b PLAYBOOK]`: all types with their summaries, or the manual of one; those beside a playbook, or in this folder, among them. */
export async function typesCommand(
  io: Io,
  name: string | undefined,
  flags: { readonly playbook?: string; readonly types?: readonly string[] },
): Promise<number> {
  const { playbook } = flags
  const beside = playbook === undefined ? join(io.cwd, 'playbook.yaml') : resolve(io.cwd, playbook)
  const files = [...typeFilesBeside(beside), ...typeFilesOf(io, flags.types ?? [])]
  // To show the manual of one type, no other is loaded.
  const wanted = name === undefined ? null : new Set([name])
  const { types, own, diagnostics } = await gatherTypes(
    chooseTypes(files, wanted, trustOf(io)),
    takenNames,
  )
  // A manual of built-in types does not fail for a file that happens to lie in this folder.
  settle(
    io,
    playbook === undefined
      ? diagnostics.map((each) => ({ ...each, severity: 'warning' as const }))
      : diagnostics,
  )
  const width = Math.min(120, widthOf(io.stdout, io.env))
  const paint = createPaint(hasColor(io.stdout, io.env))
  if (name === undefined) {
    const longest = Math.max(...[...types.keys()].map((each) => each.length))
    const lines = [...types.values()].flatMap((type) =>
      hang(type.name.padEnd(longest + 2), type.summary, width),
    )
    io.stdout.write(
      `${lines.join('\n')}\n\ntrueup types NAME shows the manual of one; with -b PLAYBOOK also of the types beside a playbook\n`,
    )
    return 0
  }
  const type = types.get(name)
  if (!type)
    throw new DiagnosticError({
      code: 'cli/unknown-type',
      message: `no resource type is called '${name}'`,
      hint: typeHint(name, types),
    })
  const file = own.find((each) => each.type === type)?.file
  const readme = file === undefined ? readmeOf(type.name) : readmeOfOwn(file)
  io.stdout.write(`${markdownLines(manualOf(type, readme), width, paint).join('\n')}\n`)
  return 0
}
