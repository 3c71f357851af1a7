import { describe, expect, it } from 'vitest'
import type { Event, PassLabel } from '../model/event.ts'
import { label, storyOf, type Said } from './events.fixture.ts'
import type { Ending } from './live-lines.ts'
import { createPaint } from './screen-text.ts'
import { createEmulator, type Emulator } from './terminal.fixture.ts'
import { createTerminalReport, type ScreenReport } from './terminal.ts'
import type { View } from './task-lines.ts'

const view: View = {
  paint: createPaint(true),
  color: true,
  width: 80,
  diff: false,
  verbosity: 0,
  outputs: 'none',
  mode: 'run',
  folder: '/playbooks',
}
const bad: Said = {
  outcome: 'failed',
  error: { code: 'action/failed', message: 'exit 4' },
  said: [{ of: 'memtest', stderr: 'testing\nmemtest: DIMM 4 is broken\n' }],
}
const again = { command: (verb: string) => `trueup ${verb} b.yaml` }
const hosts = Array.from({ length: 300 }, (_, i) => `n${i + 1}`)
const first = 'the first is true'
const second = 'the second is true'
const now = (): number => Date.now()

/** The events of a run as they come now, so that clocks fit. */
const current = (events: readonly Event[]): readonly Event[] => {
  const shift = now() - 1_000_000
  return events.map((event) => ({ ...event, at: event.at + shift }))
}

const events = storyOf({ hosts, tasks: [label(first), label(second)] }, [
  ...hosts.map((host) => [host, first, 'starts'] as const),
  ['n7', first, { progress: '3 of 5 pods ready' }],
  ...hosts.map(
    (host, i) =>
      [host, first, i < 2 ? bad : ({ outcome: i % 2 ? 'ok' : 'changed' } satisfies Said)] as const,
  ),
  ...hosts
    .slice(2)
    .flatMap((host) => [
      [host, second, 'starts'] as const,
      [host, second, { outcome: 'ok' } satisfies Said] as const,
    ]),
])

interface Shown {
  readonly screen: Emulator
  readonly report: ScreenReport
}

function open(columns = 80, rows = 24, more: { ending?: () => Ending } = {}): Shown {
  const screen = createEmulator(columns, rows)
  const { stream, errors } = screen
  const report = createTerminalReport({ stream, others: [errors], view, again, ...more })
  return { screen, report }
}

/** Until the screen has been drawn once more. */
const beat = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 250))

async function whole(list: readonly Event[], columns = 80): Promise<readonly string[]> {
  const { screen, report } = open(columns)
  for (const event of list) report.hear(event)
  await beat()
  await report.end()
  return screen.lines()
}

describe.each([80, 120, 200])('a screen of %i columns', (columns) => {
  it('keeps one line for each task with its counts, and the hosts folded', async () => {
    const lines = await whole(events, columns)
    expect(lines.filter((line) => line.startsWith(`✖ ensure: ${first}`))).toEqual([
      expect.stringMatching(/ok 149 · changed 149 · failed 2$/),
    ])
    expect(lines.filter((line) => line.startsWith(`✔ ensure: ${second}`))).toEqual([
      expect.stringMatching(/ok 298$/),
    ])
    expect(lines.some((line) => line.includes('n[1-2] (2)'))).toBe(true)
    expect(lines.length).toBeLessThan(40)
  })

  it('shows what is under way with a bar, counts, the queue and the rate, on lines that fit', async () => {
    const { screen, report } = open(columns)
    const list = current(events)
    for (const event of list.slice(0, 403)) report.hear(event)
    for (const host of ['n290', 'n291', 'n292'])
      report.hear({
        type: 'task-progress',
        at: now(),
        play: 0,
        task: first,
        host,
        text: 'waits for its turn',
        queued: true,
      })
    await beat()
    const lines = await screen.lines()
    const live = lines.find((line) => /^[⠋-⠿] ensure: the first is true/.test(line))!
    expect(live).toMatch(/█+░+ \d+\/300 {2}ok \d+ · changed \d+ · failed 2/)
    expect(lines.at(-1)).not.toContain('0ms')
    expect(lines.at(-1)).toMatch(/^ {2}2 of 300 hosts done · \d+ at work · 3 in the queue/)
    for (const line of lines) expect(line.length).toBeLessThan(columns)
    await report.end()
    expect((await screen.lines()).some((line) => /^[⠋-⠿]/.test(line))).toBe(false)
  })
})

describe('a report on a screen', () => {
  it('says below its heading how old an inventory from the cache is', async () => {
    const started: Event = {
      type: 'run-started',
      at: 900_000,
      run: 'r1',
      playbook: 'The playbook',
      file: '/playbooks/b.yaml',
      mode: 'run',
      hosts: 1,
      sources: [
        { file: '/playbooks/csm.yaml', at: 180_000, cached: true },
        { file: '/playbooks/racks.sh', at: 899_000, cached: false },
      ],
    }
    const lines = await whole([started])
    expect(lines.slice(0, 2)).toEqual([
      'Run: The playbook',
      'inventory of csm.yaml read 12m 00s ago',
    ])
    expect(lines.join()).not.toContain('racks.sh')
  })

  it('says the first failure of a kind when it happens, with the host, why, and its own words', async () => {
    const { screen, report } = open()
    const list = current(events)
    const at = list.findIndex((event) => event.type === 'outcome')
    for (const event of list.slice(0, at + 1)) report.hear(event)
    await beat()
    const lines = await screen.lines()
    const said = lines.findIndex((line) => line.startsWith('failed'))
    expect(lines[said]).toBe('failed       n1 at ensure: the first is true: exit 4')
    expect(lines.slice(said + 1, said + 3)).toEqual([
      '             testing',
      '             memtest: DIMM 4 is broken',
    ])
    expect(await screen.colorAt('failed 1')).toBe(1)
    report.hear(list[at + 1]!)
    await beat()
    expect((await screen.lines()).filter((line) => line.startsWith('failed  '))).toHaveLength(1)
    await report.end()
  })

  it('names the hosts that have been at a task the longest, and what they do', async () => {
    const { screen, report } = open(120)
    const list = current(events).slice(0, 303)
    for (const event of list) report.hear({ ...event, at: event.at - 90_000 })
    await beat()
    const lines = await screen.lines()
    expect(
      lines.filter((line) => /^ {2}slowest {2}n\d+ {2}1m \d+s {2}ensure: the first/.test(line)),
    ).toHaveLength(1)
    await report.end()
  })

  it('says which pass of a rolling play it is, and where', async () => {
    const { screen, report } = open()
    const pass: PassLabel = { number: 3, of: 11, place: 'chassis x1000c1', done: 20, hosts: 200 }
    for (const event of current(events).slice(0, 203))
      report.hear(event.type === 'play-started' ? { ...event, pass } : event)
    await beat()
    const lines = await screen.lines()
    expect(lines).toContain('the play (pass 3 of 11, chassis x1000c1, 300 hosts)')
    expect(lines.at(-1)).toContain('pass 3 of 11, chassis x1000c1, 20 of 200 hosts done')
    await report.end()
  })

  it('says at once, in its foot, that the run drains', async () => {
    let ending: Ending = 'no'
    const { screen, report } = open(120, 24, { ending: () => ending })
    for (const event of current(events).slice(0, 14)) report.hear(event)
    ending = 'drains'
    await beat()
    expect((await screen.lines()).at(-1)).toMatch(
      /draining: 12 hosts finish what they began, 288 will not be begun; Ctrl-C again stops at once/,
    )
    ending = 'stops'
    await beat()
    expect((await screen.lines()).at(-1)).toContain('stopping what runs')
    await report.end()
  })

  it('lets what goes to standard error through at once, above the live lines', async () => {
    const { screen, report } = open()
    for (const event of current(events).slice(0, 203)) report.hear(event)
    await beat()
    screen.errors.write('a word from elsewhere\n')
    const lines = await screen.lines()
    const word = lines.indexOf('a word from elsewhere')
    const live = lines.findIndex((line) => /^[⠋-⠿] ensure/.test(line))
    expect(word).toBeGreaterThan(0)
    expect(live).toBeGreaterThan(word)
    expect(lines.filter((line) => /^[⠋-⠿] ensure/.test(line))).toHaveLength(1)
    const before = screen.errors.write
    await report.end()
    expect(screen.errors.write).not.toBe(before)
  })

  it('gives the cursor back', async () => {
    const { screen, report } = open()
    for (const event of events) report.hear(event)
    await report.end()
    const raw = screen.raw()
    expect(raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(raw.lastIndexOf('\u001b[?25l'))
  })

  it.each([
    [20, 24],
    [50, 15],
    [200, 24],
  ])('survives a screen that becomes %i by %i', async (columns, rows) => {
    const { screen, report } = open(80)
    for (const event of current(events).slice(0, 303)) report.hear(event)
    await beat()
    await screen.resize(columns, rows)
    await beat()
    for (const event of current(events).slice(303)) report.hear(event)
    await report.end()
    const text = (await screen.lines()).join('\n')
    expect(text).toContain('failed')
    expect(text).not.toMatch(/^[⠋-⠿]/m)
  })

  it('lends the screen to a question and takes it back', async () => {
    const { screen, report } = open()
    const list = current(events)
    for (const event of list.slice(0, 302)) report.hear(event)
    await beat()
    const answer = await report.lend(async () => {
      await beat()
      screen.stream.write('go on? y\n')
      return 'y'
    })
    await beat()
    expect((await screen.lines()).some((line) => /^[⠋-⠿]/.test(line))).toBe(true)
    for (const event of list.slice(302)) report.hear(event)
    await report.end()
    expect(answer).toBe('y')
    const lines = await screen.lines()
    expect(lines.filter((line) => line.includes('go on? y'))).toHaveLength(1)
    expect(lines.some((line) => line.startsWith('failed: The playbook'))).toBe(true)
  })
})
