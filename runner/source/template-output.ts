import { DiagnosticError, type Place } from '../model/diagnostic.ts'
import type { Part } from './text.ts'

/** What one rendering may make and do; both are looked at while it works. */
export const templateLimits = { characters: 16 * 1024 * 1024, steps: 5_000_000 } as const

/** Collects what a template renders, and ends a rendering that becomes too large or takes too many steps. */
export class TemplateOutput {
  readonly parts: Part[] = []
  private characters = 0
  private steps = 0
  private readonly at: Place

  constructor(at: Place) {
    this.at = at
  }

  push(part: Part): void {
    this.parts.push(part)
    if (typeof part !== 'string') return
    this.characters += part.length
    if (this.characters > templateLimits.characters) throw tooLarge(this.at)
  }

  /** Counts one statement that is rendered: an item of a loop, a value, a text. */
  step(): void {
    if (++this.steps <= templateLimits.steps) return
    throw new DiagnosticError({
      code: 'template/too-much',
      message: `this template takes more than ${templateLimits.steps} steps, so it was stopped`,
      at: this.at,
      hint: 'loop over fewer items: nested {{#each}} multiply',
    })
  }
}

/** The error of a text that is larger than a template may render. */
export function tooLarge(at: Place): DiagnosticError {
  return new DiagnosticError({
    code: 'template/too-large',
    message: `this template renders more than ${templateLimits.characters / 1024 / 1024} MiB`,
    at,
    hint: 'use copy for large files',
  })
}
