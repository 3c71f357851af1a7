// `npm run race -- --rounds 1000 [--only WORDS]`: another user of this machine exchanges folders, files and links in a loop, while root does what
// actions do in that user's folder. Nothing of root's may be changed, removed, given away or read. It needs root on Linux.
import { readOptions } from '../../tools/program-options.mjs'
import { missing, race, type Score } from './race.ts'

const { values } = readOptions('race', {
  rounds: { type: 'number', least: 1, default: 1000 },
  only: { type: 'string', default: '' },
})
const why = missing()
if (why !== null) {
  console.log(`race: skipped: ${why}. NOTHING was raced.`)
  process.exit(0)
}
let failed = false
const show = ({ name, rounds: played, done, wins, isControl }: Score): void => {
  const isBad = isControl ? wins.length === 0 : wins.length > 0
  failed ||= isBad
  console.log(
    `${isBad ? 'FAILED' : 'passed'}  ${String(played).padStart(5)} rounds, ${String(done).padStart(5)} done, ${wins.length} won  ${name}`,
  )
  for (const win of new Set(wins.slice(0, isControl ? 1 : 5))) console.log(`          ${win}`)
}
await race(values.rounds, show, values.only)
console.log(
  failed
    ? 'race: FAILED'
    : 'race: passed; the attacker won in no round but those of the controls, which follow links',
)
process.exit(failed ? 1 : 0)
