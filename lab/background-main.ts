import { text } from 'node:stream/consumers'
import { unpackFolder } from './added/folder-files.ts'
import { readAdditions } from './added/read-additions.ts'
import type { Release } from './csm/system-model.ts'
import { endedText, serveLab } from './background.ts'

/** The process behind `trueup lab up`: its folder and its release are its arguments, what is added comes on its input. */
const [folder = '', release] = process.argv.slice(2)

async function main(): Promise<void> {
  const given = await text(process.stdin)
  const added = given === '' ? {} : { added: await readAdditions(unpackFolder(given)) }
  await serveLab(
    { folder, ...(release ? { release: release as Release } : {}), ...added },
    (stop) => {
      process.once('SIGTERM', stop)
      process.once('SIGINT', stop)
    },
  )
}

main().catch((error: Error) => {
  process.stderr.write(`${endedText(error)}\n`)
  process.exitCode = 1
})
