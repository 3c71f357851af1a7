/** The forms of output that `--output` takes. `auto` is a screen on a terminal, and plain lines elsewhere. */
export const outputForms = ['auto', 'plain', 'json'] as const
export type OutputForm = (typeof outputForms)[number]

/** Whether a word is a form of output. */
export function isOutputForm(word: string): word is OutputForm {
  return (outputForms as readonly string[]).includes(word)
}

/** How a run ended, in one word. */
export const runOutcomes = [
  'failed',
  'interrupted',
  'pending',
  'changed',
  'true',
  'running',
  'killed',
] as const
export type RunOutcome = (typeof runOutcomes)[number]
