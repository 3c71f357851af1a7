import { describe, expect, it } from 'vitest'
import { ask, stat, text } from '../../contract/probe.ts'
import { Unreachable, type Exchange, type WorldAction } from '../../model/session.ts'
import { localTransport } from '../local.ts'
import type { OutputListener, Transport } from '../transport.ts'
import { splitter } from './framing.ts'
import { openSession } from './script-session.ts'

// Far more than a busy machine needs from one mark of life to the next.
const times = { every: 0.2, silence: 6, start: 60 }

/** This machine, whose words are no longer heard once it is cut, as when a cable is. `begun` waits for its first words. */
function cuttable(): Transport & { readonly begun: Promise<void>; cut(): void } {
  const local = localTransport()
  let dead = false
  let hear = (): void => {}
  const begun = new Promise<void>((resolve) => (hear = resolve))
  return {
    ...local,
    begun,
    cut: () => (dead = true),
    async start(command, signal) {
      const process = await local.start(command, signal)
      return {
        ...process,
        ended: process.ended.then((ending) => (dead ? new Promise<never>(() => {}) : ending)),
        listen: (to: OutputListener) =>
          process.listen({
            stdout: (bytes) => {
              if (!dead) to.stdout(bytes)
              hear()
            },
            stderr: (bytes) => void (dead || to.stderr(bytes)),
          }),
      }
    },
  }
}

const sleep = (seconds: number): readonly [string, ...string[]] => ['sleep', String(seconds)]
const quiet: Readonly<Record<string, Exchange>> = {
  'a command with the usual limit': { probes: [ask(sleep(8))] },
  'a command with a limit of its own': { probes: [ask(sleep(8), [0], { timeout: 20 })] },
  'an action': { apply: { guards: [], actions: [{ do: 'exec', argv: sleep(8) }] }, probes: [] },
  'a command read behind an action': {
    apply: { guards: [], actions: [{ do: 'exec', argv: ['true'] }] },
    probes: [ask(sleep(8))],
  },
}

/** The command lines of all that runs here. */
async function commandsHere(): Promise<string> {
  const transport = localTransport()
  const { readings } = await openSession(transport, null, null, times).exchange({
    probes: [ask(['sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "'], 'any')],
  })
  await transport.close()
  return (readings[0] as { stdout: string }).stdout
}

describe.concurrent('a silent command', () => {
  it.each(Object.entries(quiet))('is no dead host: %s', async (_what, exchange) => {
    const transport = localTransport()
    const { actions, readings } = await openSession(transport, null, null, times).exchange(exchange)
    for (const action of actions) expect(action).toMatchObject({ ok: true })
    for (const reading of readings) expect(reading).toMatchObject({ exit: 0 })
    await transport.close()
  })

  it.each(Object.entries(quiet))(
    'on a host that dies is told as a dead host: %s',
    async (what, exchange) => {
      const transport = cuttable()
      const session = openSession(transport, null, null, times)
      const running = session.exchange(exchange).catch((error: unknown) => error)
      await transport.begun
      await new Promise((resolve) => setTimeout(resolve, 700))
      transport.cut()
      const error = (await running) as Unreachable
      expect(error).toBeInstanceOf(Unreachable)
      expect(error.message).toContain('nothing came from the host for 6s')
      expect(error.midway).toBe('apply' in exchange)
      await transport.close()
      expect(what).toBeTruthy()
    },
  )

  it('that takes longer than it may is told as a slow command', async () => {
    const transport = localTransport()
    const session = openSession(transport, null, null, times)
    const { readings } = await session.exchange({
      probes: [ask(sleep(30), [0], { timeout: 8 }), ask(['echo', 'next'])],
    })
    expect(readings).toMatchObject([{ failed: { code: 'timeout' } }, { stdout: 'next\n' }])
    await transport.close()
  })
})

describe('a command', () => {
  it.each([
    ['of the usual limit', {}],
    ['of a limit of its own', { timeout: 600 }],
  ])('%s ends with its connection, and what it started does', async (_what, limit) => {
    const transport = localTransport()
    const marker = `3${process.pid}.${'timeout' in limit ? 1 : 2}`
    const running = openSession(transport, null, null, times)
      .exchange({ probes: [ask(['sh', '-c', `sleep ${marker} & sleep ${marker}`], [0], limit)] })
      .catch(() => undefined)
    await expect.poll(commandsHere).toContain(`sleep ${marker}`)
    await transport.close()
    await running
    await expect.poll(commandsHere).not.toContain(`sleep ${marker}`)
  })

  it('leaves no process behind that would send marks', async () => {
    const transport = localTransport()
    const session = openSession(transport, null, null, { ...times, every: 31.7 })
    const actions: readonly WorldAction[] = [{ do: 'exec', argv: ['true'] }]
    await session.exchange({ apply: { guards: [], actions }, probes: [stat('/')] })
    await session.exchange({ probes: [text('/etc/hostname')] })
    // The kernel may take a moment to end what was killed: far less than the sleep would last.
    await expect.poll(commandsHere).not.toContain('sleep 31.7')
    await transport.close()
  })
})

describe('a mark of life', () => {
  it('may stand anywhere but in another mark, which is one write, and the bytes around it stay what they were', () => {
    const mark = 'abcdef012345abcdef012345'
    const whole = `one\ntwo\n${mark} 3 0\nthree\n\n${mark} 4 17\n`
    const beat = `\n${mark} h\n`
    const expected = splitter(mark).push(Buffer.from(whole))
    const marks = [...whole.matchAll(new RegExp(`\n${mark} [^\n]*\n`, 'g'))]
    for (let at = 0; at <= whole.length; at++) {
      if (marks.some(({ index, 0: text }) => at > index && at < index + text.length)) continue
      const bytes = Buffer.from(whole.slice(0, at) + beat + whole.slice(at))
      const found = splitter(mark).push(bytes)
      expect(found.filter(({ words }) => words[0] !== 'h')).toEqual(expected)
      expect(found.filter(({ words }) => words[0] === 'h').length).toBe(1)
    }
  })
})
