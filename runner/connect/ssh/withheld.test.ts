import { describe, expect, it } from 'vitest'
import { ask } from '../../contract/probe.ts'
import { Secret } from '../../contract/secret.ts'
import { openSession } from '../batch/script-session.ts'
import { bench, connect, hop, refusal, server } from './ssh-bench.fixture.ts'
import { makeKey, type TestServer } from './sshd.fixture.ts'

// A host that shows another key than the known one, under a policy that goes on all the same: what OpenSSH refuses there is refused here too.

const password = new Secret('password', 'hush-hush')
const off = { policy: 'off' } as const
const noKeys = { ...off, keyFiles: [], password } as const

/** A hop to a server for which known_hosts has another key. */
function changed(target: TestServer, more: object): ReturnType<typeof hop> {
  return hop({ port: target.port, hostKeyLine: makeKey().public }, more)
}

describe('a host whose key has changed, under a policy that checks nothing', () => {
  it('gets no password', async () => {
    const target = await server({ password: 'hush-hush', authorized: [] })
    const error = await refusal(changed(target, noKeys))
    expect(error.message).toMatch(/not used: the password: .* so it is not sent/)
    expect(error.hint).toContain('find out why the host key changed')
    expect(target.attempts).not.toContain('password')
    expect(target.attempts).not.toContain('keyboard-interactive')
  })

  it('gets no answer at a prompt', async () => {
    const target = await server({ password: 'hush-hush', steps: ['keyboard-interactive'] })
    const error = await refusal(changed(target, noKeys))
    expect(error.message).toContain('so it is not sent')
    expect(target.attempts).not.toContain('keyboard-interactive')
  })

  it('lets a key in, with a warning, and gets no secret over that connection', async () => {
    const target = await server()
    const transport = await connect(changed(target, off))
    expect(transport.withheld).toContain('another host key')
    expect(bench.warnings).toMatchObject([
      {
        code: 'connect/host-key-unchecked',
        message: expect.stringMatching(/known-\d+:1 knows another key: no password and no secret/),
      },
    ])
    const session = openSession(transport, null)
    expect((await session.exchange({ probes: [ask(['echo', 'hello'])] })).readings).toMatchObject([
      { stdout: 'hello\n' },
    ])
    const actions = [
      { do: 'write', path: `${bench.files.folder}/x`, content: password },
      { do: 'exec', argv: ['cat'], stdin: password },
    ] as const
    for (const action of actions)
      await expect(
        session.exchange({ apply: { guards: [], actions: [action] }, probes: [] }),
      ).rejects.toMatchObject({ diagnostics: [{ code: 'connect/secret-withheld' }] })
    await expect(transport.forward('127.0.0.1', 80)).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/secret-withheld' }],
    })
  })

  it('gets no password of sudo', async () => {
    const target = await server()
    const transport = await connect(changed(target, off))
    const session = openSession(
      {
        ...transport,
        // A sudo that wants a password.
        start: (command, signal) =>
          transport.start(
            command.replace(/^exec env .*$/, 'echo sudo: a password is required >&2; exit 1'),
            signal,
          ),
      },
      { user: 'root', withheld: transport.withheld! },
    )
    await expect(session.exchange({ probes: [ask(['true'])] })).rejects.toMatchObject({
      diagnostics: [
        {
          code: 'connect/secret-withheld',
          message: expect.stringContaining('becoming root is not sent'),
        },
      ],
    })
  })
})

describe('a host that is not known yet, under a policy that checks nothing', () => {
  it('gets the password, as OpenSSH gives it', async () => {
    const target = await server({ password: 'hush-hush', authorized: [] })
    await connect(hop({ port: target.port }, noKeys))
    expect(target.attempts).toContain('password')
  })
})
