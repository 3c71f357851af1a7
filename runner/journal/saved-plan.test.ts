import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed } from '../cli/io.fixture.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'trueup-plan-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const playbook = (target: string): string => `playbook: a file
inputs:
  word: { type: string, default: right, description: What it says }
  token: { type: string, secret: true, description: A secret }
plays:
  - play: it is right
    hosts: localhost
    tasks:
      - ensure: the file says the word
        copy: { dest: ${target}, content: "{{ word }}\\n" }
      - ensure: the secret is in its file
        copy: { dest: ${target}.secret, content: "{{ token }}\\n", mode: "0600" }
`

async function command(...argv: string[]): Promise<{ exit: number; text: string }> {
  const paths = argv.map((word) => (/\.(yaml|plan)$/.test(word) ? join(folder, word) : word))
  const { exit, out, err } = await typed(paths, { cwd: folder, stateFolder: join(folder, 'state') })
  return { exit, text: out + err }
}

describe('a plan in a file', () => {
  it('is applied from its own text, and holds no secret', async () => {
    const target = join(folder, 'applied')
    writeFileSync(join(folder, 'playbook.yaml'), playbook(target))
    expect(
      (
        await command(
          'plan',
          'playbook.yaml',
          '-o',
          'playbook.plan',
          '-e',
          'word=planned',
          '-e',
          'token=canary-7',
        )
      ).exit,
    ).toBe(2)
    expect(statSync(join(folder, 'playbook.plan')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'playbook.plan'), 'utf8')).not.toContain('canary-7')
    // The playbook is edited meanwhile: what was planned is what counts.
    writeFileSync(join(folder, 'playbook.yaml'), 'playbook: something else\nplays: []\n')
    const applied = await command('apply', 'playbook.plan', '-e', 'token=canary-7')
    expect(applied).toMatchObject({ exit: 0 })
    expect(readFileSync(target, 'utf8')).toBe('planned\n')
    expect(readFileSync(`${target}.secret`, 'utf8')).toBe('canary-7\n')
    expect(await command('apply', 'playbook.plan', '-e', 'token=canary-7')).toMatchObject({
      exit: 0,
      text: expect.stringContaining('true already'),
    })
  })

  it('stops where the state moved', async () => {
    const target = join(folder, 'moved')
    writeFileSync(join(folder, 'moved.yaml'), playbook(target))
    await command('plan', 'moved.yaml', '-o', 'moved.plan', '-e', 'token=x')
    writeFileSync(target, 'by somebody else\n')
    const { exit, text } = await command('apply', 'moved.plan', '-e', 'token=x')
    expect(exit).toBe(1)
    expect(text).toContain('the state moved')
    expect(readFileSync(target, 'utf8')).toBe('by somebody else\n')
  })

  it.each([
    ['missing.plan', null, 'plan/not-read'],
    ['text.plan', () => 'hello', 'plan/not-a-plan'],
    [
      'future.plan',
      (plan: string) => plan.replace('"version": 2', '"version": 99'),
      'plan/version',
    ],
    [
      'edited.plan',
      (plan: string) => plan.replace('the file says the word', 'the file says no word'),
      'plan/edited',
    ],
  ])('is refused when it is %s', async (name, spoil, code) => {
    writeFileSync(join(folder, 'plain.yaml'), playbook(join(folder, 'never')))
    await command('plan', 'plain.yaml', '-o', 'plain.plan', '-e', 'token=x')
    if (spoil)
      writeFileSync(join(folder, name), spoil(readFileSync(join(folder, 'plain.plan'), 'utf8')))
    expect(await command('apply', name, '-e', 'token=x')).toMatchObject({
      exit: 3,
      text: expect.stringContaining(code),
    })
  })

  it('is refused when it is too old', async () => {
    expect(
      await command('apply', 'playbook.plan', '--max-age', '0s', '-e', 'token=x'),
    ).toMatchObject({
      exit: 3,
      text: expect.stringContaining('plan/too-old'),
    })
    expect(await command('apply', 'playbook.plan', '--max-age', 'long')).toMatchObject({
      exit: 3,
      text: expect.stringContaining('cli/duration'),
    })
  })

  it('takes no input that it has already', async () => {
    expect(
      await command('apply', 'playbook.plan', '-e', 'word=other', '-e', 'token=x'),
    ).toMatchObject({
      exit: 3,
      text: expect.stringContaining('plan/input'),
    })
  })
})
