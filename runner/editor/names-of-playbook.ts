import { dirname, resolve } from 'node:path'
import type { Place } from '../model/diagnostic.ts'
import { cursorMark, type Cursor } from '../source/cursor.ts'
import { placesOfName } from '../source/name-places.ts'
import { declarationsIn, type Declarations, type Named } from './declarations.ts'
import type { OpenPlaybook, SeenText } from './open-playbook.ts'

/** What all files of a playbook declare. */
export function declaredIn({ files }: Pick<OpenPlaybook, 'files'>): Declarations {
  const all = [...files]
    .filter(([file]) => /\.ya?ml$/.test(file))
    .map(([file, text]) => declarationsIn(file, text))
  return {
    registers: all.flatMap(({ registers }) => registers),
    handlers: all.flatMap(({ handlers }) => handlers),
    inputs: all.flatMap(({ inputs }) => inputs),
    tags: new Set(all.flatMap(({ tags }) => [...tags])),
  }
}

/** Where what is named at the cursor is declared: an included file, a handler, a register, an input. */
export function definitionsAt(
  cursor: Cursor,
  file: string,
  { seen }: Pick<OpenPlaybook, 'seen'>,
  declared: Declarations,
): readonly Place[] {
  if (cursor.part === 'value') {
    const key = cursor.path.findLast((step) => typeof step === 'string')
    const whole = cursor.scalar.replace(cursorMark, () => cursor.word)
    if (key === 'include') return [{ file: resolve(dirname(file), whole), line: 1, column: 1 }]
    if (key === 'notify') return placesOf(declared.handlers, whole)
    if (key === 'register') return placesOf(declared.registers, whole)
  }
  const isComputed = seen.some(({ computed }) => computed.text.includes(cursorMark))
  if (!isComputed) return []
  const root = cursor.word.split('.')[0]!
  return [...placesOf(declared.registers, root), ...placesOf(declared.inputs, root)]
}

function placesOf(list: readonly Named[], name: string): readonly Place[] {
  return list.filter((each) => each.name === name).map(({ at }) => at)
}

/** The register that is named at the cursor, where it is registered or where it is read; null where none is. */
export function registerAt(
  cursor: Cursor,
  seen: readonly SeenText[],
  { registers }: Declarations,
): string | null {
  const isDeclared = cursor.part === 'value' && cursor.path.at(-1) === 'register'
  const isRead = seen.some(({ computed }) => computed.text.includes(cursorMark))
  const name = isDeclared ? cursor.word : isRead ? cursor.word.split('.')[0]! : ''
  return registers.some((each) => each.name === name) ? name : null
}

/** Each place where a register is registered or read, in all files of the playbook. */
export function placesOfRegister(
  name: string,
  { seen }: Pick<OpenPlaybook, 'seen'>,
  { registers }: Declarations,
): readonly Place[] {
  const places = [
    ...placesOf(registers, name).map((at) => ({ ...at, width: name.length })),
    ...seen.flatMap(({ computed, language }) =>
      placesOfName(computed.text, name, language).map((at) => computed.locate(at, name.length)),
    ),
  ]
  const keys = new Set<string>()
  return places.filter(({ file, line, column }) => {
    const key = `${file}:${line}:${column}`
    return !keys.has(key) && keys.add(key)
  })
}

/** Why a register cannot be called so; null where it can. */
export function renameFault(
  name: string,
  { diagnostics, seen }: Pick<OpenPlaybook, 'diagnostics' | 'seen'>,
): string | null {
  if (!/^[A-Za-z_]\w*$/.test(name))
    return `'${name}' is not a name: begin with a letter, go on with letters, digits and _`
  if (diagnostics.some(({ severity }) => severity !== 'warning'))
    return 'the playbook has mistakes, so not every place that reads it is known: correct them first'
  if (seen.some(({ names }) => names.known.has(name)))
    return `the playbook has another '${name}' already`
  return null
}
