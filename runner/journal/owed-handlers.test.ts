import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed } from '../cli/io.fixture.ts'
import { owingHosts, unpaidRuns } from './owed-handlers.ts'
import { beganOf } from './process-identity.ts'
import { checkAlone } from './resume.ts'
import { pruneLogs } from './retention.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-unpaid-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A playbook whose handler fails while a file is not there. */
function place(name: string): {
  readonly playbook: string
  readonly run: (...argv: string[]) => ReturnType<typeof typed>
  readonly fix: () => void
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
        command: { argv: [test, -e, ${at}/fixed] }
`,
  )
  return {
    playbook,
    run: (...argv) => typed(argv, { cwd: at, stateFolder: join(at, 'state') }),
    fix: () => writeFileSync(join(at, 'fixed'), ''),
    logs: () => readdirSync(join(at, 'state/runs')).map((log) => join(at, 'state/runs', log)),
  }
}

it('a run warns of handlers that an earlier one left unpaid, until a run has paid them', async () => {
  const here = place('resumed')
  const first = await here.run('run', here.playbook)
  expect([first.exit, first.err]).toEqual([1, ''])
  // A run finds the file as it should be, and notifies no handler.
  expect(first.out).toMatch(/^ {2}next +trueup resume \S+$/m)
  here.fix()
  const second = await here.run('run', here.playbook)
  expect(second.exit).toBe(0)
  const [, name] = /`trueup resume (\S+)`/.exec(second.err)!
  expect(second.err).toContain('[run/owed]')
  expect(second.err).toContain('"it is loaded"')
  expect((await here.run('plan', here.playbook)).err).toBe('')
  expect((await here.run('resume', name!)).exit).toBe(0)
  expect((await here.run('run', here.playbook)).err).toBe('')
})

it('a debt that a later run paid without knowing is none', async () => {
  const here = place('paid')
  expect((await here.run('run', here.playbook)).exit).toBe(1)
  here.fix()
  writeFileSync(
    here.playbook,
    readFileSync(here.playbook, 'utf8').replace('content: "x"', 'content: "y"'),
  )
  expect((await here.run('run', here.playbook)).err).toContain('run/owed')
  expect((await here.run('run', here.playbook)).err).toBe('')
})

it('one that was killed, or that stopped at its handler, is told by its log as far as it goes', async () => {
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
  here.fix()
  expect((await here.run('run', here.playbook)).err).toContain('run/owed')
  writeFileSync(log!, 'no log\n')
  expect((await here.run('run', here.playbook)).err).toBe('')
})

it('`resume last` pays what each earlier run of the playbook left unpaid', async () => {
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
      '    handlers:\n      - run: it is counted\n        command: { argv: [test, -e, FIXED] }\n',
    )
    .replace('FIXED', /test, -e, (\S+)\] \}/.exec(playbook)![1]!)
  writeFileSync(here.playbook, other)
  const second = await here.run('run', here.playbook)
  expect(second.exit).toBe(1)
  expect(second.err).toContain('"it is loaded"')
  here.fix()
  const paid = await here.run('resume', 'last', '--output', 'plain')
  expect(paid.exit).toBe(0)
  expect(paid.err).toContain('left handlers unpaid too: this run pays them')
  for (const sentence of ['it is loaded', 'it is counted'])
    expect(paid.out).toMatch(new RegExp(`changed +run: ${sentence}`))
  expect((await here.run('run', here.playbook)).err).toBe('')
})

it('a resume that was killed before it took a debt over leaves it with the run that made it', async () => {
  const here = place('killed')
  expect((await here.run('run', here.playbook)).exit).toBe(1)
  expect((await here.run('resume', 'last')).exit).toBe(1)
  const second = here.logs().sort().at(-1)!
  const [header] = readFileSync(second, 'utf8').split('\n')
  writeFileSync(
    second,
    `${header!.replace(/"pid":[0-9]+,"began":(?:null|"[^"]*")/, '"pid":999999,"began":"0"')}\n`,
  )
  here.fix()
  expect((await here.run('plan', here.playbook)).exit).toBe(0)
  expect((await here.run('run', here.playbook)).err).toContain('"it is loaded"')
  const paid = await here.run('resume', 'last', '--output', 'plain')
  expect(paid.out).toMatch(/changed +run: it is loaded/)
  expect((await here.run('run', here.playbook)).err).toBe('')
})

/** Logs made by hand: what counts is when each thing was done. */
describe('among runs that were at work at the same time', () => {
  const base = {
    ...{ format: 'trueup-run', version: 2, trueup: '0', user: 'o', controller: 'c', pid: 1 },
    ...{ began: null, mode: 'run', plan: null, resumes: null, limit: null, tags: null },
    ...{ skipTags: null, inputs: {}, secretInputs: [], inventory: { paths: [], files: [] } },
    playbook: { file: '/p.yaml', title: 'p', sources: [], tasks: [], plays: ['one', 'two'] },
  }
  const handler = {
    ...{ id: 'h', verb: 'run', sentence: 'it is loaded', type: 'command', at: 'p.yaml:1:1' },
    handler: true,
  }
  const dead = { pid: 4_194_305, controller: hostname(), began: '0' }
  const owes = (at: number, play = 0, host = 'n1', task = 't'): object => ({
    ...{ type: 'notified', at, play, task, host, handlers: ['it is loaded'] },
  })
  const pays = (at: number, play = 0, host = 'n1'): object => ({
    ...{ type: 'outcome', at, play, task: 'h', host, outcome: 'changed', seconds: 1 },
    basis: 'known',
  })
  const begins = (play = 0, name = 'one'): object => ({
    ...{ type: 'play-started', at: 0, play, name, hosts: ['n1'], tasks: [handler] },
  })
  const fails = {
    ...{ type: 'run-ended', at: 9, seconds: 1, totals: {}, failedHosts: ['n1'], exit: 1 },
    ...{ unreachableHosts: [], changedHosts: [], cutShortHosts: [], notBegun: 0 },
    interrupted: false,
  }
  function logsOf(runs: Readonly<Record<string, readonly object[]>>): string {
    const at = mkdtempSync(join(folder, 'logs-'))
    for (const [run, [header, ...records]] of Object.entries(runs))
      writeFileSync(
        join(at, `${run}.jsonl`),
        [{ type: 'header', run, at: 0, ...base, ...header }, ...records]
          .map((record, n) => `${JSON.stringify({ n, ...record })}\n`)
          .join(''),
      )
    return at
  }
  const unpaid = (at: string): readonly (readonly [string, readonly string[]])[] =>
    unpaidRuns(at, '/p.yaml').map((each) => [each.run, owingHosts(each)])

  it('a payment that began before the debt was made does not pay it', () => {
    const at = logsOf({
      a: [dead, begins(), owes(5000)],
      b: [{}, begins(), owes(2000), pays(4000)],
    })
    expect(unpaid(at)).toEqual([['a', ['n1']]])
  })

  it('a payment that was under way when the debt was made does not pay it', () => {
    const at = logsOf({
      a: [dead, begins(), owes(3500)],
      b: [{}, begins(), owes(2000), pays(4000)],
    })
    expect(unpaid(at)).toEqual([['a', ['n1']]])
  })

  it('a payment of a run that began earlier counts where it came later', () => {
    const at = logsOf({
      a: [{}, begins(), owes(2000), pays(9000), fails],
      b: [dead, begins(), owes(5000)],
    })
    expect(unpaid(at)).toEqual([])
  })

  it('an action whose end is not known is paid by a run that took it over, and by no other', () => {
    const acting = {
      ...{ type: 'acting', at: 1000, play: 0, task: 't', host: 'n1', on: null, actions: ['x'] },
      notify: ['it is loaded'],
    }
    const cut = [dead, begins(), acting]
    expect(unpaid(logsOf({ a: cut, b: [{}, begins(), owes(5000), pays(9000), fails] }))).toEqual([
      ['a', ['n1']],
    ])
    const resumed = [begins(0, 'what is owed: one'), pays(9000), fails]
    expect(unpaid(logsOf({ a: cut, b: [{ resumes: 'a' }, ...resumed] }))).toEqual([])
    const other = { resumes: 'x', alsoPays: ['a'] }
    expect(unpaid(logsOf({ a: cut, b: [other, owes(0, 0, 'n1', ''), ...resumed] }))).toEqual([])
  })

  it('a handler of the same name in another play does not pay it', () => {
    const at = logsOf({
      a: [dead, begins(), begins(1, 'two'), owes(1000, 0)],
      b: [{}, begins(), begins(1, 'two'), owes(2000, 1), pays(9000, 1)],
    })
    expect(unpaid(at)).toEqual([['a', ['n1']]])
  })

  it('a resume that was killed in its first play still owes what it took over for the others', () => {
    const at = logsOf({
      a: [dead, begins(), begins(1, 'two'), owes(1000, 0), owes(1000, 1, 'n2')],
      b: [
        { ...dead, resumes: 'a' },
        owes(3000, 0, 'n1', ''),
        owes(3000, 1, 'n2', ''),
        begins(0, 'what is owed: one'),
        pays(9000, 0),
      ],
    })
    expect(unpaid(at)).toEqual([['b', ['n2']]])
  })

  it('a run that is being resumed is not resumed once more', () => {
    const living = { pid: process.pid, controller: hostname(), began: beganOf(process.pid) }
    const at = logsOf({ a: [dead, begins(), owes(5000)], b: [{ ...living, resumes: 'a' }] })
    expect(() => checkAlone(at, 'a')).toThrow(
      `run b resumes run a already, as process ${process.pid}`,
    )
    const over = logsOf({ a: [dead, begins(), owes(5000)], b: [{ ...dead, resumes: 'a' }] })
    expect(() => checkAlone(over, 'a')).not.toThrow()
  })

  it('is not forgotten for the number of runs that came after it, nor are there too many to pay', () => {
    const many = Array.from({ length: 60 }, (_, i) => [
      `b${String(i).padStart(2, '0')}`,
      [dead, begins(), owes(5000, 0, `m${i % 7}`)],
    ])
    const well = Array.from({ length: 250 }, (_, i) => [
      `c${String(i).padStart(3, '0')}`,
      [{}, begins(), { ...fails, failedHosts: [] }],
    ])
    const at = logsOf(Object.fromEntries([['a', [dead, begins(), owes(1)]], ...many, ...well]))
    expect(unpaid(at)).toHaveLength(61)
    expect(unpaid(at).at(-1)).toEqual(['a', ['n1']])
    // The logs that go are those that owe nothing, or what a newer one owes too.
    pruneLogs(at, { count: 100 }, Date.now())
    expect(unpaid(at).map(([run]) => run)).toEqual([
      ...Array.from({ length: 7 }, (_, i) => `b${59 - i}`),
      'a',
    ])
    expect(readdirSync(at)).toHaveLength(99 + 8)
  })
})
