import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { codes } from '../model/codes.ts'
import { typed } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-at-once-'))
const at = { cwd: folder, stateFolder: join(folder, 'state') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(
  join(folder, 'hosts.yaml'),
  `groups:
  g: { hosts: { m1: { connection: local }, m2: { connection: local } } }
  dead: { hosts: { "d[1-3]": { address: 127.0.0.1, port: 1 } } }
`,
)
const trueup = (...argv: readonly string[]) => {
  const [command, ...rest] = argv
  return typed([command!, '-i', join(folder, 'hosts.yaml'), ...rest], at)
}

describe('trueup exec', () => {
  it('runs a line of sh, and shows hosts that say the same as one', async () => {
    const { exit, out, err } = await trueup('exec', 'g', '--', 'echo one; echo two | tr o 0')
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toMatch(/: all 2 hosts\n +one\n +tw0\n/)
  })

  it('takes several words as a command and its arguments, none of which is a template or a pattern', async () => {
    const { out } = await trueup('exec', 'm1', '--', 'printf', '%s|', '{{ x }}', '*', 'a b', "it's")
    expect(out).toContain("{{ x }}|*|a b|it's|")
  })

  it('shows hosts apart that say something else', async () => {
    const line = `mkdir ${folder}/made 2>/dev/null && echo first || echo second`
    const { out } = await trueup('exec', 'g', '--', line)
    expect(out).toMatch(/: m[12]\n +first\n/)
    expect(out).toMatch(/: m[12]\n +second\n/)
  })

  it('exits with 1 where it fails, and says what to type again', async () => {
    const { exit, out } = await trueup('exec', 'g', '--', 'echo words; exit 3')
    expect(exit).toBe(1)
    expect(out).toContain('exit 3')
    expect(out).toMatch(/\n +words\n/)
    expect(out).toMatch(/next +trueup exec g -i \S+ -- 'echo words; exit 3'/)
    expect(out).not.toContain('!raw')
  })

  it('is in the history, and cannot be resumed', async () => {
    await trueup('exec', 'm1', '--', 'true')
    expect((await typed(['history', '-n', '1'], at)).out).toContain('(exec)')
    const { exit, err } = await typed(['resume', 'last'], at)
    expect(exit).toBe(3)
    expect(err).toContain('was one command, and not a playbook: true')
  })

  it('takes no sudo unless --become is given', async () => {
    const { events } = await trueup('exec', 'm1', '--', 'true')
    const users = events.flatMap((event) => (event.type === 'exchange' ? [event.user] : []))
    expect([...new Set(users)]).toEqual(['-'])
  })

  it.each([
    [['nosuch', '--', 'true'], "'nosuch' matches no host"],
    [['m1'], "missing required argument 'command'"],
    [['m1', '--timeout', 'soon', '--', 'true'], 'timeout wants a duration'],
  ])('%j is refused, and nothing is touched', async (argv, message) => {
    const { exit, err, events } = await trueup('exec', ...argv)
    expect({ exit, events }).toEqual({ exit: 3, events: [] })
    expect(err).toContain(message)
  })
})

describe('trueup ping', () => {
  it('says which hosts answer, and why the others do not', async () => {
    const { exit, out } = await trueup('ping', 'all')
    expect(exit).toBe(1)
    expect(out).toMatch(/ok +require: it answers: m\[1-2\]/)
    expect(out).toMatch(/unreachable +require: it answers: d\[1-3\]/)
    expect(out).toContain('nothing listens there')
  })
})

describe('trueup facts', () => {
  it('shows the facts of hosts that have the same as one', async () => {
    const { exit, out } = await trueup('facts', 'g')
    expect(exit).toBe(0)
    expect(out).toMatch(/all 2 hosts\n +\{\n/)
    for (const name of ['arch', 'os', 'kernel', 'sp']) expect(out).toContain(`"${name}":`)
  })
})

describe('trueup explain', () => {
  it.each(Object.keys(codes).filter((_, i) => i % 40 === 0))('says what %s means', async (code) => {
    const { exit, out } = await typed(['explain', `[${code}]`], at)
    expect(exit).toBe(0)
    expect(out).toContain(codes[code as keyof typeof codes])
  })

  it('offers the code that was meant', async () => {
    const { exit, err } = await typed(['explain', 'run/requird'], at)
    expect(exit).toBe(3)
    expect(err).toContain("did you mean 'run/required'?")
  })
})
