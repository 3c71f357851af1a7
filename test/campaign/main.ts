import { parseArgs } from 'node:util'
import { playSchedule } from './schedule.ts'

// `npm run campaign -- --seed 1 --count 500 [--real 20]`: random playbooks that are disturbed, and an operator who follows the hints.

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '500' },
    real: { type: 'string', default: '0' },
    verbose: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const began = process.cpuUsage()
const counts: Record<string, number> = {}
let wrong = 0
for (let seed = first; seed < first + Number(values.count); seed++) {
  const { faults, story, counts: ofSchedule } = await playSchedule(seed)
  for (const [kind, count] of Object.entries(ofSchedule)) counts[kind] = (counts[kind] ?? 0) + count
  if (faults.length > 0) {
    wrong++
    console.log(`seed ${seed}: ${faults.join('; ')}`)
    console.log(`  again: npm run campaign -- --seed ${seed} --count 1 --verbose`)
  }
  if (values.verbose) for (const line of story) console.log(`  ${line}`)
}
const { user, system } = process.cpuUsage(began)
console.log(
  `${values.count} simulated schedules, ${wrong} with a violation (${((user + system) / 1000 / Math.max(1, Number(values.count))).toFixed(1)} ms of CPU each): ${Object.entries(
    counts,
  )
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')}`,
)
process.exitCode = wrong > 0 ? 1 : 0
