import { ask, stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { unclear } from '../unclear.ts'
import { cronChanges, pathOf, userWords } from './cron-changes.ts'
import { entryIn } from './crontab.ts'
import { timeFault, timeFields } from './times.ts'

const time = {
  type: 'string',
  format: 'line',
  minLength: 1,
  onlyWith: { state: ['present'] },
} as const

/** A named entry of cron stands in a user's table or in a file of /etc/cron.d, or does not. */
export const cron = defineResource({
  name: 'cron',
  summary:
    "A named entry of cron stands in a user's table or in a file of /etc/cron.d, or does not.",
  source: "Ansible's cron; crontab(1), crontab(5)",
  params: {
    type: 'object',
    required: ['name'],
    atMostOne: [
      ['special_time', 'minute'],
      ['special_time', 'hour'],
      ['special_time', 'day'],
      ['special_time', 'month'],
      ['special_time', 'weekday'],
    ],
    properties: {
      name: {
        type: 'string',
        identity: true,
        format: 'line',
        pattern: '^\\S(?:.*\\S)?$',
        description: 'Name of the entry; it stands in a comment above it.',
      },
      cron_file: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_-]+$',
        description: "A file of /etc/cron.d. Left out: the user's own table.",
      },
      user: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$',
        description:
          'Whose table, or as whom it runs. Left out: who the task runs as; root in a `cron_file`.',
      },
      job: {
        type: 'string',
        format: 'line',
        pattern: '\\S',
        neededWith: { state: ['present'] },
        description:
          'The command, in one line. A `%` means a line end to cron: write `\\%`. With `absent` it tells the entry from others.',
      },
      minute: { ...time, description: 'Minute. Left out: `*`.' },
      hour: { ...time, description: 'Hour. Left out: `*`.' },
      day: { ...time, description: 'Day of the month. Left out: `*`.' },
      month: { ...time, description: 'Month. Left out: `*`.' },
      weekday: { ...time, description: 'Day of the week. Left out: `*`.' },
      special_time: {
        type: 'string',
        enum: ['reboot', 'hourly', 'daily', 'weekly', 'monthly', 'annually'],
        onlyWith: { state: ['present'] },
        description: 'In the place of the five.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not.',
      },
    },
  },
  checks: {
    minute: ({ minute }) => timeFault('minute', minute),
    hour: ({ hour }) => timeFault('hour', hour),
    day: ({ day }) => timeFault('day', day),
    month: ({ month }) => timeFault('month', month),
    weekday: ({ weekday }) => timeFault('weekday', weekday),
  },
  state: {
    entry: { type: 'string', description: 'The line of the entry.' },
    table: { type: 'string', information: true, description: 'The whole table or file.' },
    kind: {
      type: 'string',
      information: true,
      description: 'What the `cron_file` is: `file`, `link` …',
    },
  },
  probe: ({ cron_file, user }) => ({
    at: cron_file === undefined ? undefined : stat(pathOf(cron_file)),
    file: cron_file === undefined ? undefined : text(pathOf(cron_file)),
    // Exit 1 means either that the table does not exist or that crontab failed: the output says which.
    list:
      cron_file === undefined
        ? ask(['crontab', ...userWords(user), '-l'], [0, 1], { utf8: true })
        : undefined,
  }),
  observe: ({ at, file, list }, { name }) => {
    if (list && list.exit !== 0 && !list.stderr.includes('no crontab for'))
      return unclear(
        `crontab did not show its table: ${list.stderr.trim()}`,
        'see that the account exists and may use cron (/etc/cron.allow, /etc/cron.deny)',
      )
    const table = file ? (file.exists ? file.text : null) : list!.exit === 0 ? list!.stdout : null
    const { entry, fault } = entryIn(table ?? '', name)
    if (fault !== null)
      return unclear(
        `${fault}, so nothing can be said of it`,
        'edit the table by hand so that the comment stands once, right above its entry, or remove both',
      )
    return { entry, table, kind: at?.exists ? at.kind : null }
  },
  desire: (params) => {
    if (params.state === 'absent') return { entry: null }
    const { job, special_time } = params
    const when =
      special_time === undefined
        ? timeFields.map((field) => params[field] ?? '*').join(' ')
        : `@${special_time}`
    return {
      entry:
        params.cron_file === undefined
          ? `${when} ${job}`
          : `${when} ${params.user ?? 'root'} ${job}`,
    }
  },
  change: cronChanges,
})
