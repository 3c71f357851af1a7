import { countOf } from '../text/count.ts'
import { durationText } from '../text/duration.ts'
import type { Event } from '../model/event.ts'
import { countsAsFailed } from '../model/tally.ts'
import { foldNames } from '../text/host-ranges.ts'
import { createLedger, type RunCost } from './cost.ts'
import { countsText, marks } from './task-lines.ts'
import { cleanLine, cut, wrap, type Paint } from './screen-text.ts'

/** What the recap remembers of a run. */
export interface Recap {
  hear(event: Event): void
  /** A dozen lines at most from which the run can be judged. */
  lines(paint: Paint, width: number, again: Again): readonly string[]
  cost(): RunCost
}

/** The commands that an operator may type next: with this playbook and this inventory. */
export interface Again {
  command(verb: 'run' | 'plan', limit?: string): string
}

/** Remembers what a recap needs, which is little, however many hosts and tasks there are. */
export function createRecap(): Recap {
  const ledger = createLedger()
  let started: (Event & { type: 'run-started' }) | null = null
  let ended: (Event & { type: 'run-ended' }) | null = null
  let firstFailure: { host: string; sentence: string } | null = null
  const effects = { destroys: 0, replaces: 0, none: 0 }
  const sentences = new Map<string, string>()
  const begun = new Set<string>()

  return {
    cost: ledger.cost,
    hear(event) {
      ledger.hear(event)
      if (event.type === 'run-started') started = event
      if (event.type === 'run-ended') ended = event
      if (event.type === 'play-started') {
        for (const task of event.tasks) sentences.set(task.id, task.sentence)
        for (const host of event.hosts) begun.add(host)
      }
      if (event.type !== 'outcome') return
      if (countsAsFailed(event))
        firstFailure ??= { host: event.host, sentence: sentences.get(event.task) ?? event.task }
      for (const { outcome, changes } of event.items ?? [event])
        if (outcome === 'would change') for (const change of changes ?? []) effects[change.effect]++
    },
    lines(paint, width, again) {
      if (!started || !ended) return []
      const { failedHosts, unreachableHosts, changedHosts, totals, exit, seconds, interrupted } =
        ended
      const isPlan = started.mode === 'plan'
      const cost = ledger.cost()
      const counts = new Map(Object.entries(totals).filter(([, count]) => count > 0)) as Parameters<
        typeof countsText
      >[0]
      const verdict = interrupted
        ? 'interrupted'
        : exit === 1
          ? 'failed'
          : exit === 2
            ? isPlan
              ? 'changes are pending'
              : 'not all is known'
            : isPlan
              ? 'nothing would change'
              : changedHosts.length > 0
                ? 'made true'
                : 'true already'
      const look = interrupted || exit === 1 ? 'red' : exit === 2 ? 'yellow' : 'green'
      const row = (name: string, text: string): string => cut(`  ${name.padEnd(14)}${text}`, width)
      const [headline, ...below] = wrap(
        `${verdict}: ${cut(cleanLine(started.playbook), 200)}, ${countOf(started.hosts, 'host')}, ${durationText(seconds)}`,
        width,
      )
      const rows = [
        `${paint(['bold', look], headline!.slice(0, verdict.length))}${headline!.slice(verdict.length)}`,
        ...below,
        `  ${'tasks'.padEnd(14)}${countsText(counts, paint) || 'none'}`,
        ...hostRow(isPlan ? 'would change' : 'changed', changedHosts),
        ...hostRow('failed', failedHosts),
        ...(firstFailure
          ? [
              row(
                'first failure',
                `${cleanLine(firstFailure.host)}: ${cleanLine(firstFailure.sentence)}`,
              ),
            ]
          : []),
        ...hostRow('unreachable', unreachableHosts),
        ...progressRow(),
        ...effectRow('destroys', countOf(effects.destroys, 'destructive change')),
        ...effectRow('replaces', `${countOf(effects.replaces, 'change')} of what is there`),
        row(
          'round trips',
          `${countOf(cost.most, 'script')} at most per host and play; ${cost.scripts} in all, ${countOf(cost.requests, 'request')}`,
        ),
        ...nextRow(),
      ]
      return rows

      function hostRow(name: string, hosts: readonly string[]): readonly string[] {
        if (hosts.length === 0) return []
        const count = hosts.length === 1 ? '' : `${hosts.length}: `
        const room = width - 16 - count.length
        const whole = foldNames(hosts, Math.max(8, room))
        // The words for the hosts that are left out need room of their own.
        const text = whole.length <= room ? whole : foldNames(hosts, Math.max(8, room - 18))
        return [row(name, /^\d+ hosts?$/.test(text) ? text : `${count}${cleanLine(text)}`)]
      }

      /** How far a run came that ended early: what is said above is not said of the hosts that it left. */
      function progressRow(): readonly string[] {
        const { cutShortHosts, notBegun } = ended!
        if (cutShortHosts.length + notBegun === 0) return []
        const failed = new Set([...failedHosts, ...unreachableHosts]).size
        const finished = started!.hosts - failed - cutShortHosts.length - notBegun
        const parts = [
          `finished ${finished}`,
          ...(cutShortHosts.length > 0 ? [`cut short ${cutShortHosts.length}`] : []),
          ...(notBegun > 0 ? [`not begun ${notBegun}`] : []),
        ]
        return [row('hosts', parts.join(' · '))]
      }

      function effectRow(effect: 'destroys' | 'replaces', text: string): readonly string[] {
        const { mark, look } = marks[effect]
        const sign = mark.trim()
        return effects[effect] === 0 || look === null
          ? []
          : [paint(look, `  ${sign.padEnd(14)}${text}, marked with ${sign} above`)]
      }

      function nextRow(): readonly string[] {
        // A limit that was cut would mean other hosts; without one the run does again only what is not true.
        const limitOf = (hosts: readonly string[]): string | undefined => {
          const folded = foldNames(hosts, 100)
          return hosts.length === started!.hosts ||
            started!.hosts > begun.size ||
            folded.includes(' ')
            ? undefined
            : folded
        }
        const bad = [...new Set([...failedHosts, ...unreachableHosts])]
        const next = interrupted
          ? again.command(isPlan ? 'plan' : 'run')
          : bad.length > 0
            ? again.command(isPlan ? 'plan' : 'run', limitOf(bad))
            : isPlan && exit === 2
              ? again.command('run')
              : null
        return next === null ? [] : [`  ${'next'.padEnd(14)}${paint('bold', cleanLine(next))}`]
      }
    },
  }
}
