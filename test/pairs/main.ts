import { readOptions } from '../../tools/program-options.mjs'
import { playPair, type Pair } from './pair.ts'
import { random } from '../harness/random.ts'

// `npm run pairs -- --count 200 [--seed 1]`: two commands at a time on one host, started 0 to 3 seconds apart: runs, applies of
// one saved plan, and a run beside a `resume`. Whatever they meet in, no action is done twice.

const {
  values: { count, seed: first },
} = readOptions('pairs', {
  count: { type: 'number', least: 1, default: 200 },
  seed: { type: 'number', default: 1 },
})
const kinds: readonly Pair['kind'][] = ['run', 'apply', 'resume', 'run and apply']

let wrong = 0
for (let seed = first; seed < first + count; seed++) {
  const next = random(seed)
  // The first numbers of small seeds lie close together.
  for (let i = 0; i < 8; i++) next(2)
  const pair: Pair = { kind: kinds[next(kinds.length)]!, apart: next(3001) }
  const faults = await playPair(pair)
  const name = `seed ${seed}: ${pair.kind}, ${pair.apart} ms apart`
  console.log(faults.length === 0 ? `${name}: each action once` : `${name}: ${faults.join('; ')}`)
  if (faults.length > 0) wrong++
}
console.log(`${count} pairs, ${wrong} with an action that was done twice, or not at all`)
process.exitCode = wrong > 0 ? 1 : 0
