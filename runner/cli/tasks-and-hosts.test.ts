import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { typed, type Ended } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-targets-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = { cwd: folder, stateFolder: join(folder, 'state') }
const file = (name: string, text: string): string => (
  writeFileSync(join(folder, name), text),
  join(folder, name)
)

file('more.yaml', '- require: the third holds\n  that: true\n  tags: [late]\n')
const playbook = file(
  'playbook.yaml',
  `# What this page is for.
playbook: Four steps
inputs:
  size: { type: integer, default: 3, description: How many }
  key: { type: string, secret: true, required: false, description: A key }
plays:
  - play: the first part
    hosts: localhost
    tasks:
      # Why the first comes first.
      - require: the first holds
        that: size > 1
      - block:
          - require: the second holds
            that: true
          - include: more.yaml
  - play: the last part
    hosts: localhost
    tasks:
      - ensure: the fourth holds
        file: { path: ${folder}, state: directory }
`,
)
const done = ({ events }: Ended): readonly string[] =>
  events.flatMap((event) => (event.type === 'outcome' ? [`${event.task} ${event.outcome}`] : []))

/** A command line on a terminal, where these lines are typed one after the other. */
async function onTerminal(argv: readonly string[], ...lines: readonly string[]): Promise<Ended> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const left = [...lines]
  let [shown, err] = ['', '']
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  stderr.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    err += chunk.toString()
    if (/(?:\): |\] )$/.test(shown) && left.length > 0) {
      shown = ''
      setTimeout(() => stdin.write(`${left.shift()}\r`), 5)
    }
  })
  return {
    ...(await typed(argv, { ...at, stdin: stdin as never, stderr: stderr as never })),
    err: stripVTControlCharacters(err),
  }
}

describe('what would run', () => {
  it('is listed with numbers and places, included tasks too', async () => {
    const told = await typed(['run', playbook, '--list-tasks'], at)
    expect(told).toMatchObject({ exit: 0, events: [] })
    expect(told.out.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '))).toEqual([
      'the first part: 1 host of localhost',
      '1 | require: the first holds | playbook.yaml:11:9',
      '2 | require: the second holds | playbook.yaml:14:13',
      '3 | require: the third holds | tags: late | more.yaml:1:3',
      'the last part: 1 host of localhost',
      '4 | ensure: the fourth holds | (file) | playbook.yaml:20:9',
      '',
    ])
    expect((await typed(['plan', playbook, '--list-tasks', '--tags', 'late'], at)).out).toMatch(
      /^the first part.*\n +3 .*\nthe last part.*\n$/,
    )
  })

  it('is listed by hosts, within the limit', async () => {
    const inventory = file(
      'hosts.yaml',
      'groups:\n  nodes:\n    hosts: { a1: {}, a2: {}, a3: {} }\n',
    )
    const remote = file(
      'remote.yaml',
      'playbook: r\nplays:\n  - play: p\n    hosts: "@nodes"\n    tasks:\n      - require: it\n        that: true\n',
    )
    expect(
      await typed(['run', remote, '-i', inventory, '--list-hosts', '--limit', 'a[2-3]'], at),
    ).toMatchObject({ exit: 0, events: [], out: 'p: 2 hosts of @nodes\n       a2\n       a3\n' })
  })
})

describe('--start-at', () => {
  it.each(['the third holds', '3'])('begins with %j', async (words) => {
    const told = await typed(['run', playbook, '--start-at', words], at)
    expect(told.exit).toBe(0)
    expect(done(told)).toHaveLength(2)
  })

  it.each([
    ['the thrid holds', "'the third holds'"],
    ['9', '4 tasks'],
    ['0', '4 tasks'],
  ])('%j exits 3 and helps', async (words, hint) => {
    const told = await typed(['run', playbook, '--start-at', words], at)
    expect(told).toMatchObject({ exit: 3, events: [] })
    expect(told.err).toContain('[cli/no-task]')
    expect(told.err).toContain(hint)
  })
})

describe('tags', () => {
  it.each([
    ['--tags', 'lste', "'late'"],
    ['--tags', 'late,noise', 'late'],
    ['--skip-tags', 'lata', "'late'"],
  ])(
    '%s %s exits 3 and helps: nothing would be chosen, or nothing left out',
    async (flag, tags, hint) => {
      for (const more of [[], ['--list-tasks']]) {
        const told = await typed(['run', playbook, flag, tags, ...more], at)
        expect(told).toMatchObject({ exit: 3, events: [], out: '' })
        expect(told.err).toContain('[cli/no-tag]')
        expect(told.err).toContain(hint)
      }
    },
  )

  it('always and never may be named, whoever has them', async () => {
    expect((await typed(['run', playbook, '--skip-tags', 'always,never'], at)).exit).toBe(0)
  })
})

describe('--step', () => {
  it('needs a terminal', async () => {
    const told = await typed(['run', playbook, '--step'], at)
    expect(told).toMatchObject({ exit: 3, events: [] })
    expect(told.err).toContain('[cli/no-terminal]')
  })

  it('asks before each task, until all that follow are wanted', async () => {
    const told = await onTerminal(['run', playbook, '--step'], 'y', 'n', 'all')
    expect(told.exit).toBe(0)
    expect(done(told).map((each) => each.split(' ')[1])).toEqual(['ok', 'skipped', 'ok', 'ok'])
    expect(told.err).toContain(
      'require: the first holds (1 host, 1 true already) [y/n/d(iff)/a(ll)/q(uit)/?]',
    )
  })

  const note = join(folder, 'step.note')
  const changing = file(
    'changing.yaml',
    `playbook: c\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - confirm: a person agrees\n      - ensure: the note is there\n        copy: { dest: "${note}", content: "one\\n" }\n      - require: it holds\n        that: true\n`,
  )

  it('shows what would change, explains the answers, and asks a confirm once', async () => {
    const told = await onTerminal(['run', changing, '--step'], 'y', '?', 'd', 'n', 'n')
    expect(told.err).toContain('ensure: the note is there (1 host, 1 would change) [y/n/')
    expect(told.err).toMatch(/would change +ensure: the note is there: localhost\n(?:.*\n)*.*\+one/)
    expect(told.err).toContain('q, quit  end the run here')
    expect(told.err.match(/a person agrees \[y\/n\]/g)).toHaveLength(1)
    expect(existsSync(note)).toBe(false)
    expect(done(told).map((each) => each.split(' ')[1])).toEqual(['ok', 'skipped', 'skipped'])
  })

  it('ends the run at quit: nothing more begins', async () => {
    const told = await onTerminal(['run', changing, '--step'], 'y', 'q')
    expect(told.exit).toBe(130)
    expect(done(told).map((each) => each.split(' ')[1])).toEqual(['ok'])
    expect(existsSync(note)).toBe(false)
  })
})

describe('inputs', () => {
  const needy = file(
    'needy.yaml',
    'playbook: n\ninputs:\n  size: { type: integer, description: How many }\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - require: it is so\n        that: size == 7\n',
  )

  it('are asked for on a terminal, and become what they are declared to be', async () => {
    expect(await onTerminal(['run', needy], '7')).toMatchObject({ exit: 0 })
    expect(await onTerminal(['run', needy], 'many')).toMatchObject({ exit: 3, events: [] })
  })

  it('are never asked for without one, nor when they were given', async () => {
    const told = await typed(['run', needy], at)
    expect(told).toMatchObject({ exit: 3, events: [] })
    expect(told.err).toContain('[input/missing]')
    expect(await onTerminal(['run', needy, '-e', 'size=7'])).toMatchObject({ exit: 0 })
  })
})

describe('Ctrl-C at a question', () => {
  const heard: string[] = []
  const hear = (): void => void heard.push('SIGINT')
  beforeEach(() => {
    heard.length = 0
    process.on('SIGINT', hear)
  })
  afterEach(() => void process.off('SIGINT', hear))
  const asking = file(
    'asking.yaml',
    'playbook: n\ninputs:\n  size: { type: integer, description: How many }\n  more: { type: integer, description: How many more }\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - confirm: the door is closed\n',
  )

  it('ends it before anything runs, and asks nothing more', async () => {
    const told = await onTerminal(['run', asking], '\u0003')
    expect(told).toMatchObject({ exit: 130, events: [] })
    expect(heard).toEqual(['SIGINT'])
  })

  it('interrupts the run when it is asked within one', async () => {
    const told = await onTerminal(['run', asking, '-e', 'size=1', '-e', 'more=1'], '\u0003')
    expect(
      told.events.flatMap((event) => (event.type === 'outcome' ? [event.error?.code] : [])),
    ).toEqual(['run/interrupted'])
    expect(heard).toEqual(['SIGINT'])
    expect(
      done(await onTerminal(['run', playbook, '--step'], 'y', '\u0003', 'n', 'n')).map(
        (each) => each.split(' ')[1],
      ),
    ).toEqual(['ok', 'skipped', 'skipped', 'skipped'])
  })
})

describe('docs', () => {
  it('shows a playbook as the page that it replaces', async () => {
    const { exit, out } = await typed(['docs', playbook], at)
    expect(exit).toBe(0)
    for (const part of [
      '# Four steps\n\nWhat this page is for.',
      '| `size` | integer | `3` | How many |',
      '| `key` | secret text |  | A key |',
      '### 1. the first holds\n\nWhy the first comes first.\n\nMust be so.',
      '### 3. the third holds',
      'Made true with `file`.',
      '- `state`: `directory`',
    ])
      expect(out).toContain(part)
    expect((await typed(['docs', join(folder, 'nowhere.yaml')], at)).exit).toBe(3)
  })
})
