import { readOptions } from '../../tools/program-options.mjs'
import { playRealSchedule } from './real.ts'
import { playSchedule, type Report } from './schedule.ts'

// `npm run campaign -- --seed 1 --count 500 [--real 20] [--verbose]`: random playbooks that are disturbed, and an operator who
// follows the hints. `--count` counts schedules on simulated machines, `--real` those with real processes on this one.

const { values } = readOptions('campaign', {
  seed: { type: 'number', default: 1 },
  count: { type: 'number', default: 500 },
  real: { type: 'number', default: 0 },
  verbose: { type: 'boolean', default: false },
})

/** One kind of schedule: how many, and the options that play a single one again. */
interface Course {
  readonly name: string
  readonly count: number
  readonly again: string
  play(seed: number): Promise<Report>
}

async function playAll({ name, count, again, play }: Course): Promise<number> {
  const counts: Record<string, number> = {}
  const [began, used] = [Date.now(), process.cpuUsage()]
  let wrong = 0
  for (let seed = values.seed; seed < values.seed + count; seed++) {
    const report = await play(seed)
    for (const [kind, times] of Object.entries(report.counts))
      counts[kind] = (counts[kind] ?? 0) + times
    if (report.faults.length > 0) {
      wrong++
      console.log(`seed ${seed}, ${name}: ${report.faults.join('; ')}`)
      console.log(`  again: npm run campaign -- --seed ${seed} ${again} --verbose`)
    }
    if (values.verbose) for (const line of report.story) console.log(`  ${line}`)
  }
  const { user, system } = process.cpuUsage(used)
  const [wall, cpu] = [Date.now() - began, (user + system) / 1000]
  const kinds = Object.entries(counts).map(([kind, times]) => `${times} ${kind}`)
  console.log(
    `${count} ${name} schedules, ${wrong} with a violation, ${Math.round(wall / 1000)} seconds (${Math.round(cpu / count)} ms of CPU in this process for each): ${kinds.join(', ')}`,
  )
  return wrong
}

const { count, real } = values
if (count + real === 0) {
  console.error('campaign: --count 0 plays nothing; give --real a number too')
  process.exit(3)
}
let wrong = 0
if (count > 0)
  wrong += await playAll({ name: 'simulated', count, again: '--count 1', play: playSchedule })
if (real > 0)
  wrong += await playAll({
    name: 'real',
    count: real,
    again: '--count 0 --real 1',
    play: playRealSchedule,
  })
process.exitCode = wrong > 0 ? 1 : 0
