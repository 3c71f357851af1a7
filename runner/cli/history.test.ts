import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-history-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const trueup = (...argv: readonly string[]): Promise<Ended> =>
  typed(argv, { cwd: folder, stateFolder: join(folder, 'state') })

const lines = Array.from({ length: 400 }, (_, i) => `setting_${i} = ${'on'.padEnd(110, '.')}`)
beforeAll(async () => {
  writeFileSync(join(folder, 'target.conf'), `${lines.join('\n').replaceAll(' = on', ' = off')}\n`)
  const task = (text: string): string => `      - ${text}\n`
  const playbook = (title: string, text: string): string =>
    `playbook: ${title}\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n${task(text)}`
  writeFileSync(
    join(folder, 'note.yaml'),
    playbook('A note', `ensure: it is there\n        copy: { dest: ${folder}/note, content: "x" }`),
  )
  writeFileSync(
    join(folder, 'wrong.yaml'),
    playbook('Never right', 'require: it holds\n        that: "false"'),
  )
  writeFileSync(
    join(folder, 'long.yaml'),
    playbook(
      'Long',
      `ensure: the settings are right\n        template: { dest: ${folder}/target.conf, src: long.hbs }`,
    ),
  )
  writeFileSync(join(folder, 'long.hbs'), `${lines.join('\n')}\n`)
  for (const [verb, file] of [
    ['plan', 'note'],
    ['run', 'note'],
    ['run', 'note'],
    ['run', 'wrong'],
  ])
    await trueup(verb!, join(folder, `${file!}.yaml`))
})

describe('history', () => {
  it.each([
    [['--outcome', 'failed'], [1]],
    [['--outcome', 'true'], [2]],
    [['--outcome', 'changed'], [3]],
    [['--outcome', 'pending'], [4]],
    [
      ['--playbook', 'a NOTE'],
      [2, 3, 4],
    ],
    [['--playbook', 'wrong.yaml'], [1]],
    [
      ['--host', 'localhost', '-n', '2'],
      [1, 2],
    ],
    [['--host', 'elsewhere'], []],
    [
      ['--since', '1h'],
      [1, 2, 3, 4],
    ],
    [['--since', '2099-01-01'], []],
  ])('shows with %j the runs %j, by their numbers among all runs', async (argv, numbers) => {
    const told = await trueup('history', ...argv, '--json')
    const found = JSON.parse(told.out) as readonly { number: number }[]
    expect(found.map(({ number }) => number)).toEqual(numbers)
    const text = (await trueup('history', ...argv)).out
    expect(text.split('\n').filter((line) => line !== '')).toHaveLength(numbers.length)
  })

  it('has for programs what a line says', async () => {
    const [first] = JSON.parse((await trueup('history', '--json')).out) as readonly object[]
    expect(first).toMatchObject({
      number: 1,
      command: 'run',
      title: 'Never right',
      outcome: 'failed',
      exit: 1,
      failedHosts: ['localhost'],
    })
    expect((await trueup('history', '-n', '1')).out).toMatch(/, exit 1\n$/)
  })

  it('refuses what is not a moment', async () => {
    const told = await trueup('history', '--since', 'yesterday')
    expect(told.exit).toBe(3)
    expect(told.err).toContain('--since 2d')
  })
})

describe('a long difference', () => {
  it('is whole on plain output, each line at its width', async () => {
    for (const flag of ['--diff', '--diff=full']) {
      const { out } = await trueup('plan', join(folder, 'long.yaml'), flag)
      expect(out.match(/^ +\+setting_/gm)).toHaveLength(400)
      expect(out).toContain(`+${lines[7]!}\n`)
    }
    expect((await trueup('show', 'last', '--diff=full')).out).toContain(`+${lines[399]!}`)
  })
})
