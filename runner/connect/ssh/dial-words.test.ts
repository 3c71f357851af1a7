import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describe as wordsFor } from './dial-words.ts'
import type { Hop } from './hop.ts'

const hop = { name: 'n1', user: 'root', address: '127.0.0.1', port: 4022 } as unknown as Hop
const say = (message: string) => wordsFor(hop, new Error(message), [])

/** The errors of ssh2's key exchange that a server may bring about, as its own source has them. */
const fatal = (() => {
  const main = createRequire(import.meta.url).resolve('ssh2')
  const text = readFileSync(join(dirname(main), 'protocol/kex.js'), 'utf8')
  return [...text.matchAll(/`(Received packet [^`]*)`/g)].map(([, words]) =>
    words!.replace(/\$\{[^}]*\}?/g, '30').trim(),
  )
})()

describe('what ssh2 says of a server that breaks the protocol', () => {
  it('is found in its source', () => expect(fatal.length).toBeGreaterThan(3))
  it.each([...new Set(fatal), 'Inbound: Malformed EXT_INFO packet', 'Invalid prime value'])(
    '%s is said in words of trueup, with what to type',
    (message) => {
      const { message: words, hint } = say(message)
      expect(words).toBe(`what answers there does not keep to the SSH protocol (${message})`)
      expect(hint).toContain('ssh -v -p 4022 127.0.0.1')
    },
  )
  it.each(['Header line too long', 'Invalid identification string'])(
    '%s means that it is another server',
    (message) => expect(say(message).message).toContain('is not an SSH server'),
  )
})
