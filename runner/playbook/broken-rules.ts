import { notKnown, ruleFaults, type RuleFault } from '../contract/param-rules.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import { DiagnosticError, type Diagnostic, type Place } from '../model/diagnostic.ts'
import type { Verb } from '../model/playbook.ts'
import { unknownValue } from '../schema/written.ts'

const codeOf = { idle: 'param/idle', missing: 'param/missing', wrong: 'param/value' } as const

/** A task whose params are looked at together: what is written where. */
export interface RuledTask {
  readonly type: AnyResourceType
  readonly verb: Verb
  /** Where the map of params stands, and each param that is given. */
  readonly at: Place
  readonly places: ReadonlyMap<string, Place>
  readonly defaults: Readonly<Record<string, unknown>>
}

/** The rules of the type that are broken, as far as the values are known; `unknownValue` stands for what is not. */
export function brokenRules(
  task: RuledTask,
  values: ReadonlyMap<string, unknown>,
): readonly Diagnostic[] {
  const { type, verb, places, defaults } = task
  const value = (name: string): unknown => {
    if (!places.has(name)) return defaults[name]
    const known = values.has(name) ? values.get(name) : unknownValue
    return known === unknownValue ? notKnown : known
  }
  return [
    ...onlyComparedIn(task),
    ...diagnosticsOf(
      task,
      ruleFaults(type, { given: (name) => places.has(name), value }, verb !== 'read'),
    ),
  ]
}

/** What a type compares and never makes true has no place under `ensure`. */
function onlyComparedIn({ type, verb, places }: RuledTask): readonly Diagnostic[] {
  if (verb !== 'ensure') return []
  return [...places].flatMap(([name, at]) =>
    type.params.properties[name]?.onlyCompared
      ? [
          {
            code: 'param/idle' as const,
            message: `${type.name}.${name} is compared, and never made true`,
            at,
            hint: `write it under \`require:\` or \`wait:\`, in a task of its own`,
          },
        ]
      : [],
  )
}

/** Checks rendered params: touching one that waits for a reading throws, as everywhere. */
export function checkRendered(task: RuledTask, params: Readonly<Record<string, unknown>>): void {
  const given = (name: string): boolean => task.places.has(name)
  const faults = ruleFaults(task.type, { given, value: (name) => params[name] }, true)
  if (faults.length > 0) throw new DiagnosticError([...diagnosticsOf(task, faults)])
}

function diagnosticsOf(task: RuledTask, faults: readonly RuleFault[]): readonly Diagnostic[] {
  return faults.map(({ param, kind, message, hint }) => ({
    code: codeOf[kind],
    message,
    at: task.places.get(param) ?? task.at,
    hint,
  }))
}
