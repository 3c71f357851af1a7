import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashFolder } from './local-folders.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-folders-'))
  mkdirSync(join(root, 'bin/deep'), { recursive: true })
  writeFileSync(join(root, 'bin/deep/go'), 'x')
  chmodSync(join(root, 'bin/deep/go'), 0o700)
  writeFileSync(join(root, 'a b'), 'yy')
})
afterEach(() => rmSync(root, { recursive: true }))

const read = (path = root) =>
  hashFolder(path, (file) => ({ path: file, size: 1, sha256: file.slice(root.length) }))

describe('a local folder', () => {
  it('is read whole, folders before what is in them', () => {
    expect(read()).toMatchObject({
      value: {
        path: root,
        size: 2,
        folders: ['bin', 'bin/deep'],
        files: [
          { below: 'a b', runs: false },
          { below: 'bin/deep/go', runs: true },
        ],
      },
    })
  })

  it('has another hash where a name, a content or the right to run differs', () => {
    const before = read()
    chmodSync(join(root, 'a b'), 0o755)
    expect(read()).not.toEqual(before)
  })

  it('is refused with a link in it, also one that leads to a folder', () => {
    symlinkSync('/etc', join(root, 'bin/etc'))
    expect(read()).toMatchObject({ wrong: 'bin/etc is a link', hint: expect.any(String) })
  })

  it('is refused with a name that no list of a host could hold', () => {
    writeFileSync(join(root, 'a\nb'), '')
    expect(read()).toMatchObject({ wrong: expect.stringContaining('control character') })
  })

  it('is neither a file, nor a link to a folder, nor nothing', () => {
    expect(read(join(root, 'a b'))).toMatchObject({ wrong: 'it is not a folder' })
    symlinkSync(join(root, 'bin'), join(root, 'link'))
    expect(read(join(root, 'link'))).toMatchObject({ wrong: 'it is not a folder' })
    expect(read(join(root, 'none'))).toMatchObject({ wrong: 'the file does not exist' })
  })
})
