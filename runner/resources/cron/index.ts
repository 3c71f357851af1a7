import { exec } from '../../contract/change.ts'
import { ask, stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { writeContent } from '../content.ts'
import { invalid, unclear } from '../unclear.ts'
import { entryIn, withEntry } from './table.ts'

const time = { type: 'string', pattern: '^[0-9A-Za-z*,/-]+$' } as const

/** A named entry of cron stands in a user's table or in a file of /etc/cron.d, or does not. */
export const cron = defineResource({
  name: 'cron',
  summary:
    "A named entry of cron stands in a user's table or in a file of /etc/cron.d, or does not.",
  source: "Ansible's cron; crontab(1), crontab(5)",
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[^\\n]+$',
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
        minLength: 1,
        pattern: '^[^\\n]+$',
        description: 'The command, in one line. A `%` means a line end to cron: write `\\%`.',
      },
      minute: { ...time, description: 'Minute. Left out: `*`.' },
      hour: { ...time, description: 'Hour. Left out: `*`.' },
      day: { ...time, description: 'Day of the month. Left out: `*`.' },
      month: { ...time, description: 'Month. Left out: `*`.' },
      weekday: { ...time, description: 'Day of the week. Left out: `*`.' },
      special_time: {
        type: 'string',
        enum: ['reboot', 'hourly', 'daily', 'weekly', 'monthly', 'annually'],
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
    // Exit 1 says that there is no table, or that something is wrong: its words tell which.
    list: cron_file === undefined ? ask(['crontab', ...userWords(user), '-l'], [0, 1]) : undefined,
  }),
  observe: ({ at, file, list }, { name }) => {
    if (list && list.exit !== 0 && !list.stderr.includes('no crontab for'))
      return unclear(
        `crontab did not show its table: ${list.stderr.trim()}`,
        'see that the account exists and may use cron (/etc/cron.allow, /etc/cron.deny)',
      )
    const table = file ? (file.exists ? file.text : null) : list!.exit === 0 ? list!.stdout : null
    return {
      entry: table === null ? null : entryIn(table, name),
      table,
      kind: at?.exists ? at.kind : null,
    }
  },
  desire: (params) => {
    const { job, special_time, state } = params
    if (state === 'absent') return { entry: null }
    if (job === undefined) return invalid('the task does not say what is run', 'add `job:`')
    const times = [params.minute, params.hour, params.day, params.month, params.weekday]
    if (special_time !== undefined && times.some((each) => each !== undefined))
      return invalid('`special_time` stands beside another time', 'leave one of them out')
    const when =
      special_time === undefined ? times.map((each) => each ?? '*').join(' ') : `@${special_time}`
    return {
      entry:
        params.cron_file === undefined
          ? `${when} ${job}`
          : `${when} ${params.user ?? 'root'} ${job}`,
    }
  },
  change: (diff, { name, cron_file, user }, current) => {
    const table = withEntry(current.table ?? '', name, diff.entry!.to as string | null)
    if (cron_file !== undefined) {
      // cron takes no file of /etc/cron.d that others than root may write.
      const attributes = current.kind === null ? { owner: 'root', group: 'root', mode: '0644' } : {}
      return writeContent(pathOf(cron_file), table, ['entry'], {
        kind: current.kind,
        guard: 'file',
        attributes,
      })
    }
    const title = `${diff.entry!.to === null ? 'remove' : current.entry === null ? 'add' : 'change'} the entry ${name} of cron`
    return [
      {
        title,
        repairs: ['entry'],
        effect: 'replaces',
        guard: ['list'],
        actions: [exec(['crontab', ...userWords(user), '-'], { stdin: table })],
      },
    ]
  },
})

function pathOf(file: string): string {
  return `/etc/cron.d/${file}`
}

function userWords(user: string | undefined): readonly string[] {
  return user === undefined ? [] : ['-u', user]
}
