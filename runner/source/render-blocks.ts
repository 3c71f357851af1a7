import type { Frame, Evaluate } from './template-paths.ts'
import type { TemplateOutput } from './template-output.ts'
import { isTruthy } from './text.ts'
import { type Place, DiagnosticError } from '../model/diagnostic.ts'
import { Secret } from '../contract/secret.ts'
import { keysOf, kindOf } from '../contract/value.ts'

/** Writes a part of a template into its output. */
export type Render = (frame: Frame, parts: TemplateOutput) => void

/** A compiled `each` or `with`. */
export interface InnerBlock {
  readonly value: Evaluate
  readonly otherwise: Render
  readonly blockNames: readonly string[]
}

/** Renders the body of `with` on its value. */
export function renderWith({ value, otherwise, blockNames }: InnerBlock, body: Render): Render {
  return (frame, parts) => {
    const found = value(frame)
    if (!isTruthy(found)) return otherwise(frame, parts)
    body(innerFrame(frame, found, frame.data, withLocals(frame, blockNames, [found])), parts)
  }
}

/** Renders the body of `each` on every entry of its value. */
export function renderEach(
  { value, otherwise, blockNames }: InnerBlock,
  body: Render,
  at: Place,
): Render {
  return (frame, parts) => {
    const entries = entriesOf(value(frame), at)
    if (entries.length === 0) return otherwise(frame, parts)
    for (const [index, [key, held]] of entries.entries()) {
      parts.step()
      const data = { index, key, first: index === 0, last: index === entries.length - 1 }
      const locals = withLocals(frame, blockNames, [held(), key])
      body(innerFrame(frame, held(), data, locals), parts)
    }
  }
}

function innerFrame(
  frame: Frame,
  self: unknown,
  data: Frame['data'],
  locals: Frame['locals'],
): Frame {
  return { scope: frame.scope, self: { value: self }, outer: frame, data, locals }
}

function withLocals(
  frame: Frame,
  names: readonly string[],
  values: readonly unknown[],
): ReadonlyMap<string, unknown> {
  if (names.length === 0) return frame.locals
  const locals = new Map(frame.locals)
  for (const [i, name] of names.entries()) locals.set(name, values[i])
  return locals
}

function entriesOf(
  value: unknown,
  at: Place,
): readonly (readonly [string | number, () => unknown])[] {
  if (Array.isArray(value)) return value.map((_, i) => [i, () => (value as unknown[])[i]])
  if (value === null || value === undefined) return []
  if (typeof value === 'object' && !(value instanceof Secret))
    return keysOf(value).map((key) => [key, () => (value as Record<string, unknown>)[key]])
  throw new DiagnosticError({
    code: 'template/not-a-list',
    message: `{{#each}} wants a list or a map, not ${kindOf(value)}`,
    at,
    hint: 'name a list or a map: {{#each NAME}}',
  })
}
