type Json = { readonly [key: string]: unknown }

const text = (description: string): Json => ({ type: 'string', description })
const answers = (description: string): Json => ({
  type: 'object',
  description,
  additionalProperties: { type: 'object' },
})

/** The JSON Schema of `cases.yaml`: what is checked before a case is tried, and what editors complete by. */
export const casesSchema: Json = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'trueup cases of a resource type',
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: text('What the case shows.'),
      params: {
        type: 'object',
        description: 'The params, as a playbook writes them; a secret is { secret: text }.',
      },
      reads: answers('The answer of each probe by its name; `failed: denied` is a failed read.'),
      state: { type: 'object', description: 'Some fields of the state that was observed.' },
      diff: {
        type: 'object',
        description: 'The fields that differ, each [from, to]; {} says that nothing does.',
        additionalProperties: { type: 'array', minItems: 2, maxItems: 2 },
      },
      changes: {
        type: 'array',
        items: { type: 'string' },
        description: 'The titles of the changes.',
      },
      does: {
        type: 'array',
        items: { type: ['array', 'object'] },
        description: 'The actions: a list is an argv, a map holds some keys of an action.',
      },
      refuses: text('Words of the refusal.'),
      awaits: text('Words of what is waited for.'),
      mistake: text('Words of what is refused when a playbook is loaded: nothing is read.'),
      fails: text('Code of the error that it ends with: read/denied.'),
      then: answers('Answers after the change; those left out stay as they were.'),
      outputs: answers('Outputs of named actions.'),
      progress: text("What the task's line says while it settles."),
      call: { type: ['array', 'object'], description: 'The call that `run` makes.' },
      answer: { type: 'object', description: 'What the call answers.' },
    },
  },
}
