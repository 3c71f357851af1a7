import type { Playbook, Play, Step, Task } from '../model/playbook.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'

type Sources = Playbook['sources']

/** The warnings that no comment silences: `# trueup: allow CODE`, on their line or alone on the one above. */
export function unsilenced(
  sources: Sources,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  const lines = linesOf(sources)
  return diagnostics.filter(({ code, at }) => !at || !isAllowed(lines, at, code))
}

/** The plays, with those tasks marked that may undo what an earlier one made true: they clean up, or a comment allows it. */
export function withAllowances(plays: readonly Play[], sources: Sources): readonly Play[] {
  const lines = linesOf(sources)
  const marked = (task: Task): Task => {
    const places = [task.at, ...Object.values(task.params?.fields ?? {}).map((tree) => tree.at)]
    return places.some((at) => isAllowed(lines, at, 'advice/contradiction'))
      ? { ...task, mayUndo: true }
      : task
  }
  const walk = (steps: readonly Step[], cleans: boolean): readonly Step[] =>
    steps.map((step) => {
      if (step.kind === 'task') return cleans ? { ...step, mayUndo: true } : marked(step)
      return {
        ...step,
        block: walk(step.block, cleans),
        rescue: walk(step.rescue, true),
        always: walk(step.always, true),
      }
    })
  return plays.map((play) => ({ ...play, tasks: walk(play.tasks, false) }))
}

type Lines = ReadonlyMap<string, readonly string[]>

function linesOf(sources: Sources): Lines {
  return new Map(sources.map((source) => [source.file, source.text.split(/\r?\n/)]))
}

function isAllowed(lines: Lines, at: Place, code: string): boolean {
  const text = lines.get(at.file)
  if (!text) return false
  const above = text[at.line - 2] ?? ''
  return (
    allows(text[at.line - 1] ?? '', code) ||
    (above.trimStart().startsWith('#') && allows(above, code))
  )
}

function allows(line: string, code: string): boolean {
  const words = /#\s*trueup:\s*allow\s+([\w/,\s-]+)/.exec(line)?.[1]
  return words?.split(/[,\s]+/).includes(code) ?? false
}
