import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-report-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const inside = (name: string): string => join(folder, name)
const read = (name: string): string => readFileSync(inside(name), 'utf8')

const playbook = inside('b.yaml')
writeFileSync(
  playbook,
  `playbook: It leaves a note
plays:
  - play: the note
    hosts: localhost
    tasks:
      - confirm: it may be written
      - ensure: the note is there
        copy: { dest: "${inside('note')}", content: "one\\n", mode: "0600" }
`,
)

function key(name: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', inside(name)])
  return inside(name)
}
const keys = { alice: key('alice'), bob: key('bob'), mallory: key('mallory') }
writeFileSync(
  inside('signers'),
  ['alice', 'bob'].map((name) => `${name}@example.org ${read(`${name}.pub`)}`).join(''),
  { mode: 0o600 },
)

async function trueup(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return typed(argv, {
    cwd: folder,
    stateFolder: inside('state'),
    env: { PATH: process.env['PATH'], HOME: folder, SUDO_USER: 'alice', ...env },
  })
}

describe('--report', () => {
  it('writes several forms at the end of a run, for their owner alone', async () => {
    const reports = ['html:a.html', 'md:a.md', 'junit:a.xml', 'json:a.json']
    const ended = await trueup([
      'run',
      playbook,
      '-y',
      ...reports.flatMap((each) => ['--report', each]),
    ])
    expect(ended.exit).toBe(0)
    expect(read('a.html')).toContain('<h1>It leaves a note')
    expect(read('a.md')).toContain('# It leaves a note: made true')
    expect(read('a.xml')).toContain('<testsuite name="the note"')
    expect(JSON.parse(read('a.json'))).toMatchObject({
      command: 'run',
      user: 'alice',
      confirmations: [{ sentence: 'it may be written', answer: 'confirmed by --yes' }],
      counts: { changed: 1 },
    })
    for (const name of ['a.html', 'a.md', 'a.xml', 'a.json'])
      expect(statSync(inside(name)).mode & 0o777).toBe(0o600)
  })

  it('goes to standard output without a file, and the run speaks on standard error', async () => {
    const ended = await trueup(['plan', playbook, '--report', 'json'])
    expect(JSON.parse(ended.out)).toMatchObject({ command: 'plan', format: 'trueup-evidence' })
    expect(ended.err).toContain('plan: It leaves a note')
  })

  it('works without a log', async () => {
    const ended = await trueup(['run', playbook, '-y', '--no-log', '--report', 'md'])
    expect(ended.out).toContain('# It leaves a note: true already')
  })

  it.each([
    [['--report', 'pdf:x'], /none of the forms html, md, junit, json/],
    [['--report', 'run.html'], /write --report html:run.html/],
    [['--report', 'html:'], /names no file/],
    [['--report', 'md', '--report', 'json'], /two reports want standard output/],
    [['--report', 'md:x', '--report', 'json:x'], /two reports want the file x/],
    [['--report', 'md', '--output', 'json'], /both want standard output/],
    [['--report', 'html:/nonexistent/x.html'], /cannot be written to \/nonexistent\/x.html/],
    [['--report', 'html:x.html', '--sign', '/nonexistent/key'], /the key .* cannot be read/],
    [['--report', 'md', '--sign', keys.alice], /this command writes none/],
  ])('refuses %j before a host is asked', async (argv, words) => {
    const ended = await trueup(['run', playbook, '-y', ...argv])
    expect(ended.exit).toBe(3)
    expect(ended.events).toEqual([])
    expect(ended.err).toMatch(words)
    expect(existsSync(inside('x'))).toBe(false)
  })
})

describe('trueup report', () => {
  it('makes the evidence of an earlier run from its log', async () => {
    const made = await trueup(['report', 'last', '-o', 'b.html', '-o', 'b.xml'])
    expect(made).toMatchObject({ exit: 0, out: '' })
    expect(read('b.html')).toContain('<h1>It leaves a note')
    expect(read('b.xml')).toContain('<testcase name="ensure: the note is there"')
    expect((await trueup(['report'])).out).toContain('# It leaves a note')
  })

  it('says what to type next, as the run itself did', async () => {
    const stopped = await trueup(['run', playbook])
    expect(stopped.exit).toBe(1)
    expect(stopped.out).toMatch(/next +trueup resume last/)
    expect((await trueup(['report'])).out).toMatch(/^## Next\n+```[a-z]*\ntrueup resume \d\S+$/m)
  })

  it('names no command after `exec`, whose words are not in the log', async () => {
    expect((await trueup(['exec', 'localhost', '--', 'false'])).exit).toBe(1)
    const made = (await trueup(['report'])).out
    expect(made).toContain('# false: ')
    expect(made).not.toContain('## Next')
    await trueup(['run', playbook, '-y'])
  })

  it('refuses a file whose name says no form', async () => {
    const ended = await trueup(['report', '-o', 'b.pdf'])
    expect(ended.exit).toBe(3)
    expect(ended.err).toContain('--form')
  })

  it('is signed on request, and names who signed it', async () => {
    await trueup(['report', '-o', 'signed.html', '--sign', keys.alice])
    const verified = await trueup(['report', '--verify', 'signed.html', '--signers', 'signers'])
    expect(verified.exit).toBe(0)
    expect(verified.out).toMatch(
      /^signed\.html: signed by alice@example\.org, with ED25519 key SHA256:/,
    )
  })

  it.each([
    [
      'was changed',
      () => writeFileSync(inside('signed.html'), `${read('signed.html')} `),
      'sign/wrong',
    ],
    [
      'is signed by a stranger',
      () => trueup(['report', '-o', 'signed.html', '--sign', keys.mallory]),
      'sign/unknown-signer',
    ],
    ['has no signature', () => rmSync(inside('signed.html.sig')), 'sign/not-read'],
  ])('refuses a report that %s', async (_what, harm, code) => {
    await trueup(['report', '-o', 'signed.html', '--sign', keys.alice])
    await Promise.resolve(harm())
    const verified = await trueup(['report', '--verify', 'signed.html', '--signers', 'signers'])
    expect(verified.exit).toBe(3)
    expect(verified.err).toContain(code)
  })

  it('takes no signature of a plan for one of a report', async () => {
    await trueup(['plan', playbook, '-o', 'p.plan', '--sign', keys.alice])
    const verified = await trueup(['report', '--verify', 'p.plan', '--signers', 'signers'])
    expect(verified.exit).toBe(3)
  })
})

describe('a plan that another person approves', () => {
  const apply = (...argv: readonly string[]): Promise<Ended> =>
    trueup(['apply', 'p.plan', '-y', '--approved', '--signers', 'signers', ...argv])

  it('is applied when a signer who is not the user signed it', async () => {
    rmSync(inside('note'), { force: true })
    await trueup(['plan', playbook, '-o', 'p.plan'])
    const approved = await trueup(['approve', 'p.plan', '--sign', keys.bob], { SUDO_USER: 'bob' })
    expect(approved.out).toMatch(/It leaves a note, made .*\n.*would change 1/)
    const applied = await apply('--report', 'json')
    expect(applied.exit).toBe(0)
    expect(JSON.parse(applied.out)).toMatchObject({
      command: 'apply',
      plan: { by: 'bob@example.org', file: inside('p.plan') },
    })
    expect(read('note')).toBe('one\n')
  })

  it.each([
    ['nobody signed it', () => rmSync(inside('p.plan.sig')), 'sign/not-read'],
    [
      'the user signed it',
      () => trueup(['approve', 'p.plan', '--sign', keys.alice]),
      'plan/own-approval',
    ],
    [
      'a stranger signed it',
      () => trueup(['approve', 'p.plan', '--sign', keys.mallory]),
      'sign/unknown-signer',
    ],
    ['another plan was signed', () => trueup(['plan', playbook, '-o', 'p.plan']), 'sign/wrong'],
  ])('is refused when %s, and nothing is done', async (_what, harm, code) => {
    await trueup(['plan', playbook, '-o', 'p.plan'])
    await trueup(['approve', 'p.plan', '--sign', keys.bob], { SUDO_USER: 'bob' })
    await Promise.resolve(harm())
    const applied = await apply()
    expect(applied.exit).toBe(3)
    expect(applied.events).toEqual([])
    expect(applied.err).toContain(code)
  })
})

describe('history --compare', () => {
  it('says what the second run did otherwise, and ends with 1 where they differ', async () => {
    const differ = await trueup(['history', '--compare', '2', '1'])
    expect(differ.out).toMatch(/^was {2}.*\nis {3}/)
    const same = await trueup(['history', '--compare', '1', '1', '--json'])
    expect(same.exit).toBe(0)
    expect(JSON.parse(same.out)).toMatchObject({ isSame: true })
  })

  it('takes two runs', async () => {
    expect((await trueup(['history', '--compare', '1'])).exit).toBe(3)
  })
})
