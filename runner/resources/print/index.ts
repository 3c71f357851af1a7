import { defineResource } from '../../contract/resource.ts'

/** Shows a value. */
export const print = defineResource({
  name: 'print',
  summary: 'Shows a value.',
  source: "Ansible's debug",
  params: {
    type: 'object',
    required: ['value'],
    properties: {
      value: {
        type: 'any',
        identity: true,
        description: 'What is shown: a text, a number, a list or a map.',
        examples: ['{{ facts.kernel }}'],
      },
    },
  },
  state: { value: { type: 'any', description: 'The value.' } },
  shows: 'value',
  probe: () => ({}),
  observe: (_, { value }) => ({ value }),
})
