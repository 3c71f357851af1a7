import { describe, expect, it } from 'vitest'
import { algorithmsIn, offerOf } from './algorithms.ts'
import { connect, hop, refusal, server } from './ssh-bench.fixture.ts'

const usual = ['new', 'good-256', 'good-512']
const all = [...usual, 'old', 'older']

describe('a list of algorithms', () => {
  it.each([
    ['good-512,new', ['good-512', 'new']],
    ['of-openssh-alone,old', ['old']],
    ['new,new', ['new']],
    ['good-*', ['good-256', 'good-512']],
    ['+old', [...usual, 'old']],
    ['+new,of-openssh-alone', usual],
    ['-good-*,old', ['new']],
    ['^good-512,old', ['good-512', 'old', 'new', 'good-256']],
    ['of-openssh-alone', []],
    ['-*', []],
  ])('%s leaves these', (written, left) => {
    expect(algorithmsIn(written, usual, all)).toEqual(left)
  })

  it('is refused at its line where it leaves nothing', () => {
    const at = { file: '/home/ann/.ssh/config', line: 3, column: 1 }
    expect(() =>
      offerOf((keyword) => (keyword === 'ciphers' ? { args: ['twofish256-cbc'], at } : undefined)),
    ).toThrow(
      expect.objectContaining({
        diagnostics: [
          expect.objectContaining({
            code: 'connect/ssh-config',
            at,
            message: expect.stringContaining('twofish256-cbc leaves none of the ciphers'),
            hint: expect.stringContaining('aes256-ctr'),
          }),
        ],
      }),
    )
  })
})

describe('a server', () => {
  it('is offered what ssh_config says, and nothing else', async () => {
    const one = await server()
    const offer = offerOf(
      (keyword) =>
        ({
          kexalgorithms: { args: ['ecdh-sha2-nistp256'] },
          ciphers: { args: ['aes256-ctr'] },
          macs: { args: ['-*-etm@openssh.com,*sha1'] },
        })[keyword],
    )
    expect(offer.hmac).toEqual(['hmac-sha2-256', 'hmac-sha2-512'])
    await connect(hop(one, { offer }))
    expect(one.agreed).toEqual([
      expect.objectContaining({
        kex: 'ecdh-sha2-nistp256',
        cs: expect.objectContaining({ cipher: 'aes256-ctr', mac: 'hmac-sha2-256' }),
      }),
    ])
  })

  it('is offered curve25519 and AES-GCM first where ssh_config says nothing', async () => {
    const one = await server()
    await connect(hop(one, { offer: offerOf(() => undefined) }))
    expect(one.agreed).toEqual([
      expect.objectContaining({
        kex: expect.stringContaining('curve25519'),
        cs: expect.objectContaining({ cipher: 'aes128-gcm@openssh.com' }),
      }),
    ])
  })

  it('that shares none of it is refused in words', async () => {
    const one = await server({ server: { algorithms: { cipher: ['aes128-ctr'] } } })
    const { message, hint } = await refusal(hop(one, { offer: { cipher: ['aes256-ctr'] } }))
    expect(message).toMatch(/no matching .*cipher/i)
    expect(hint).toContain('ssh_config')
  })
})
