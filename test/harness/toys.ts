import { exec } from '../../runner/contract/change.ts'
import { Matcher } from '../../runner/contract/matcher.ts'
import { ask, get, text, type ProbeMap } from '../../runner/contract/probe.ts'
import { defineResource } from '../../runner/contract/resource.ts'

/** A file holds a value: the plainest type there is. */
export const setting = defineResource({
  name: 'setting',
  summary: 'A file holds a value.',
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', identity: true, description: 'Path.' },
      value: { type: 'string', description: 'Content.' },
    },
  },
  state: {
    value: { type: 'string', description: 'Content.' },
    length: { type: 'integer', information: true, description: 'Its length.' },
  },
  probe: ({ name }) => ({ file: text(name) }),
  observe: ({ file }) => ({
    value: file.exists ? file.text : null,
    length: file.exists ? file.text.length : null,
  }),
  desire: ({ value }) => ({ value }),
  change: (diff, { name }) =>
    diff.value
      ? [
          {
            title: `write ${name}`,
            repairs: ['value'],
            actions: [{ do: 'write', path: name, content: String(diff.value.to) }],
          },
        ]
      : [],
})

/** A setting that is read in two rounds: the first says where the second looks. */
export const pointed = defineResource({
  name: 'pointed',
  summary: 'The file that a pointer names holds a value.',
  params: {
    type: 'object',
    required: ['pointer'],
    properties: {
      pointer: { type: 'string', identity: true, description: 'Path.' },
      value: { type: 'string', description: 'Content.' },
    },
  },
  state: { value: { type: 'string', description: 'Content.' } },
  probe: ({ pointer }, seen): ProbeMap => ({
    pointer: text(pointer),
    ...(seen['pointer']?.text !== undefined ? { target: text(seen['pointer'].text) } : {}),
  }),
  observe: (readings) => {
    const target = readings['target'] as { exists: boolean; text?: string } | undefined
    return { value: target?.text ?? null }
  },
  desire: ({ value }) => ({ value }),
  change: (diff, { pointer }) => [
    {
      title: `write behind ${pointer}`,
      repairs: ['value'],
      actions: [exec(['put', pointer, String(diff.value!.to)])],
    },
  ],
})

/** Says that it wrote, and writes nothing. */
export const liar = defineResource({
  name: 'liar',
  summary: 'Claims to change and does not.',
  params: {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string', identity: true, description: 'Path.' } },
  },
  state: { there: { type: 'boolean', description: 'Whether it is there.' } },
  probe: ({ name }) => ({ file: text(name) }),
  observe: ({ file }) => ({ there: file.exists }),
  desire: () => ({ there: true }),
  change: () => [{ title: 'do nothing', repairs: ['there'], actions: [exec(['true'])] }],
})

/** Leaves its drift unrepaired. */
export const idle = defineResource({ ...(liar as object), name: 'idle', change: () => [] } as never)

/** A destructive change behind a guard. */
export const guarded = defineResource({
  name: 'guarded',
  summary: 'A disk has a file system.',
  params: {
    type: 'object',
    required: ['dev'],
    properties: { dev: { type: 'string', identity: true, description: 'Device.' } },
  },
  state: { fstype: { type: 'string', description: 'File system.' } },
  probe: ({ dev }) => ({ signature: ask(['blkid', dev], [0, 2]) }),
  observe: ({ signature }) => ({ fstype: signature.exit === 0 ? signature.stdout.trim() : null }),
  desire: () => ({ fstype: 'ext4' }),
  change: (diff, { dev }) =>
    diff.fstype!.from !== null
      ? [
          {
            title: 'nothing',
            repairs: ['fstype'],
            actions: [
              {
                do: 'refuse',
                because: `${dev} holds ${diff.fstype!.from}`,
                instead: 'use an empty device',
              },
            ],
          },
        ]
      : [
          {
            title: `format ${dev}`,
            repairs: ['fstype'],
            effect: 'destroys',
            guard: ['signature'],
            actions: [exec(['mkfs', dev])],
          },
        ],
})

/** A job of a service that takes time: created once, then waited for. */
export const job = defineResource({
  name: 'job',
  summary: 'A job has succeeded.',
  params: {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string', identity: true, description: 'Name.' } },
  },
  state: {
    done: { type: 'boolean', description: 'Whether it has succeeded.' },
    status: { type: 'string', information: true, description: 'What it says.' },
  },
  probe: ({ name }) => ({ job: ask(['job', name], [0, 1]) }),
  observe: ({ job: found }) => ({
    done: found.stdout === 'success',
    status: found.exit === 0 ? found.stdout : 'none',
  }),
  desire: () => ({ done: true }),
  change: (_diff, { name }, current) => {
    if (current.status === 'none')
      return [
        {
          title: `start ${name}`,
          repairs: ['done'],
          actions: [exec(['start', name], { name: 'started' })],
        },
      ]
    if (current.status === 'failed')
      return [
        {
          title: 'nothing',
          repairs: ['done'],
          actions: [{ do: 'refuse', because: 'the job has failed', instead: 'delete it' }],
        },
      ]
    return [
      {
        title: `wait for ${name}`,
        repairs: ['done'],
        actions: [{ do: 'await', why: `job ${name}` }],
      },
    ]
  },
  settle: { for: 60, every: 5, progress: (current) => String(current.status) },
})

/** A service's record, read from a list that all hosts share. */
export const entry = defineResource({
  name: 'entry',
  summary: 'A name is in the list of a service.',
  params: {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string', identity: true, description: 'Name.' } },
  },
  state: { listed: { type: 'boolean', description: 'Whether it is listed.' } },
  probe: () => ({ list: get('registry', '/list') }),
  observe: ({ list }, { name }) => ({ listed: (list.json as readonly string[]).includes(name) }),
  desire: () => ({ listed: true }),
  change: (_diff, { name }) => [
    {
      title: `add ${name}`,
      repairs: ['listed'],
      actions: [
        {
          do: 'http',
          service: 'registry',
          method: 'POST',
          path: `/add/${name}`,
          body: name,
          statuses: [201],
        },
      ],
    },
  ],
})

/** A command that has no state. */
export const command = defineResource({
  name: 'command',
  summary: 'A command is run.',
  params: {
    type: 'object',
    required: ['argv'],
    properties: {
      argv: {
        type: 'array',
        identity: true,
        description: 'Words.',
        items: { type: 'string', description: 'Word.' },
      },
    },
  },
  state: {
    rc: { type: 'integer', description: 'Exit.' },
    stdout: { type: 'string', description: 'Output.' },
  },
  probe: ({ argv }) => ({ call: ask(argv, 'any') }),
  observe: ({ call }) => ({ rc: call.exit, stdout: call.stdout }),
  act: ({ argv }) => exec(argv),
})

/** A unit's restart, proved by an id that must differ. */
export const unit = defineResource({
  name: 'unit',
  summary: 'A unit runs.',
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', identity: true, description: 'Name.' },
      state: {
        type: 'string',
        enum: ['started', 'restarted'],
        default: 'started',
        description: 'State.',
      },
    },
  },
  state: {
    running: { type: 'boolean', description: 'Running.' },
    invocation: { type: 'string', description: 'Its run.' },
  },
  events: ['restarted'],
  probe: ({ name }) => ({ show: ask(['show', name]) }),
  observe: ({ show }) => ({ running: show.stdout !== '', invocation: show.stdout }),
  desire: ({ state }, current) => ({
    running: true,
    ...(state === 'restarted' ? { invocation: new Matcher('not', current.invocation) } : {}),
  }),
  change: (diff, { name }) => [
    {
      title: `restart ${name}`,
      repairs: Object.keys(diff) as ('running' | 'invocation')[],
      actions: [exec(['restart', name])],
    },
  ],
})

/** A machine that is booted anew, proved by a boot id that must differ. */
export const boot = defineResource({
  name: 'boot',
  summary: 'The machine was booted anew.',
  params: {
    type: 'object',
    properties: {
      state: { type: 'string', default: 'booted', enum: ['booted'], description: 'Event.' },
    },
  },
  state: { id: { type: 'string', description: 'Boot id.' } },
  probe: () => ({ id: text('/boot_id') }),
  observe: ({ id }) => ({ id: id.exists ? id.text : null }),
  desire: (_params, current) => ({ id: new Matcher('not', current.id) }),
  change: () => [{ title: 'reboot', repairs: ['id'], kind: 'boot', actions: [exec(['reboot'])] }],
  settle: { for: 300, every: 10, progress: () => 'booting' },
})
