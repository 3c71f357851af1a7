import { formatNames } from '../text/formats.ts'

type Json = { readonly [key: string]: unknown }

const text = (description: string): Json => ({ type: 'string', description })
const flag = (description: string): Json => ({ type: 'boolean', description })
const texts = (description: string): Json => ({
  type: 'object',
  description,
  additionalProperties: {},
})
const object = (description: string, properties: Json, required: readonly string[] = []): Json => ({
  type: 'object',
  description,
  additionalProperties: false,
  properties,
  ...(required.length > 0 ? { required } : {}),
})
const condition = (description: string): Json => ({
  type: 'object',
  description,
  additionalProperties: { type: 'array', minItems: 1 },
})
const numbers = { description: 'A list of numbers, or `any`.' }

const paramKeys: Json = {
  type: {
    enum: ['string', 'integer', 'number', 'boolean', 'array', 'object', 'any'],
    description: 'What kind of value it is.',
  },
  description: text('What it is, in one sentence.'),
  enum: { type: 'array', minItems: 1, description: 'The values that it takes.' },
  format: {
    enum: formatNames.filter((name) => name !== 'host-folder'),
    description:
      'How its text is read: `50G` becomes bytes, `30m` seconds; `line` refuses a line end, `pattern` what is not a regular expression.',
  },
  pattern: text('A regular expression that it matches.'),
  xnames: {
    type: 'array',
    items: { type: 'string' },
    description: '`xname`: the kinds of components that it takes; nodes when left out.',
  },
  minimum: { type: 'number', description: 'The smallest number.' },
  maximum: { type: 'number', description: 'The largest number.' },
  hint: text('What to type where a value does not fit.'),
  orInteger: flag('A text that may be written as an integer.'),
  minLength: { type: 'integer', minimum: 0, description: 'The fewest characters.' },
  maxLength: { type: 'integer', minimum: 0, description: 'The most characters.' },
  minItems: { type: 'integer', minimum: 0, description: 'The fewest items of a list.' },
  items: { $ref: '#/definitions/inner', description: 'What each item of a list is.' },
  additionalProperties: {
    $ref: '#/definitions/inner',
    description: 'What each value of a map is.',
  },
  keyPattern: text('The form of the keys of a map.'),
  properties: {
    type: 'object',
    additionalProperties: { $ref: '#/definitions/inner' },
    description: 'The fields of a map.',
  },
  required: {
    type: 'array',
    items: { type: 'string' },
    description: 'The fields of a map that must be given.',
  },
}
const ofParams: Json = {
  default: { description: 'Its value where it is not given.' },
  identity: flag('It says which thing is meant, and is enough for `read`.'),
  secret: flag('It is a secret: never shown, never in an argv.'),
  orSecret: flag('It may be a secret as well.'),
  matcher: flag('It may be written as a matcher: `{ at_least: 3 }`.'),
  orOne: flag('A list that may be written as its one item.'),
  examples: { type: 'array', description: 'Examples for the manual.' },
  onlyWith: condition(
    'It means something only beside these values of other params; else it is refused.',
  ),
  onlyCompared: flag('It is compared and never made true: `ensure` refuses it.'),
  neededWith: condition('It must be given beside these values of other params.'),
  risk: object(
    '`trueup validate` warns of these values, or, without `values`, where it is left out.',
    {
      values: { type: 'array', minItems: 1, description: 'The risky values.' },
      why: text('What can happen.'),
      hint: text('What to write in place of it.'),
    },
    ['why', 'hint'],
  ),
}
const probeKeys: Json = {
  read: { enum: ['stat', 'text', 'sha256', 'exec', 'http'], description: 'How it is read.' },
  when: text('An expression: it is asked only where this holds.'),
  path: text('`stat`, `text`, `sha256`: a file. `http`: a path of the service, or a whole URL.'),
  follow: flag('`stat`: looks at what a link points to.'),
  cap: { type: 'integer', minimum: 1, description: 'Bytes past which it is a failed read.' },
  argv: { description: '`exec`: the command and its arguments. Each item stays one argument.' },
  exits: {
    ...numbers,
    description: '`exec`: the exits that are answers ([0] when left out), or `any`.',
  },
  stdin: text('`exec`: what the command gets on its standard input.'),
  chdir: text('`exec`: the folder that it runs in.'),
  environment: texts('`exec`: variables of its environment.'),
  service: text('`http`: a service of the inventory.'),
  method: {
    enum: ['GET', 'POST'],
    description: '`http`: POST only where the service documents it as a query.',
  },
  headers: texts('`http`: headers.'),
  body: { description: '`http`: the body of a query.' },
  statuses: {
    ...numbers,
    description: '`http`: the statuses that are answers ([200] when left out), or `any`.',
  },
  pages: object(
    '`http`: where further pages are.',
    {
      list: text('The field that holds the list.'),
      next: text("The field that holds the next page's query."),
    },
    ['list', 'next'],
  ),
  ahead: { enum: [false], description: '`false`: asked only when its task has its turn.' },
  secret: text('The answer is a secret with this name.'),
  timeout: {
    type: ['number', 'string'],
    exclusiveMinimum: 0,
    description:
      'After this time it is a failed read: 10s, 5m, or a number of seconds; 30s when left out.',
  },
}
const observeKeys: Json = {
  from: text('The name of a probe.'),
  json: text('A JSON pointer into the answer: /items/0/name.'),
  regexp: text('The first match in the text; its first group where it has one.'),
  group: { type: ['integer', 'string'], description: 'The group of `regexp` that is meant.' },
  lines: {
    type: ['boolean', 'string'],
    description:
      '`true`: all lines that are not empty, as a list. A regular expression: what it finds in each line.',
  },
  field: text('One part of the answer: mode, owner, size, stderr …'),
  exists: { enum: [true], description: 'Whether the path is there.' },
  exit: { description: '`true`: the exit. A map: what each exit means.' },
  status: { description: '`true`: the status. A map: what each status means.' },
  trim: flag('`false`: blanks and line ends around a text are kept.'),
  values: { type: 'object', description: 'What each text that was found means.' },
  otherwise: { description: 'The value where nothing is found. Left out: that is a failed read.' },
}
const attributes: Json = {
  owner: text('Owner.'),
  group: text('Group.'),
  mode: text('Mode, in quotes: "0644".'),
}
const actionKeys: Json = {
  argv: { description: 'A command and its arguments. Each item stays one argument.' },
  stdin: text('What the command gets on its standard input; a secret may go here.'),
  chdir: text('The folder that the command runs in.'),
  environment: texts('Variables of its environment.'),
  exits: { ...numbers, description: 'Exits that are not failures ([0] when left out).' },
  write: object(
    'Writes a file in one step.',
    {
      path: text('The file.'),
      content: text('Its content, at most 64 KiB; a secret may go here.'),
      ...attributes,
      backup: text('Keep the old file beside it under this name.'),
    },
    ['path', 'content'],
  ),
  upload: object(
    'Sends a local file.',
    {
      path: text('The file on the host.'),
      source: text('One param whose format is `local-file`: "{{ src }}".'),
      ...attributes,
      backup: text('Keep the old file beside it under this name.'),
    },
    ['path', 'source'],
  ),
  remove: object(
    'Removes a file, a link or an empty folder.',
    { path: text('What is removed.'), recursive: flag('A folder with all in it.') },
    ['path'],
  ),
  http: object(
    'A request that writes.',
    {
      service: text('A service of the inventory.'),
      method: { enum: ['POST', 'PUT', 'PATCH', 'DELETE'], description: 'Its method.' },
      path: text('A path of the service.'),
      headers: texts('Headers.'),
      body: { description: 'Its body; a secret may stand in it.' },
      statuses: { ...numbers, description: 'Statuses that are not failures, or `any`.' },
    },
    ['method', 'path', 'statuses'],
  ),
  await: text('Only time repairs this: what is waited for. The type needs `settle`.'),
  refuse: object(
    'This is not repaired.',
    { because: text('Why not.'), instead: text('What to do instead.') },
    ['because', 'instead'],
  ),
  loop: {
    description: 'A list: the action is done for each `item`, in this order.',
  },
  name: text('Its output is known to probes and observe under this name when it is read back.'),
  secret: text('Its output is a secret with this name.'),
  timeout: {
    type: ['number', 'string'],
    exclusiveMinimum: 0,
    description: 'How long it may take: 10m, or a number of seconds; 600 when left out.',
  },
}

/** The JSON Schema of `*.resource.yaml`: what the compiler checks first, and what editors complete by. */
export const manifestSchema: Json = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'trueup resource type',
  type: 'object',
  additionalProperties: false,
  required: ['type', 'summary', 'params', 'state', 'probe', 'observe'],
  properties: {
    type: text('Its name as playbooks write it: `site.motd`.'),
    summary: text('What it makes true, in one sentence with a full stop.'),
    source: text('The page or manual that it follows.'),
    shows: text('The field of the state that a report shows as text.'),
    events: {
      type: 'array',
      items: { type: 'string' },
      description: 'Values of the param `state` that are events, allowed in handlers only.',
    },
    params: object(
      'What a task may write.',
      {
        type: { enum: ['object'], description: 'May be left out.' },
        additionalProperties: {
          enum: [false],
          description: 'May be left out: a type takes only these params.',
        },
        properties: {
          type: 'object',
          description: 'The params by name.',
          additionalProperties: { $ref: '#/definitions/param' },
        },
        required: {
          type: 'array',
          items: { type: 'string' },
          description: 'Params that must be given.',
        },
        exactlyOne: {
          type: 'array',
          items: { type: 'array', items: { type: 'string' } },
          description: 'Params of which exactly one must be given.',
        },
        atMostOne: {
          type: 'array',
          items: { type: 'array', items: { type: 'string' } },
          description: 'Params of which at most one may be given.',
        },
        needs: {
          type: 'object',
          additionalProperties: { type: 'array', items: { type: 'string' } },
          description: 'Params that need others beside them.',
        },
      },
      ['properties'],
    ),
    state: {
      type: 'object',
      minProperties: 1,
      description: 'The fields of its state.',
      additionalProperties: { $ref: '#/definitions/field' },
    },
    probe: {
      type: 'object',
      minProperties: 1,
      description: 'What is read, by name.',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['read'],
        properties: probeKeys,
      },
    },
    observe: {
      type: 'object',
      description: 'What the readings mean: a value for each field of the state.',
    },
    desire: {
      type: ['object', 'array'],
      description:
        'The wanted fields; or a list of `when` and `want`, of which all that hold count.',
    },
    change: {
      type: 'array',
      minItems: 1,
      description: 'How the fields are repaired, in order.',
      items: object(
        'One change.',
        {
          on: {
            type: ['string', 'array'],
            description: 'The field or fields whose difference asks for it.',
          },
          repairs: {
            type: ['string', 'array'],
            description: 'The fields that it repairs; those of `on` when left out.',
          },
          when: text(
            'An expression over diff, params and current: it is made only where this holds.',
          ),
          title: text('What it does, in the imperative.'),
          effect: {
            enum: ['destroys', 'replaces'],
            description:
              '`destroys`: data or running work is lost. `replaces`: what is there leaves its place or use. Both need `guard`.',
          },
          guard: {
            type: ['string', 'array'],
            description: 'Probes that are repeated and compared before it acts.',
          },
          kind: {
            enum: ['boot'],
            description: '`boot`: the host boots, and nothing is as it was read.',
          },
          actions: {
            type: 'array',
            minItems: 1,
            description: 'Several actions, in order.',
            items: object('One action.', actionKeys),
          },
          ...actionKeys,
        },
        ['on'],
      ),
    },
    settle: object(
      'Read back until nothing differs.',
      {
        for: text('How long: 30m.'),
        every: text('How often: 10s.'),
        progress: text('How far it is: "{{ current.status }}".'),
      },
      ['for', 'every'],
    ),
  },
  definitions: {
    inner: {
      type: 'object',
      additionalProperties: false,
      required: ['type'],
      properties: paramKeys,
    },
    param: {
      type: 'object',
      additionalProperties: false,
      required: ['type', 'description'],
      properties: { ...paramKeys, ...ofParams },
    },
    field: {
      type: 'object',
      additionalProperties: false,
      required: ['type', 'description'],
      properties: {
        ...paramKeys,
        secret: flag('It holds a secret.'),
        information: flag('It is only carried by `register`: never wanted, never repaired.'),
      },
    },
  },
}

/** The keys of an observed field. */
export const observedFieldSchema: Json = {
  type: 'object',
  additionalProperties: false,
  required: ['from'],
  properties: observeKeys,
}
/** One item of a list of wishes. */
export const wishSchema: Json = {
  type: 'object',
  additionalProperties: false,
  required: ['want'],
  properties: { when: { type: 'string' }, want: { type: 'object' } },
}
