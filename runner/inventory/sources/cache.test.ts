import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fileCache, holdsSecret } from './cache.ts'

const root = mkdtempSync(join(tmpdir(), 'answers-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('kept answers', () => {
  it('are read back under their key alone, and belong to their owner', () => {
    const folder = join(root, 'deep/er')
    const cache = fileCache(folder)
    expect(cache.read('a')).toBeNull()
    expect(cache.write('a', { at: 5, text: 'one' })).toBeNull()
    expect(cache.write('a', { at: 6, text: 'two' })).toBeNull()
    expect(cache.read('a')).toEqual({ at: 6, text: 'two' })
    expect(cache.read('b')).toBeNull()
    expect(readdirSync(folder)).toHaveLength(1)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, readdirSync(folder)[0]!)).mode & 0o777).toBe(0o600)
  })

  it('that cannot be written are said', () => {
    expect(fileCache('/dev/null/x').write('a', { at: 5, text: 'one' })).toMatch(/ENOTDIR|EEXIST/)
  })

  it.each<readonly [unknown, boolean]>([
    [{ ansible_password: 'x' }, true],
    [{ a: { b: [{ 'API-key': 'x' }, { apiKey: 'x' }] } }, true],
    [{ 'x"token': 'y' }, true],
    [{ ansible_become_pass: 'x' }, true],
    [{ client_secret: 'x' }, true],
    [{ db_password: 12345 }, true],
    [{ passwords: ['x'] }, true],
    [{ credentials: 'x' }, true],
    [{ token_lifetime: 300 }, false],
    [{ password_min_length: 8 }, false],
    [{ ansible_password: '' }, false],
    [{ ansible_password: { file: '~/.pw' } }, false],
    [{ become_password_file: '~/.pw' }, false],
    [{ ansible_ssh_private_key_file: '~/.ssh/id' }, false],
    [{ secret_name: 'x', passenger: 'y', compass: 'z' }, false],
    [{ note: 'the password: "x"' }, false],
  ])('of %j hold a secret: %s', (answer, holds) => {
    expect(holdsSecret(JSON.stringify(answer))).toBe(holds)
    expect(holdsSecret(JSON.stringify(answer, null, 2))).toBe(holds)
  })

  it('hold a secret also under a name that is written with escapes', () => {
    expect(holdsSecret('{"pass\\u0077ord": "x"}')).toBe(true)
  })
})
