import type { Event, OutcomeEvent, TaskLabel } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import { outcomes } from '../model/outcome.ts'

/** What a test says of one outcome; the rest is filled in. */
export type Said = Partial<Omit<OutcomeEvent, 'type' | 'task' | 'host'>> & {
  readonly outcome: Outcome
}

/** A task as the tests name it: its id is its sentence. */
export function label(sentence: string, more: Partial<TaskLabel> = {}): TaskLabel {
  return {
    id: sentence,
    verb: 'ensure',
    sentence,
    type: 'file',
    at: '/playbooks/b.yaml:3:9',
    handler: false,
    ...more,
  }
}

/** The events of one play, with what leads to it and follows it, written as a test reads best. */
export function storyOf(
  options: {
    readonly hosts: readonly string[]
    readonly tasks: readonly TaskLabel[]
    readonly mode?: 'run' | 'plan'
  },
  steps: readonly (readonly [
    host: string,
    task: string,
    said: Said | { readonly progress: string } | 'starts',
  ])[],
): readonly Event[] {
  const { hosts, tasks, mode = 'run' } = options
  let at = 1_000_000
  const totals = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<
    Outcome,
    number
  >
  const of = {
    failed: new Set<string>(),
    unreachable: new Set<string>(),
    changed: new Set<string>(),
  }
  const middle = steps.map(([host, task, said]): Event => {
    at += 10
    if (said === 'starts') return { type: 'task-started', at, play: 0, task, host, doing: task }
    if ('progress' in said)
      return { type: 'task-progress', at, play: 0, task, host, text: said.progress }
    totals[said.outcome]++
    if (said.outcome === 'changed' || said.outcome === 'would change') of.changed.add(host)
    if (said.outcome === 'failed' && !said.ignored) of.failed.add(host)
    if (said.outcome === 'unreachable') of.unreachable.add(host)
    return { type: 'outcome', at, play: 0, task, host, basis: 'known', seconds: 0.01, ...said }
  })
  const failed = of.failed.size + of.unreachable.size > 0
  return [
    {
      type: 'run-started',
      at: 1_000_000,
      run: 'r1',
      playbook: 'The playbook',
      file: '/playbooks/b.yaml',
      mode,
      hosts: hosts.length,
    },
    { type: 'play-started', at: 1_000_000, play: 0, name: 'the play', hosts, tasks },
    ...middle,
    {
      type: 'exchange',
      at,
      play: 0,
      connection: 'ssh a1',
      user: 'root',
      probes: 3,
      actions: 0,
      scripts: 2,
      requests: 1,
      bytesSent: 10,
      bytesReceived: 20,
      seconds: 0.1,
      connecting: 0.05,
    },
    { type: 'play-ended', at, play: 0 },
    {
      type: 'run-ended',
      at,
      seconds: 4.2,
      totals,
      failedHosts: [...of.failed],
      unreachableHosts: [...of.unreachable],
      changedHosts: [...of.changed],
      cutShortHosts: [],
      notBegun: 0,
      exit: failed ? 1 : totals['would change'] + totals.unknown > 0 ? 2 : 0,
      interrupted: false,
    },
  ]
}
