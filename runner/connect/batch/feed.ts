import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { Unreachable } from '../../model/session.ts'
import type { RemoteProcess } from '../transport.ts'
import type { Upload } from './compose-script.ts'

/**
 * Streams a file, no faster than it is taken; a file that has become shorter ends the input, so that the host sees a part only. So does a
 * pipe in its place, which is opened and read without waiting.
 */
export async function send(process: RemoteProcess, upload: Upload | undefined): Promise<void> {
  if (!upload || upload.size === 0) return
  let left = upload.size
  try {
    const file = await open(upload.path, constants.O_RDONLY | constants.O_NONBLOCK)
    for await (const chunk of file.createReadStream({
      end: upload.size - 1,
      highWaterMark: 256 * 1024,
    })) {
      await process.write(chunk as Buffer)
      left -= (chunk as Buffer).length
    }
  } catch (error) {
    if (error instanceof Unreachable) throw error
  }
  if (left > 0) process.end()
}

/** Lets go of a process: politely, so that what acts can kill what it started; by force a little later. */
export function leave(process: RemoteProcess, politely: boolean): Promise<void> {
  if (!politely) {
    process.kill()
    return Promise.resolve()
  }
  process.end()
  return new Promise((resolve) => {
    const kill = (): void => {
      clearTimeout(timer)
      process.kill()
      resolve()
    }
    const timer = setTimeout(kill, 3000)
    process.ended.then(kill, kill)
  })
}
