import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { typed } from '../cli/io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-unpaid-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A playbook whose handler fails while a file is not there. */
function place(name: string): {
  readonly playbook: string
  readonly run: (...argv: string[]) => ReturnType<typeof typed>
  readonly mend: () => void
  readonly logs: () => string[]
} {
  const at = mkdtempSync(join(folder, `${name}-`))
  const playbook = join(at, 'playbook.yaml')
  writeFileSync(
    playbook,
    `playbook: a debt
plays:
  - play: it is paid
    hosts: localhost
    tasks:
      - ensure: the file is there
        copy: { dest: ${at}/made, content: "x" }
        notify: it is loaded
    handlers:
      - run: it is loaded
        command: { argv: [test, -e, ${at}/mended] }
`,
  )
  return {
    playbook,
    run: (...argv) => typed(argv, { cwd: at, stateFolder: join(at, 'state') }),
    mend: () => writeFileSync(join(at, 'mended'), ''),
    logs: () => readdirSync(join(at, 'state/runs')).map((log) => join(at, 'state/runs', log)),
  }
}

it(
  'a run warns of handlers that an earlier one left unpaid, until somebody paid them',
  { timeout: 120_000 },
  async () => {
    const here = place('resumed')
    const first = await here.run('run', here.playbook)
    expect([first.exit, first.err]).toEqual([1, ''])
    // A run finds the file as it should be, and notifies nobody.
    expect(first.out).toMatch(/^ {2}next +trueup resume \S+$/m)
    here.mend()
    const second = await here.run('run', here.playbook)
    expect(second.exit).toBe(0)
    const [, name] = /`trueup resume (\S+)`/.exec(second.err)!
    expect(second.err).toContain('[run/owed]')
    expect(second.err).toContain('"it is loaded"')
    expect((await here.run('plan', here.playbook)).err).toBe('')
    expect((await here.run('resume', name!)).exit).toBe(0)
    expect((await here.run('run', here.playbook)).err).toBe('')
  },
)

it('a debt that a later run paid without knowing is none', { timeout: 120_000 }, async () => {
  const here = place('paid')
  expect((await here.run('run', here.playbook)).exit).toBe(1)
  here.mend()
  writeFileSync(
    here.playbook,
    readFileSync(here.playbook, 'utf8').replace('content: "x"', 'content: "y"'),
  )
  expect((await here.run('run', here.playbook)).err).toContain('run/owed')
  expect((await here.run('run', here.playbook)).err).toBe('')
})

it(
  'one that was killed, or that stopped at its handler, is told by its log as far as it goes',
  { timeout: 120_000 },
  async () => {
    const here = place('cut')
    expect((await here.run('run', here.playbook)).exit).toBe(1)
    const [log] = here.logs()
    const lines = readFileSync(log!, 'utf8').split('\n')
    writeFileSync(
      log!,
      lines
        .slice(0, lines.findIndex((line) => line.includes('"type":"notified"')) + 1)
        .join('\n')
        .replace(/"pid":[0-9]+,"began":(?:null|"[^"]*")/, '"pid":999999,"began":"0"') + '\n',
    )
    here.mend()
    expect((await here.run('run', here.playbook)).err).toContain('run/owed')
    writeFileSync(log!, 'no log\n')
    expect((await here.run('run', here.playbook)).err).toBe('')
  },
)

it(
  '`resume last` pays what each earlier run of the playbook left unpaid',
  { timeout: 120_000 },
  async () => {
    const here = place('several')
    const playbook = readFileSync(here.playbook, 'utf8')
    expect((await here.run('run', here.playbook)).exit).toBe(1)
    // Another run owes another handler, and is the last one.
    const other = playbook
      .replace('- ensure: the file is there', '- ensure: another file is there')
      .replace('/made', '/other')
      .replace('notify: it is loaded', 'notify: it is counted')
      .replace(
        '    handlers:\n',
        '    handlers:\n      - run: it is counted\n        command: { argv: [test, -e, MENDED] }\n',
      )
      .replace('MENDED', /test, -e, (\S+)\] \}/.exec(playbook)![1]!)
    writeFileSync(here.playbook, other)
    const second = await here.run('run', here.playbook)
    expect(second.exit).toBe(1)
    expect(second.err).toContain('"it is loaded"')
    here.mend()
    const paid = await here.run('resume', 'last', '--output', 'plain')
    expect(paid.exit).toBe(0)
    expect(paid.err).toContain('left handlers unpaid too: this run pays them')
    for (const sentence of ['it is loaded', 'it is counted'])
      expect(paid.out).toMatch(new RegExp(`changed +run: ${sentence}`))
    expect((await here.run('run', here.playbook)).err).toBe('')
  },
)

it(
  'a resume that was killed before it took a debt over leaves it with the run that made it',
  { timeout: 120_000 },
  async () => {
    const here = place('killed')
    expect((await here.run('run', here.playbook)).exit).toBe(1)
    expect((await here.run('resume', 'last')).exit).toBe(1)
    const second = here.logs().sort().at(-1)!
    const [header] = readFileSync(second, 'utf8').split('\n')
    writeFileSync(
      second,
      `${header!.replace(/"pid":[0-9]+,"began":(?:null|"[^"]*")/, '"pid":999999,"began":"0"')}\n`,
    )
    here.mend()
    expect((await here.run('plan', here.playbook)).exit).toBe(0)
    expect((await here.run('run', here.playbook)).err).toContain('"it is loaded"')
    const paid = await here.run('resume', 'last', '--output', 'plain')
    expect(paid.out).toMatch(/changed +run: it is loaded/)
    expect((await here.run('run', here.playbook)).err).toBe('')
  },
)
