import { describe, expect, it } from 'vitest'
import { redact, Secret } from './secret.ts'

const text = `it's "a" secret/with+all äöü`
new Secret('word', text)
new Secret('short', 'abcd')
new Secret('long', 'abcdefghij')
const key = `[client.kube]\n\tkey = AQBdS2hk7xNnABAAe4fO0gq1b2C3d4E5f6G7hw==\n`
new Secret('key', key)
const encoded = (value: string): string => Buffer.from(value).toString('base64')

describe('what a host echoes of a secret', () => {
  it.each([
    ['as it is', text, 'said (secret word)!'],
    ['in JSON', JSON.stringify(text).slice(1, -1), 'said (secret word)!'],
    ['in quotes of a shell', text.replaceAll("'", "'\\''"), 'said (secret word)!'],
    ['in an address', encodeURIComponent(text), 'said (secret word)!'],
    ['that begins with another', 'abcdefghij', 'said (secret long)!'],
    ['that is a part of another', 'abcdefg', 'said (secret short)efg!'],
    [
      'of several lines, shown one by one',
      `[client.kube] / key = AQBdS2hk7xNnABAAe4fO0gq1b2C3d4E5f6G7hw==`,
      'said [client.kube] / key = (secret key)!',
    ],
  ])('is hidden %s', (_how, echoed, shown) => {
    expect(redact(`said ${echoed}!`)).toBe(shown)
  })

  it.each(['', 'a', 'ab', 'user:'])('is hidden in base64 behind %j', (before) => {
    for (const after of ['', '\n', ' and more']) {
      for (const form of [
        encoded(before + text + after),
        Buffer.from(before + text + after).toString('base64url'),
      ]) {
        const shown = redact(form)
        expect(shown).toContain('(secret word)')
        expect(shown.replace('(secret word)', '').length).toBeLessThan(
          before.length * 2 + after.length * 2 + 8,
        )
      }
    }
  })

  it('is found among ten thousand others without looking for each', () => {
    for (let i = 0; i < 10_000; i++) new Secret(`n${i}`, `canary-${i}-of-many`)
    expect(redact('canary-77-of-many canary-9999-of-many')).toBe('(secret n77) (secret n9999)')
  })
})
