import ssh2 from 'ssh2'
import { expect, it } from 'vitest'
import { makeKeyPair } from './ssh-key.ts'

it('makes keys that can be read, every time', () => {
  for (let count = 0; count < 1500; count += 1) {
    const pair = makeKeyPair('of a test')
    const held = ssh2.utils.parseKey(pair.private)
    const shown = ssh2.utils.parseKey(pair.public)
    if (held instanceof Error || shown instanceof Error)
      throw new Error(`a key that nobody can read: ${pair.public}`)
    expect(held.getPublicSSH().equals(shown.getPublicSSH())).toBe(true)
  }
})
