import { describe, expect, it } from 'vitest'
import { refusedLogin, type LoginStory } from './login-words.ts'
import type { Hop } from './hop.ts'
import { bench, hop, refusal, server } from './ssh-bench.fixture.ts'

const story = (more: Partial<LoginStory>): LoginStory => ({
  tried: ['/home/ann/id'],
  accepted: [],
  barred: [],
  notes: [],
  offers: ['publickey'],
  ...more,
})
const at = { name: 'node', address: 'node', port: 22, user: 'ann' } as Hop

describe('a refused login', () => {
  it('of an account that may not log in says so, for the key was accepted', async () => {
    const target = await server({
      onAuth: (context) => {
        if (context.method !== 'publickey' || !context.signature) return false
        context.reject(['publickey'])
        return true
      },
    })
    const { message, hint } = await refusal(hop(target))
    expect(message).toContain(
      `it accepted the key ${bench.files.folder}/id, but this account may not log in`,
    )
    expect(hint).toMatch(/PermitRootLogin, AllowUsers/)
  })

  it('of a key that is not known names what else may be the reason', () => {
    const { hint } = refusedLogin(at, story({}))
    expect(hint).toMatch(/authorized_keys.*StrictModes.*AllowUsers.*FIPS one takes no ed25519/)
  })

  it('says which part was accepted, and what is still wanted', () => {
    const { message } = refusedLogin(
      at,
      story({ accepted: ['the password'], offers: ['publickey'] }),
    )
    expect(message).toContain('it accepted the password and wants more; it still offers publickey')
  })

  it('by a host that boots says that it boots', async () => {
    const target = await server({
      onAuth: (_context, connection) => {
        // As pam_nologin does.
        connection.end()
        return true
      },
      server: {
        banner: 'System is booting up. Unprivileged users are not permitted to log in yet.',
      },
    })
    const { hint, message } = await refusal(hop(target))
    expect(message).toContain('System is booting up')
    expect(hint).toContain('it is booting')
  })
})
