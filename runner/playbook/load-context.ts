import type { Scope, Tree } from '../model/playbook.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import type { Value } from '../contract/value.ts'
import type { Names } from '../source/known-names.ts'
import type { LocatedScalar } from '../source/located.ts'

/** What one load carries from file to file: where mistakes are collected, and what is known from outside. */
export interface Loading {
  readonly types: ReadonlyMap<string, AnyResourceType>
  /** Names of the inventory's vars; null when they are not known. */
  readonly knownVars: ReadonlySet<string> | null
  readonly diagnostics: Diagnostic[]
  readonly sources: { readonly file: string; readonly text: string }[]
  /** Whether an input must have a value. Where a playbook is only checked, a missing one is not a mistake. */
  readonly asksInput: (name: string) => boolean
  readonly version: string
  readText(path: string): Promise<string>
  /** Learns of each text that is computed, and of the names that it may use. */
  readonly sees?: Sees | undefined
}

/** A text that is computed, and the place of each of its parts. */
export type ComputedText = Pick<LocatedScalar, 'text' | 'locate'>

/** What learns of the texts that are computed. */
export type Sees = (text: ComputedText, names: Names, language: 'template' | 'expression') => void

/** Collects a mistake, once: a file that is included twice has the same ones twice. */
export function report(loading: Loading, diagnostic: Diagnostic): void {
  const { code, message, at } = diagnostic
  const known = loading.diagnostics.some(
    (d) =>
      d.code === code &&
      d.message === message &&
      d.at?.file === at?.file &&
      d.at?.line === at?.line &&
      d.at?.column === at?.column,
  )
  if (!known) loading.diagnostics.push(diagnostic)
}

/** A tree that is one value. */
export function constant(value: Value, at: Place): Tree {
  return { kind: 'constant', value, at }
}

/** A scope without a prototype. */
export function scopeOf(values: Readonly<Record<string, unknown>>): Scope {
  return Object.assign(Object.create(null) as Record<string, unknown>, values)
}
