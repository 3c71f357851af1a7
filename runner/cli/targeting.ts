import { tasksOf, type Playbook, type Task } from '../model/playbook.ts'
import { placeText, DiagnosticError } from '../model/diagnostic.ts'
import { hostsOfPlays, selector } from '../engine/schedule/run.ts'
import { fromFolder } from '../report/diagnostics.ts'
import { didYouMean } from '../source/suggest.ts'
import type { RunFlags } from './flags.ts'
import { askLine, type Io } from './io.ts'
import type { Loaded } from './load.ts'

/** What `--list-tasks` and `--list-hosts` show; null when neither is asked for. */
export function listingOf({ playbook, inventory }: Loaded, flags: RunFlags): string | null {
  if (!flags.listTasks && !flags.listHosts) return null
  const start = flags.startAt === undefined ? {} : { startAt: taskAt(playbook, flags.startAt).id }
  const selected = selector({
    playbook,
    ...start,
    ...(flags.tags ? { tags: flags.tags } : {}),
    ...(flags.skipTags ? { skipTags: flags.skipTags } : {}),
  })
  const hosts = hostsOfPlays({
    playbook,
    inventory,
    ...(flags.limit === undefined ? {} : { limit: flags.limit }),
  })
  const numbers = new Map(allTasks(playbook).map((task, i) => [task.id, i + 1]))
  const folder = playbook.file.slice(0, playbook.file.lastIndexOf('/'))
  const lines = playbook.plays.flatMap((play, i) => {
    const tasks = [...tasksOf(play.tasks)].filter(selected).map((task) => {
      const tags = task.tags.length > 0 ? `  tags: ${task.tags.join(', ')}` : ''
      return `  ${String(numbers.get(task.id)).padStart(3)}  ${task.verb}: ${task.sentence}${task.type ? `  (${task.type.name})` : ''}${tags}  ${fromFolder(placeText(task.at), folder)}`
    })
    const names = hosts[i]!.map((host) => `       ${host.name}`)
    return [
      `${play.name}: ${names.length} host${names.length === 1 ? '' : 's'} of ${play.hosts}`,
      ...(flags.listHosts ? names : []),
      ...(flags.listTasks ? tasks : []),
    ]
  })
  return `${lines.join('\n')}\n`
}

/** The task of a sentence, or of a number of `--list-tasks`. Throws DiagnosticError where there is none, or more than one. */
export function taskAt(playbook: Playbook, words: string): Task {
  const tasks = allTasks(playbook)
  const found = /^\d+$/.test(words)
    ? tasks.slice(Number(words) - 1, Number(words))
    : tasks.filter((task) => task.sentence === words)
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    const numbers = found.map((task) => tasks.indexOf(task) + 1)
    throw new DiagnosticError({
      code: 'cli/no-task',
      message: `${found.length} tasks say '${words}'`,
      hint: `give the number of one: ${numbers.join(', ')}`,
    })
  }
  const hint = /^\d+$/.test(words)
    ? `the playbook has ${tasks.length} tasks; --list-tasks shows them`
    : didYouMean(words, new Set(tasks.map((task) => task.sentence)))
  throw new DiagnosticError({
    code: 'cli/no-task',
    message: `no task of the playbook is '${words}'`,
    hint,
  })
}

/** Throws DiagnosticError for a tag that no task has: a misspelt one would choose nothing, or leave nothing out. */
export function checkTags(
  playbook: Playbook,
  { tags = [], skipTags = [] }: Pick<RunFlags, 'tags' | 'skipTags'>,
): void {
  const known = new Set(
    [...allTasks(playbook), ...playbook.plays.flatMap((play) => play.handlers)].flatMap(
      (task) => task.tags,
    ),
  )
  const strange = [...tags, ...skipTags].filter(
    (tag) => !known.has(tag) && tag !== 'always' && tag !== 'never',
  )
  if (strange.length === 0) return
  throw new DiagnosticError(
    strange.map((tag) => ({
      code: 'cli/no-tag',
      message: `no task of the playbook has the tag '${tag}'`,
      hint:
        known.size === 0
          ? 'the playbook has no tags; --start-at or --step chooses tasks too'
          : didYouMean(tag, known),
    })),
  )
}

/** Throws DiagnosticError, before anything is connected to, when the task to begin with is none, or nobody can be asked. */
export function checkTargets(io: Io, playbook: Playbook, { startAt, step }: RunFlags): void {
  if (startAt !== undefined) taskAt(playbook, startAt)
  if (step && (!io.stdin.isTTY || !io.stderr.isTTY))
    throw new DiagnosticError({
      code: 'cli/no-terminal',
      message: '--step needs a terminal to ask on',
      hint: 'run it on a terminal, or choose tasks with --tags or --start-at',
    })
}

/** Asks before each task: yes, no, or all that follow. */
export function stepper(
  io: Io,
  lend: (ask: () => Promise<boolean>) => Promise<boolean>,
): (task: Task) => Promise<boolean> {
  let all = false
  let turn: Promise<unknown> = Promise.resolve()
  const ask = async (task: Task): Promise<boolean> => {
    if (all) return true
    for (;;) {
      const answer = await askLine(io, `${task.verb}: ${task.sentence} [y/n/all] `)
      if (answer === null || /^\s*no?\s*$/i.test(answer)) return false
      all = /^\s*a(?:ll)?\s*$/i.test(answer)
      if (all || /^\s*y(?:es)?\s*$/i.test(answer)) return true
    }
  }
  return (task) => {
    // One question at a time: handlers of several hosts may ask together.
    // Ctrl-C ends the run by itself; the task that was asked about is left out.
    const answer = turn.then(() => lend(() => ask(task))).catch(() => false)
    turn = answer
    return answer
  }
}

function allTasks(playbook: Playbook): readonly Task[] {
  return playbook.plays.flatMap((play) => [...tasksOf(play.tasks)])
}
