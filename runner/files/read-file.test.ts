import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFile, readPieces, readText } from './read-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a file of the controller', () => {
  it('is read whole, through links too', () => {
    writeFileSync(join(folder, 'a'), 'some é text\n')
    symlinkSync('a', join(folder, 'link'))
    expect(readText(join(folder, 'link'))).toEqual({ text: 'some é text\n' })
    const pieces: string[] = []
    expect(readPieces(join(folder, 'link'), (piece) => pieces.push(piece.toString()))).toBeNull()
    expect(pieces.join('')).toBe('some é text\n')
  })

  it('has no size below /proc, and is read to its end all the same', () => {
    expect(readText('/proc/self/status')).toEqual({ text: expect.stringContaining('Pid:') })
  })

  it.each([
    [
      'a pipe',
      (path: string) => void execFileSync('mkfifo', [path]),
      'it is a pipe, and not a file',
    ],
    ['a folder', (path: string) => mkdirSync(path), 'it is a folder'],
    [
      'an endless device',
      (path: string) => symlinkSync('/dev/zero', path),
      'it is a device, and not a file',
    ],
    [
      'a terminal',
      (path: string) => symlinkSync('/dev/tty', path),
      'it is a device, and not a file',
    ],
    ['a link to itself', (path: string) => symlinkSync(path, path), 'its links lead in a circle'],
    ['nothing', () => undefined, 'the file does not exist'],
  ])('is not %s', (_what, make, words) => {
    make(join(folder, 'x'))
    expect(readFile(join(folder, 'x'))).toMatchObject({ words })
    expect(readPieces(join(folder, 'x'), () => undefined)).toMatchObject({ words })
  })

  it('is not a socket', async () => {
    const server = createServer().listen(join(folder, 's'))
    await new Promise((resolve) => server.once('listening', resolve))
    expect(readFile(join(folder, 's'))).toMatchObject({ words: 'it is a socket, and not a file' })
    await new Promise((resolve) => server.close(resolve))
  })

  it('has no more bytes than are taken of its kind', () => {
    writeFileSync(join(folder, 'sparse'), '')
    truncateSync(join(folder, 'sparse'), 1 << 30)
    expect(readFile(join(folder, 'sparse'), 1 << 20)).toMatchObject({
      code: 'EFBIG',
      words: 'it has more than 1 MiB',
    })
  })

  it('is UTF-8 where its text is wanted', () => {
    writeFileSync(join(folder, 'latin'), Buffer.from([0x6c, 0xe9, 0x0a]))
    expect(readText(join(folder, 'latin'))).toMatchObject({ code: 'ENOTTEXT' })
  })
})
