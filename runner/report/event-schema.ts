import { verbs } from '../model/playbook.ts'
import type { Event } from '../model/event.ts'
import { outcomes, outcomeTable } from '../model/outcome.ts'
import { printedFormats } from '../text/formats.ts'

interface Field {
  readonly description: string
  readonly [keyword: string]: unknown
}
type Fields<E> = { readonly [K in keyof E as K extends 'type' ? never : K]-?: Field }

const text = (description: string): Field => ({ type: 'string', description })
const count = (description: string): Field => ({ type: 'integer', minimum: 0, description })
const number = (description: string): Field => ({ type: 'number', description })
const flag = (description: string): Field => ({ type: 'boolean', description })
const list = (items: object, description: string): Field => ({ type: 'array', items, description })
const texts = (description: string): Field => list({ type: 'string' }, description)
const ref = (name: string, description: string): Field => ({
  $ref: `#/definitions/${name}`,
  description,
})
const object = (
  properties: Readonly<Record<string, Field>>,
  optional: readonly string[] = [],
): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})

const at = number('When, in milliseconds since the epoch.')
const play = count('The play, counted from 0.')
const task = text("The task's id, as `play-started` lists it.")
const host = text('The host that the task is for.')
const outcome: Field = {
  enum: [...outcomes],
  description: outcomes.map((each) => `\`${each}\`: ${outcomeTable[each].means}`).join(' '),
}
const reason = text('Why: the condition that was false, "unknown until …", "waits for …".')
const mayDestroy = flag('A plan does not know what the task will do, and it may destroy something.')
const diff = ref('diff', 'What differed, field by field.')
const units: Field = {
  type: 'object',
  additionalProperties: { enum: printedFormats },
  description: 'What the numbers of a field count: bytes (`size`) or seconds (`duration`).',
}
const changes = list({ $ref: '#/definitions/change' }, 'What was done, or would be.')
const said = list({ $ref: '#/definitions/said' }, 'What its commands said, of long texts the end.')
const error = ref('diagnostic', "What went wrong, with the host's own words.")

/** What each kind of event says. The compiler holds it against the events: a field that is added there must be described here. */
export const eventFields: {
  readonly [T in Event['type']]: {
    readonly about: string
    readonly fields: Fields<Extract<Event, { type: T }>>
    readonly optional?: readonly string[]
  }
} = {
  'run-started': {
    about: 'The first event.',
    fields: {
      at,
      run: text("The run's name."),
      playbook: text("The playbook's title."),
      file: text("The playbook's file."),
      mode: { enum: ['run', 'plan'], description: 'Whether it changes anything.' },
      hosts: count('How many hosts its plays name.'),
      sources: list(
        { $ref: '#/definitions/source' },
        'The sources of the inventory that were asked: programs and services.',
      ),
    },
    optional: ['sources'],
  },
  'play-started': {
    about: 'A play begins; a rolling play begins once for each pass.',
    fields: {
      at,
      play,
      name: text('What the play makes true.'),
      hosts: texts('Its hosts.'),
      tasks: list({ $ref: '#/definitions/task' }, 'Its tasks and handlers, in order.'),
      pass: ref('pass', 'Of a rolling play: which pass of it this is.'),
    },
    optional: ['pass'],
  },
  'task-started': {
    about: 'A host is at a task.',
    fields: { at, play, task, host, doing: text("The task's sentence.") },
  },
  'task-progress': {
    about: 'How far a task is that takes its time.',
    fields: {
      at,
      play,
      task,
      host,
      text: text('How far it is, in words.'),
      queued: flag('The host waits for its turn, and does nothing yet.'),
    },
    optional: ['queued'],
  },
  outcome: {
    about: 'How a task ended on a host. A loop is one outcome with items.',
    fields: {
      at,
      play,
      task,
      host,
      outcome,
      reason,
      basis: {
        enum: ['known', 'as read now'],
        description: '`as read now`: read behind a pending change of this host.',
      },
      mayDestroy,
      diff,
      units,
      changes,
      error,
      shown: { description: 'The value that `print` shows.' },
      said,
      ignored: flag('The playbook ignores its failure.'),
      rescued: flag('It failed in a block whose `rescue` follows: the host goes on.'),
      items: list({ $ref: '#/definitions/item' }, "The outcomes of a loop's items."),
      seconds: number('How long it took, without the time in the queue.'),
      queued: number(
        'Seconds for which the host waited for its turn: for one of the places that `--forks` gives, or for a connection that another host used.',
      ),
    },
    optional: [
      'reason',
      'mayDestroy',
      'diff',
      'units',
      'changes',
      'error',
      'shown',
      'said',
      'ignored',
      'rescued',
      'items',
      'queued',
    ],
  },
  exchange: {
    about: 'One exchange with a host or a service: what it carried, and what it cost.',
    fields: {
      at,
      play,
      connection: text('The connection.'),
      user: text('The user on it.'),
      probes: count('Probes asked.'),
      actions: count('Actions done.'),
      scripts: count('Scripts run: round trips.'),
      requests: count('HTTP requests.'),
      bytesSent: count('Bytes sent.'),
      bytesReceived: count('Bytes received.'),
      seconds: number('How long it took.'),
      connecting: number('Seconds of it until the connection stood.'),
    },
    optional: ['connecting'],
  },
  warning: {
    about: 'Something an operator should know.',
    fields: { at, diagnostic: ref('diagnostic', 'What it is.') },
  },
  'play-ended': { about: 'A play, or a pass of it, is over.', fields: { at, play } },
  'run-ended': {
    about: 'The last event.',
    fields: {
      at,
      seconds: number('How long it took.'),
      totals: {
        ...object(
          Object.fromEntries(
            outcomes.map((name) => [
              name,
              count(`Tasks that are \`${name}\`, counted for each host.`),
            ]),
          ),
        ),
        description: 'How many tasks came to each outcome.',
      },
      failedHosts: texts('Hosts on which a task failed.'),
      unreachableHosts: texts('Hosts that could not be reached.'),
      changedHosts: texts('Hosts on which something changed, or would.'),
      cutShortHosts: texts(
        'Hosts that began and did not come to the end of their plays, because the run ended early.',
      ),
      notBegun: count('Hosts for which no task has ended.'),
      exit: { enum: [0, 1, 2, 130], description: 'The exit code.' },
      interrupted: flag('Whether it was ended early.'),
    },
  },
}

const definitions = {
  task: object({
    id: text('Its name in this run.'),
    verb: { enum: [...verbs], description: 'Its verb.' },
    sentence: text('What it says.'),
    type: { type: ['string', 'null'], description: 'Its resource type.' },
    at: text('Where it stands: `file:line:column`.'),
    handler: flag('Whether it is a handler.'),
  }),
  pass: object(
    {
      number: count('Which pass, from 1.'),
      of: count('How many passes there are.'),
      place: text('Where its hosts lie, where `serial` goes by that: `chassis x1000c1`.'),
      done: count('Hosts of the play whose passes are over.'),
      hosts: count('All hosts of the play.'),
    },
    ['place'],
  ),
  source: object({
    file: text('The file that names it, or the program.'),
    at: number('When it was asked, in milliseconds since the epoch.'),
    cached: flag('Whether an earlier command asked it.'),
  }),
  change: object({
    title: text('What it does.'),
    effect: {
      enum: ['destroys', 'replaces', 'none'],
      description:
        '`destroys`: data or running work is lost. `replaces`: what is there leaves its place or use.',
    },
    actions: texts('Each action, without secrets.'),
  }),
  diff: {
    type: 'object',
    additionalProperties: object({
      from: { description: 'What is, or was.' },
      to: { description: 'What is wanted: a value, or a matcher such as `{"at_least": 5}`.' },
    }),
  },
  diagnostic: object(
    {
      code: text('`area/what`, listed in docs/errors.md.'),
      message: text('What was found and what was expected.'),
      at: ref('place', 'Where.'),
      hint: text('What to type next.'),
      look: text('What the playbook says to look at when it fails.'),
      host: text('On which host.'),
      severity: { enum: ['error', 'warning'], description: '`error` when it is not said.' },
    },
    ['at', 'hint', 'look', 'host', 'severity'],
  ),
  place: object(
    {
      file: text('The file.'),
      line: count('The line, from 1.'),
      column: count('The column, from 1.'),
      width: count('Columns to underline.'),
      source: text('The line itself.'),
    },
    ['width', 'source'],
  ),
  said: object(
    {
      of: text('The command, or the request.'),
      stdout: text('Its output, or the body of the answer.'),
      stderr: text('Its error output.'),
    },
    ['stdout', 'stderr'],
  ),
  item: object(
    {
      item: { description: 'The item.' },
      label: text('How the playbook names it.'),
      outcome,
      reason,
      mayDestroy,
      diff,
      units,
      changes,
      said,
      error,
    },
    ['label', 'reason', 'mayDestroy', 'diff', 'units', 'changes', 'said', 'error'],
  ),
}

/** The JSON Schema of one line of `--output json`. */
export function eventSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'One line of trueup --output json',
    description: 'A secret shows as "(secret name)".',
    oneOf: Object.entries(eventFields).map(([type, { about, fields, optional }]) => ({
      description: about,
      ...object({ type: { const: type, description: about }, ...fields }, optional),
    })),
    definitions,
  }
}
