import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../contract/secret.ts'
import { Unreachable } from '../../model/session.ts'
import {
  bench,
  connect,
  hop,
  refusal,
  run,
  server,
  stop,
  useKeys,
  userKey,
} from './ssh-bench.fixture.ts'
import { checkKeyOf } from './host-key.ts'
import { makeKey, startAgent } from './sshd.fixture.ts'
import { openSshTransport } from './ssh2-transport.ts'

describe('signing in', () => {
  it('uses rsa, ecdsa and encrypted keys, and asks for a passphrase once', async () => {
    const rsa = makeKey('rsa')
    const ecdsa = makeKey('ecdsa')
    const locked = makeKey('ed25519', 'open sesame')
    let asked = 0
    useKeys(async () => (asked++, new Secret('typed', 'open sesame')))
    for (const key of [rsa, ecdsa, locked, locked]) {
      const target = await server({ authorized: [key.public] })
      const transport = await connect(
        hop(target, { keyFiles: [bench.files.file('key', key.private)] }),
      )
      expect(await run(transport, 'echo in')).toMatchObject({ stdout: 'in\n' })
    }
    expect(asked).toBe(1)
  })

  it('never asks for the passphrase of a key that the server would not take', async () => {
    const locked = makeKey('ed25519', 'secret')
    useKeys(async () => expect.fail('it asked'))
    const target = await server()
    await connect(
      hop(target, {
        keyFiles: [
          bench.files.file('locked', locked.private),
          bench.files.file('id2', userKey.private),
        ],
      }),
    )
    expect(target.attempts).toEqual(['publickey', 'publickey', 'publickey'])
  })

  it('takes the passphrase from the inventory', async () => {
    const locked = makeKey('rsa', 'hush')
    const target = await server({ authorized: [locked.public] })
    await connect(
      hop(target, {
        keyFiles: [bench.files.file('locked', locked.private)],
        keyPassphrase: new Secret('key_passphrase', 'hush'),
      }),
    )
    useKeys()
    const wrong = await refusal(
      hop(target, {
        keyFiles: [bench.files.file('locked', locked.private)],
        keyPassphrase: new Secret('key_passphrase', 'canary-wrong'),
      }),
    )
    expect(wrong.message).toMatch(/the passphrase from key_passphrase does not open it/)
    expect(wrong.message).not.toContain('canary-wrong')
  })

  it('takes the keys of an agent, named ones first and with IdentitiesOnly alone', async () => {
    const [wanted, stray] = [makeKey('rsa'), makeKey()]
    const socket = `${bench.files.folder}/agent`
    bench.open.push(await startAgent(socket, [stray.private, wanted.private]))
    const target = await server({ authorized: [wanted.public] })
    await connect(hop(target, { agent: socket, keyFiles: [] }))
    expect(target.attempts).toEqual(['publickey', 'publickey', 'publickey'])
    // The public half names the key, the agent signs.
    await connect(
      hop(target, {
        agent: socket,
        keyFiles: [bench.files.file('wanted.pub', wanted.public)],
        identitiesOnly: true,
      }),
    )
    expect(target.attempts.slice(3)).toEqual(['publickey', 'publickey'])
    const error = await refusal(
      hop(target, {
        agent: socket,
        keyFiles: [bench.files.file('id', userKey.private)],
        identitiesOnly: true,
      }),
    )
    expect(error.message).not.toContain('agent key')
    const gone = await refusal(hop(target, { agent: `${bench.files.folder}/none`, keyFiles: [] }))
    expect(gone.message).toMatch(/the agent at .* did not answer/)
  })

  it('reads PKCS#8 and PEM keys, with and without a passphrase', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const passphrase = 'hush'
    const forms = [
      privateKey.export({ type: 'pkcs8', format: 'pem' }),
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }),
      privateKey.export({ type: 'sec1', format: 'pem', cipher: 'aes-128-cbc', passphrase }),
    ]
    const parsed = ssh2.utils.parseKey(
      privateKey.export({ type: 'sec1', format: 'pem' }) as string,
    ) as ParsedKey
    const target = await server({
      authorized: [`${parsed.type} ${parsed.getPublicSSH().toString('base64')}`],
    })
    for (const [index, form] of forms.entries()) {
      await connect(
        hop(target, {
          keyFiles: [bench.files.file(`form-${index}`, form as string)],
          keyPassphrase: new Secret('key_passphrase', passphrase),
        }),
      )
    }
  })

  it('follows a server that wants a key and then a password, or a prompt', async () => {
    for (const second of ['password', 'keyboard-interactive'] as const) {
      const target = await server({ steps: ['publickey', second], password: 'pw' })
      const transport = await connect(hop(target, { password: new Secret('ssh_pass', 'pw') }))
      expect(await run(transport, 'echo in')).toMatchObject({ stdout: 'in\n' })
    }
  })

  it('says which key was not enough', async () => {
    const target = await server({ steps: ['publickey', 'publickey'] })
    expect((await refusal(hop(target))).message).toMatch(/it accepted .*\/id and wants more/)
  })

  it('says what was tried and what is still offered, and sends a wrong password once', async () => {
    const target = await server({ authorized: [makeKey().public], password: 'right' })
    const error = await refusal(hop(target, { password: new Secret('ssh_pass', 'canary-pw') }))
    expect(error).toBeInstanceOf(Unreachable)
    expect(error.message).toMatch(
      /root@127\.0\.0\.1:\d+ refused the login: tried .*\/id, the password; it still offers publickey, password/,
    )
    expect(error.message).not.toContain('canary-pw')
    expect(target.attempts.filter((each) => each === 'password').length).toBe(1)
  })

  it('names a key file that it did not use', async () => {
    const target = await server()
    const error = await refusal(
      hop(target, {
        keyFiles: [bench.files.file('open', userKey.private, 0o644), `${bench.files.folder}/none`],
      }),
    )
    expect(error.message).toMatch(/open: its mode is 0644/)
    expect(error.message).toMatch(/none: the file does not exist/)
  })

  it('shows the banner of a server that closes without a reason', async () => {
    const target = await server({
      server: { banner: '\u001b[31mSystem is booting up.\u001b[0m See pam_nologin(8)' },
      onAuth: (_context, connection) => (connection.end(), true),
    })
    const error = await refusal(hop(target))
    expect(error.message).toContain('System is booting up.')
    expect(error.message).not.toContain('\u001b')
  })
})

describe('host keys', () => {
  it('refuses an unknown, a changed and a revoked key with what to do', async () => {
    const target = await server()
    const place = `[127.0.0.1]:${target.port}`
    const unknown = await refusal(hop({ port: target.port }))
    expect(unknown.diagnostics?.[0]).toMatchObject({
      code: 'connect/host-key-unknown',
      host: 'node',
    })
    const other = makeKey().public
    const changed = await refusal(
      hop({ port: target.port, hostKeyLine: other }, { policy: 'accept-new' }),
    )
    expect(changed.diagnostics?.[0]?.code).toBe('connect/host-key-changed')
    const revoked = await refusal(
      hop(target, {
        policy: 'off',
        knownHostsFiles: [
          bench.files.file(
            'revoked',
            `@revoked * ${target.hostKeyLine}\n${place} ${target.hostKeyLine}\n`,
          ),
        ],
      }),
    )
    expect(revoked.diagnostics?.[0]?.code).toBe('connect/host-key-revoked')
    const authority = await refusal(
      hop(target, {
        policy: 'accept-new',
        knownHostsFiles: [bench.files.file('ca', `@cert-authority * ${target.hostKeyLine}\n`)],
      }),
    )
    expect(authority.diagnostics?.[0]?.code).toBe('connect/host-key-authority')
  })

  it('accepts a new key once and writes it down', async () => {
    const target = await server()
    const file = bench.files.file('kh', 'other ssh-ed25519 AAAA')
    await connect(hop(target, { policy: 'accept-new', knownHostsFiles: [file] }))
    const [, blob] = target.hostKeyLine.split(' ')
    expect(readFileSync(file, 'utf8')).toBe(
      `other ssh-ed25519 AAAA\n[127.0.0.1]:${target.port} ssh-ed25519 ${blob}\n`,
    )
    await connect(hop(target, { knownHostsFiles: [file] }))
  })

  it('goes on when the key cannot be written down, and says so', async () => {
    await connect(
      hop(await server(), { policy: 'accept-new', knownHostsFiles: ['/proc/none/known_hosts'] }),
    )
    expect(bench.warnings.map((each) => each.code)).toEqual(['connect/known-hosts-unwritten'])
  })

  it('answers the same at a rekey, and refuses another key there', async () => {
    const target = await server()
    const [mine, other] = [target.hostKeyLine, makeKey().public].map((line) =>
      Buffer.from(line.split(' ')[1]!, 'base64'),
    ) as [Buffer, Buffer]
    const check = checkKeyOf(hop(target), bench.world)
    expect([
      check.verify(mine),
      check.verify(mine),
      check.verify(other),
      check.verify(mine),
    ]).toEqual([true, true, false, true])
    expect(check.refusal()?.code).toBe('connect/host-key-changed')
  })

  it('is loud when it does not check', async () => {
    await connect(hop({ port: (await server()).port }, { policy: 'off' }))
    expect(bench.warnings.map((each) => each.code)).toEqual(['connect/host-key-unchecked'])
  })

  it('takes a new key once of a host that the run has booted', async () => {
    const old = await server()
    const mine = hop(old, { policy: 'new-after-boot' })
    await (await openSshTransport('node', [mine], bench.world)).close()
    await stop(old)
    const fresh = await server({ port: old.port })
    expect((await refusal(mine)).diagnostics?.[0]?.code).toBe('connect/host-key-changed')
    bench.world.bootKeys.allow('node')
    await connect(mine)
    expect(bench.warnings.map((each) => each.code)).toEqual(['connect/host-key-after-boot'])
    await connect(mine)
    await stop(fresh)
    await server({ port: old.port })
    expect((await refusal(mine)).diagnostics?.[0]?.code).toBe('connect/host-key-changed')
  })
})
