import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ask } from '../../contract/probe.ts'
import { Unreachable } from '../../model/session.ts'
import { localTransport } from '../local.ts'
import { openSession } from './script-session.ts'
import type { Ending, OutputListener, RemoteProcess, Transport } from '../transport.ts'
import { Secret } from '../../contract/secret.ts'

const hello = { probes: [ask(['echo', 'hello'])] }
const answer = [{ exit: 0, stdout: 'hello\n' }]

describe('a script reaches a shell', () => {
  const logins = [
    '/bin/dash',
    '/bin/bash',
    '/bin/zsh',
    '/bin/csh',
    '/bin/tcsh',
    '/usr/bin/fish',
    '/bin/ksh',
  ].filter((shell) => existsSync(shell))
  it.each(logins)('behind the login shell %s', async (login) => {
    const transport = localTransport({ shell: [login, '-c'] })
    expect((await openSession(transport, null).exchange(hello)).readings).toMatchObject(answer)
    await transport.close()
  })

  it('behind a login that prints, and one without a PATH', async () => {
    const loud = localTransport({
      shell: ['/bin/sh', '-c', 'echo "Welcome!"; echo news >&2; cat /dev/null; eval "$0"'],
    })
    expect((await openSession(loud, null).exchange(hello)).readings).toMatchObject(answer)
    const bare = localTransport({ shell: ['/usr/bin/env', '-i', '/bin/sh', '-c'] })
    expect((await openSession(bare, null).exchange(hello)).readings).toMatchObject(answer)
  })

  it('with secrets behind it, of which the reader takes none', async () => {
    const session = openSession(localTransport(), null)
    const secrets = Array.from(
      { length: 5 },
      (_, index) => new Secret('s', `${index}`.repeat(10_000)),
    )
    const { actions } = await session.exchange({
      apply: {
        guards: [],
        actions: secrets.map((stdin) => ({ do: 'exec' as const, argv: ['cat'], stdin })),
      },
      probes: [],
    })
    expect(actions.map(({ stdout }) => stdout)).toEqual(
      secrets.map((_, index) => `${index}`.repeat(10_000)),
    )
  })

  it('or not at all, which is told as such', async () => {
    const none = openSession(
      localTransport({
        shell: ['/bin/sh', '-c', 'echo "This account is currently not available."; exit 1'],
      }),
      null,
    )
    const error = await none.exchange(hello).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(Unreachable)
    expect((error as Unreachable).message).toContain('not available')
    expect((error as Unreachable).hint).toBeTruthy()
  })
})

// A host that plays a part: it gets what was written and says what it likes.
function playing(
  part: (written: string, say: OutputListener, end: (ending: Ending | Error) => void) => void,
): Transport {
  return {
    name: 'actor',
    async start() {
      let written = ''
      let listener: OutputListener
      let end: (ending: Ending | Error) => void = () => undefined
      const ended = new Promise<Ending>((resolve, reject) => {
        end = (ending) => (ending instanceof Error ? reject(ending) : resolve(ending))
      })
      ended.catch(() => undefined)
      const actor: RemoteProcess = {
        async write(bytes) {
          written += Buffer.from(bytes).toString()
          part(written, listener, end)
        },
        end: () => undefined,
        listen(to) {
          listener = to
        },
        ended,
        kill: () => end({ code: null, signal: 'KILL' }),
        counted: () => ({ sent: written.length, received: 0 }),
      }
      return actor
    },
    close: async () => undefined,
  }
}
const markOf = (script: string): string => /M=(\w+)/.exec(script)![1]!

describe('an exchange', () => {
  it('ends at its end mark, not with the channel', async () => {
    const transport = playing((script, say) => {
      const mark = markOf(script)
      say.stdout(Buffer.from(`\n${mark} b 0\nhello\n\n${mark} 0 0\n\n${mark} e 0\n`))
      say.stderr(Buffer.from(`\n${mark} b\n\n${mark} 0\n\n${mark} e\n`))
    })
    expect((await openSession(transport, null).exchange(hello)).readings).toMatchObject(answer)
  })

  it('takes no frame that was cut in half, and asks again what was not answered', async () => {
    let scripts = 0
    const transport = playing((script, say, end) => {
      const mark = markOf(script)
      scripts += 1
      say.stderr(Buffer.from(`\n${mark} b\n\n${mark} 0\n`))
      say.stdout(
        Buffer.from(
          scripts === 1
            ? `\n${mark} b 0\none\n\n${mark} 0 0\nhel`
            : `\n${mark} b 0\ntwo\n\n${mark} 0 0\n\n${mark} e 0\n`,
        ),
      )
      if (scripts === 1) end({ code: null, signal: 'KILL' })
      else say.stderr(Buffer.from(`\n${mark} e\n`))
    })
    const { readings, cost } = await openSession(transport, null).exchange({
      probes: [ask(['one']), ask(['half']), ask(['two'])],
    })
    expect(readings).toMatchObject([
      { stdout: 'one\n' },
      { failed: { code: 'lost' } },
      { stdout: 'two\n' },
    ])
    expect(cost.scripts).toBe(2)
  })

  it('rejects when the connection is lost on the way: only what acted may have done something', async () => {
    const transport = playing((script, say, end) => {
      say.stdout(Buffer.from(`\n${markOf(script)} b 0\n`))
      end(new Unreachable('actor', 'lost', { midway: true }))
    })
    const session = openSession(transport, null)
    await expect(session.exchange(hello)).rejects.toMatchObject({
      name: 'Unreachable',
      midway: false,
    })
    const apply = { guards: [], actions: [{ do: 'exec', argv: ['true'] } as const] }
    await expect(session.exchange({ apply, probes: [] })).rejects.toMatchObject({
      name: 'Unreachable',
      midway: true,
    })
  })

  it('says that an action may have been done when its shell dies', async () => {
    let scripts = 0
    const transport = playing((script, say, end) => {
      const mark = markOf(script)
      scripts += 1
      if (scripts === 1) {
        say.stdout(Buffer.from(`\n${mark} b 0\n`))
        return end({ code: null, signal: 'KILL' })
      }
      say.stdout(Buffer.from(`\n${mark} b 0\nhello\n\n${mark} 0 0\n\n${mark} e 0\n`))
      say.stderr(Buffer.from(`\n${mark} b\n\n${mark} 0\n\n${mark} e\n`))
    })
    const found = await openSession(transport, null).exchange({
      apply: {
        guards: [],
        actions: [
          { do: 'exec', argv: ['mkfs'] },
          { do: 'exec', argv: ['mount'] },
        ],
      },
      ...hello,
    })
    expect(found.actions).toMatchObject([
      { ok: false, message: expect.stringContaining('not known') },
    ])
    expect(found.readings).toMatchObject(answer)
  })
})
