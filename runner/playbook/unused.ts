import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { tasksOf, type Playbook, type Task } from '../model/playbook.ts'

/** What a playbook declares and nothing uses: registers, inputs and handlers. */
export function unusedIn(playbook: Playbook): readonly Diagnostic[] {
  const read = namesRead(playbook.plays)
  const plays = playbook.plays.flatMap(({ tasks, handlers }) => {
    const all = [...tasksOf(tasks), ...handlers]
    const notified = new Set(all.flatMap(({ notify }) => notify))
    return [
      // What an included file registers is for each playbook that includes it.
      ...all
        .filter(({ at }) => at.file === playbook.file)
        .filter(({ register }) => register !== undefined && !read.has(register))
        .map(unread),
      ...handlers.filter(({ sentence }) => !notified.has(sentence)).map(unnotified),
    ]
  })
  const inputs = Object.keys(playbook.inputs).filter(
    (name) => !read.has(name) && !isNamedAgain(playbook, name),
  )
  return [...plays, ...inputs.map((name) => unusedInput(playbook, name))]
}

/** The names that expressions and templates read, anywhere in these parts. A type is not a part of a playbook. */
function namesRead(parts: unknown): ReadonlySet<string> {
  const names = new Set<string>()
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    if (Array.isArray(part)) return part.forEach(walk)
    for (const key of Object.keys(part)) {
      if (key === 'type' || key === 'at') continue
      const value = (part as Record<string, unknown>)[key]
      if (key === 'paths' && Array.isArray(value))
        for (const [root] of value as readonly (readonly string[])[]) if (root) names.add(root)
      walk(value)
    }
  }
  walk(parts)
  return names
}

/** Whether the text of a playbook names an input beside its declaration: the params of an include are gone once it is loaded. */
function isNamedAgain({ sources }: Playbook, name: string): boolean {
  const words = sources.flatMap(({ text }) => text.split(/\W+/))
  return words.filter((word) => word === name).length > 1
}

function unread({ register, at }: Task): Diagnostic {
  return {
    code: 'advice/unused-register',
    severity: 'warning',
    message: `nothing reads the register ${register!}`,
    at,
    hint: `remove \`register: ${register!}\`, or correct the name where it is meant`,
    fix: { removeKey: 'register' },
  }
}

function unnotified({ sentence, at }: Task): Diagnostic {
  return {
    code: 'advice/unused-handler',
    severity: 'warning',
    message: `no task notifies the handler "${sentence}", so it never runs`,
    at,
    hint: `add \`notify: ${sentence}\` to the task that it follows, or remove it`,
  }
}

function unusedInput(playbook: Playbook, name: string): Diagnostic {
  const at = placeOfInput(playbook, name)
  return {
    code: 'advice/unused-input',
    severity: 'warning',
    message: `nothing reads the input ${name}`,
    ...(at ? { at } : {}),
    hint: `remove it, or correct the name where it is meant: {{ ${name} }}`,
  }
}

/** Where an input is declared: the line below `inputs:` that begins with its name. */
function placeOfInput({ file, sources }: Playbook, name: string): Place | undefined {
  const lines = sources.find((each) => each.file === file)?.text.split('\n') ?? []
  const start = lines.findIndex((line) => line.startsWith('inputs:'))
  if (start < 0) return undefined
  const below = lines.findIndex((line, at) => at > start && line.trimStart().startsWith(`${name}:`))
  const line = below < 0 ? start : below
  const source = lines[line]!
  return { file, line: line + 1, column: source.length - source.trimStart().length + 1, source }
}
