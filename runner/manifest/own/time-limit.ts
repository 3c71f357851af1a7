import { Script } from 'node:vm'
import { DiagnosticError, type Place } from '../../model/diagnostic.ts'
import type { AnyResourceType } from '../../contract/resource.ts'

/** Seconds that one call of a function of an own type may take. A type computes; what takes time is done on hosts. */
const callLimit = 5

const slot = Symbol.for('trueup.call')
const holder = globalThis as unknown as { [slot]?: () => void }
const script = new Script('globalThis[Symbol.for("trueup.call")]()')

/** Calls a function, and ends it where it does not return in time: V8 stops it, loops and patterns included. */
export function callWithin<T>(seconds: number, act: () => T): { readonly value: T } | null {
  const outer = holder[slot]
  let made: { readonly value: T } | null = null
  holder[slot] = () => {
    made = { value: act() }
  }
  try {
    script.runInThisContext({ timeout: seconds * 1000 })
    return made
  } catch (error) {
    // A type may throw anything, null too.
    if ((error as { readonly code?: string } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return null
    throw error
  } finally {
    if (outer) holder[slot] = outer
    else delete holder[slot]
  }
}

/** The type with a time limit on each of its functions: one that does not return fails its task, and no other host waits for it. */
export function withTimeLimit(
  type: AnyResourceType,
  at: Place,
  seconds: number = callLimit,
): AnyResourceType {
  const limited = (name: string, part: unknown): unknown => {
    if (typeof part !== 'function') return part
    return (...args: unknown[]): unknown => {
      const made = callWithin(seconds, () => (part as (...args: unknown[]) => unknown)(...args))
      if (made) return made.value
      throw new DiagnosticError({
        code: 'type/too-long',
        message: `'${name}' of the type ${type.name} did not return within ${seconds} s, so it was stopped`,
        at,
        hint: `look for a loop that does not end in ${at.file}`,
      })
    }
  }
  const inside = (name: string, part: object): object =>
    Object.fromEntries(
      Object.entries(part).map(([key, each]) => [key, limited(`${name}.${key}`, each)]),
    )
  return Object.fromEntries(
    Object.entries(type).map(([name, part]) => [
      name,
      (name === 'settle' || name === 'checks') && part
        ? inside(name, part as object)
        : limited(name, part),
    ]),
  ) as unknown as AnyResourceType
}
