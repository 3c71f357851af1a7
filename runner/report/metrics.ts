import { randomBytes } from 'node:crypto'
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Event } from '../model/event.ts'

type RunEnded = Extract<Event, { type: 'run-ended' }>

/** A run as metrics of Prometheus, in the form that the textfile collector of node_exporter reads. */
export function metricsText(playbook: string, mode: 'run' | 'plan', end: RunEnded): string {
  const labels = `playbook="${masked(playbook)}",mode="${mode}"`
  const metric = (
    name: string,
    help: string,
    samples: readonly (readonly [string, number])[],
  ): string =>
    [
      `# HELP trueup_${name} ${help}`,
      `# TYPE trueup_${name} gauge`,
      ...samples.map(([more, value]) => `trueup_${name}{${labels}${more}} ${value}`),
    ].join('\n')
  return `${[
    metric('exit_code', 'How the command ended: 0 true, 1 failed, 2 changes pending.', [
      ['', end.exit],
    ]),
    metric('ended_timestamp_seconds', 'When it ended.', [['', end.at / 1000]]),
    metric('duration_seconds', 'How long it took.', [['', end.seconds]]),
    metric(
      'tasks',
      'Outcomes of tasks on hosts.',
      Object.entries(end.totals).map(
        ([outcome, count]) => [`,outcome="${outcome}"`, count] as const,
      ),
    ),
    metric('hosts', 'Hosts by how they ended.', [
      [',state="failed"', end.failedHosts.length],
      [',state="unreachable"', end.unreachableHosts.length],
      [',state="changed"', end.changedHosts.length],
    ]),
  ].join('\n')}\n`
}

/** Writes metrics in one step: a collector never reads half of them. Its reader is another user. */
export function writeMetrics(file: string, text: string): void {
  const draft = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}`)
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    chmodSync(draft, 0o644)
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

function masked(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
