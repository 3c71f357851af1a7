import { exec, type Change } from '../../contract/change.ts'
import { writeContent } from '../content.ts'
import { refused } from '../refused.ts'
import { doubtIn, withEntry } from './crontab.ts'

interface Wish {
  readonly name: string
  readonly cron_file?: string | undefined
  readonly user?: string | undefined
  readonly job?: string | undefined
}
interface Current {
  readonly entry: string | null
  readonly table: string | null
  readonly kind: string | null
}

/** The path of a file of cron. */
export function pathOf(file: string): string {
  return `/etc/cron.d/${file}`
}

/** The words that name whose table is meant. */
export function userWords(user: string | undefined): readonly string[] {
  return user === undefined ? [] : ['-u', user]
}

/** What writes a table or a file with the entry, or without it; or why that is refused. */
export function cronChanges(
  diff: { readonly entry?: { readonly to: unknown } },
  { name, cron_file, user, job }: Wish,
  current: Current,
): readonly Change<'entry'>[] {
  const entry = diff.entry!.to as string | null
  const verb = entry === null ? 'remove' : current.entry === null ? 'add' : 'change'
  const title = `${verb} the entry ${name} of cron`
  const before = current.table ?? ''
  const doubt = doubtIn(before, name, { job, entry, hasUser: cron_file !== undefined })
  if (doubt !== null)
    return refused(
      title,
      ['entry'],
      doubt,
      `move it away from there by hand, so that the entry stands below its comment${job === undefined ? '; or give `job:`' : ''}`,
    )
  const table = withEntry(before, name, entry)
  if (cron_file !== undefined)
    return writeContent(pathOf(cron_file), table, ['entry'], {
      kind: current.kind,
      guard: 'file',
      // cron takes no file of /etc/cron.d that others than root may write.
      attributes: current.kind === null ? { owner: 'root', group: 'root', mode: '0644' } : {},
    })
  return [
    {
      title,
      repairs: ['entry'],
      effect: 'replaces',
      guard: ['list'],
      actions: [exec(['crontab', ...userWords(user), '-'], { stdin: table })],
    },
  ]
}
