import { join } from 'node:path'
import { readText } from '../files/read-file.ts'
import { writeWhole } from '../files/write-file.ts'
import { endingOf, logNames, type Ending } from './read-log.ts'

/** A file beside the folder of logs: the names of those that ended and owe nothing. An ended log does not change any more. */
const settledFile = (folder: string): string => `${folder}-settled.txt`

/** So many logs are looked at again and again before their names are written down: the file is not written by each run. */
const batch = 32

/**
 * The logs of a folder whose end says that something may be open. Of the others each is read a few times at most: a folder with
 * hundreds of logs costs a new run no more than one with a few.
 */
export function unsettledLogs(
  folder: string,
  isOpen: (ending: Ending) => boolean,
): readonly string[] {
  const names = logNames(folder)
  const settled = settledIn(folder)
  const open: string[] = []
  const closed: string[] = []
  for (const name of names) {
    if (settled.has(name)) continue
    const ending = endingOf(join(folder, name))
    if (!ending) continue
    if (isOpen(ending)) open.push(ending.file)
    else closed.push(name)
  }
  if (closed.length >= batch) {
    const kept = [...names.filter((name) => settled.has(name)), ...closed]
    // Where it cannot be written, the logs are read again.
    writeWhole(settledFile(folder), `${kept.sort().join('\n')}\n`)
  }
  return open
}

function settledIn(folder: string): ReadonlySet<string> {
  const read = readText(settledFile(folder))
  return new Set('code' in read ? [] : read.text.split('\n'))
}
