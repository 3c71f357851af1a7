import { listedDifferences } from './differences.ts'
import { play } from './play-transcript.ts'
import { recordedStage } from './stage.ts'
import { serviceTranscripts } from './transcripts.ts'

// Plays the transcripts of the real services to the lab and says what differs: `npm run conformance [-- NAME…]`.
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !serviceTranscripts.some((each) => each.name === name))
let differing = 0
for (const transcript of unknown.length > 0 ? [] : serviceTranscripts) {
  if (wanted.length > 0 && !wanted.includes(transcript.name)) continue
  const stage = await recordedStage(transcript)
  const played = await play(transcript, stage)
  await stage.close()
  const differences = played.filter((each) => each.difference !== null)
  process.stdout.write(
    `${transcript.name.padEnd(24)} release ${transcript.lab_release.padEnd(6)} ${played.length - differences.length} of ${played.length} alike\n`,
  )
  for (const { id, difference, isFalseYes } of differences) {
    const reason = listedDifferences.get(`${transcript.name} ${id}`)
    if (reason === undefined || isFalseYes) differing += 1
    process.stdout.write(
      `  ${isFalseYes ? '!' : ' '} ${id}: ${difference}\n${reason === undefined ? '' : `      on purpose: ${reason}\n`}`,
    )
  }
}
if (unknown.length > 0)
  process.stderr.write(
    `unknown transcript ${unknown.join(', ')}; there are ${serviceTranscripts.map((each) => each.name).join(', ')}\n`,
  )
process.exitCode = unknown.length > 0 ? 3 : differing > 0 ? 1 : 0
