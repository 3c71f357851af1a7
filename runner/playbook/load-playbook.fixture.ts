import type { Task } from '../model/playbook.ts'
import { tasksOf } from '../model/playbook.ts'
import { exec } from '../contract/change.ts'
import { defineResource, type AnyResourceType } from '../contract/resource.ts'
import type { Value } from '../contract/value.ts'
import { loadPlaybook, type LoadedPlaybook } from './load-playbook.ts'

const text = { type: 'string', description: 'A text.' } as const

/** A type whose params depend on each other. */
const ruled = defineResource({
  name: 'ruled',
  summary: 'A thing whose params depend on each other.',
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { ...text, identity: true },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Its state.',
      },
      line: {
        ...text,
        format: 'line',
        onlyWith: { state: ['present'] },
        neededWith: { state: ['present'] },
      },
      deep: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['absent'] },
        description: 'A flag.',
      },
      kind: text,
      form: { ...text, onlyWith: { kind: ['a', 'b'] } },
      held: { ...text, onlyCompared: true },
      pairs: {
        type: 'object',
        keyPattern: '^[a-z]+$',
        additionalProperties: { ...text, format: 'line' },
        description: 'A map of lines.',
      },
    },
  },
  checks: {
    line: ({ line }) =>
      line?.startsWith('odd') ? { message: 'the line is odd', hint: 'write another' } : null,
  },
  state: { value: text },
  probe: () => ({}),
  observe: () => ({ value: null }),
  desire: () => ({ value: 'x' }),
  change: () => [{ title: 'do it', repairs: ['value'], actions: [exec(['true'])] }],
})

/** A type with a param of every kind. */
const thing = defineResource({
  name: 'thing',
  summary: 'A thing is as it should be.',
  params: {
    type: 'object',
    required: ['name', 'level'],
    exactlyOne: [['src', 'content', 'tmpl']],
    atMostOne: [['up', 'down']],
    needs: { owner: ['group'] },
    properties: {
      name: { ...text, identity: true, pattern: '^[a-z0-9._{}-]+$' },
      level: { type: 'integer', description: 'A level.', minimum: 1, maximum: 9, default: 1 },
      state: {
        type: 'string',
        enum: ['present', 'absent', 'restarted'],
        default: 'present',
        description: 'Its state.',
      },
      mode: { type: 'string', format: 'mode', description: 'Its mode.' },
      size: { type: 'string', format: 'size', description: 'Its size.' },
      pause: { type: 'string', format: 'duration', description: 'A time.' },
      path: { type: 'string', format: 'path', description: 'A path.' },
      node: { type: 'string', format: 'xname', description: 'A node.' },
      src: { type: 'string', format: 'local-file', description: 'A local file.' },
      tmpl: { type: 'string', format: 'template', description: 'A local template.' },
      content: { ...text, orSecret: true },
      password: { ...text, secret: true },
      flag: { type: 'boolean', description: 'A flag.' },
      names: { type: 'array', orOne: true, minItems: 1, items: text, description: 'Names.' },
      free: { type: 'string', format: 'size', matcher: true, description: 'Free bytes.' },
      label: { ...text, matcher: true },
      options: { type: 'object', description: 'A map of texts.', additionalProperties: text },
      part: {
        type: 'object',
        description: 'A map.',
        required: ['number'],
        properties: {
          number: { type: 'integer', description: 'Its number.' },
          kind: { ...text, default: 'ext4' },
        },
      },
      data: { type: 'any', description: 'Anything.' },
      find: { type: 'string', format: 'pattern', description: 'An expression.' },
      owner: text,
      group: text,
      up: text,
      down: text,
    },
  },
  state: { value: text, version: { ...text, information: true } },
  events: ['restarted'],
  probe: () => ({}),
  observe: () => ({ value: null, version: null }),
  desire: () => ({}),
  change: () => [],
})

/** A type that can only be read. */
const look = defineResource({
  name: 'look',
  summary: 'Something to look at.',
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      path: { type: 'string', format: 'path', identity: true, description: 'Where.' },
      wanted: { type: 'boolean', description: 'Whether.' },
    },
  },
  state: { found: { type: 'boolean', description: 'Whether.' } },
  probe: () => ({}),
  observe: () => ({ found: null }),
})

/** A type that can only be called. */
const command = defineResource({
  name: 'command',
  summary: 'A command.',
  params: {
    type: 'object',
    exactlyOne: [['argv', 'cmd']],
    properties: {
      argv: { type: 'array', items: text, minItems: 1, description: 'Words.' },
      cmd: text,
    },
  },
  state: {
    rc: { type: 'integer', description: 'Its exit.' },
    stdout: text,
    json: { type: 'any', description: 'Its output.' },
  },
  probe: () => ({}),
  observe: () => ({ rc: null, stdout: null, json: null }),
  act: ({ argv }) => exec(argv ?? []),
})

export const types: ReadonlyMap<string, AnyResourceType> = new Map(
  [thing, ruled, look, command].map((type) => [type.name, type]),
)

/** Loads `/b/playbook.yaml` from texts in memory. */
export function load(
  files: string | Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, Value>> | null = {},
  knownVars: ReadonlySet<string> | null = new Set(['site', 'dns']),
): Promise<LoadedPlaybook> {
  const texts = typeof files === 'string' ? { '/b/playbook.yaml': files } : files
  return loadPlaybook({
    version: '0.1.0',
    file: '/b/playbook.yaml',
    types,
    inputs,
    knownVars,
    readText: async (path) => {
      const found = texts[path]
      if (found === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return found
    },
  })
}

/** A playbook whose first task begins at line 6, column 5. */
export function playbookOf(tasks: string, play = ''): string {
  const indented = tasks
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n')
  return `playbook: b\nplays:\n- play: p\n  hosts: all\n${play}  tasks:\n${indented}\n`
}

/** The tasks of a playbook that has no mistakes. */
export async function tasksIn(
  files: string | Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, Value>> = {},
): Promise<readonly Task[]> {
  const { playbook, diagnostics } = await load(files, inputs)
  if (!playbook)
    throw new Error(
      diagnostics.map((d) => `${d.at?.line}:${d.at?.column} ${d.code} ${d.message}`).join('\n'),
    )
  return playbook.plays.flatMap((play) => [...tasksOf(play.tasks)])
}
