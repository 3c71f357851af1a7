import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { label, storyOf, type Said } from './events.fixture.ts'
import { createPaint } from './screen-text.ts'
import { createTerminalReport } from './terminal.ts'
import type { View } from './task-lines.ts'

/** A screen that remembers what stays on it: it obeys the sequences that erase lines. */
function fakeScreen(columns: number, rows = 24) {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows })
  let raw = ''
  stream.on('data', (chunk: Buffer) => (raw += chunk.toString()))
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    raw: () => raw,
    lines(): readonly string[] {
      const lines = ['']
      let row = 0
      for (const [part] of raw.matchAll(/\u001b\[[?0-9;]*[A-Za-z]|\r?\n|[^\u001b\r\n]+/g)) {
        if (part.endsWith('\n')) {
          row++
          lines[row] ??= ''
        } else if (part === '\u001b[1A') row = Math.max(0, row - 1)
        else if (part === '\u001b[2K') lines[row] = ''
        else if (!part.startsWith('\u001b')) lines[row] += part
      }
      return lines
    },
  }
}

const view: View = {
  paint: createPaint(false),
  color: false,
  width: 80,
  diff: false,
  verbosity: 0,
  outputs: 'none',
  mode: 'run',
  folder: '/playbooks',
}
const bad: Said = { outcome: 'failed', error: { code: 'action/failed', message: 'exit 4' } }
const again = { command: (verb: string) => `trueup ${verb} b.yaml` }
const hosts = Array.from({ length: 300 }, (_, i) => `n${i + 1}`)

async function shown(
  events: readonly Event[],
  columns = 80,
  resizeTo?: number,
): Promise<ReturnType<typeof fakeScreen>> {
  const screen = fakeScreen(columns)
  const report = createTerminalReport({ stream: screen.stream, view, again })
  for (const [i, event] of events.entries()) {
    report.hear(event)
    if (resizeTo !== undefined && i === 3) Object.assign(screen.stream, { columns: resizeTo })
    if (i % 400 === 0) await new Promise((resolve) => setTimeout(resolve, 120))
  }
  await report.end()
  return screen
}

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
    const lines = (await shown([started])).lines()
    expect(lines.slice(0, 2)).toEqual([
      'Run: The playbook',
      'inventory of csm.yaml read 12m 00s ago',
    ])
    expect(lines.join()).not.toContain('racks.sh')
  })

  const events = storyOf(
    { hosts, tasks: [label('the first is true'), label('the second is true')] },
    [
      ...hosts.map((host) => [host, 'the first is true', 'starts'] as const),
      ['n7', 'the first is true', { progress: '3 of 5 pods ready' }],
      ...hosts.map(
        (host, i) =>
          [
            host,
            'the first is true',
            i < 2 ? bad : ({ outcome: i % 2 ? 'ok' : 'changed' } satisfies Said),
          ] as const,
      ),
      ...hosts
        .slice(2)
        .flatMap((host) => [
          [host, 'the second is true', 'starts'] as const,
          [host, 'the second is true', { outcome: 'ok' } satisfies Said] as const,
        ]),
    ],
  )

  it('keeps one line for each task with its counts, and the hosts folded', async () => {
    const lines = (await shown(events)).lines()
    expect(lines.filter((line) => line.includes('the first is true'))).toEqual([
      expect.stringMatching(/^✖ ensure: the first is true +ok 149 · changed 149 · failed 2$/),
      '  first failure n1: the first is true',
    ])
    expect(lines.filter((line) => line.includes('the second is true'))).toEqual([
      expect.stringMatching(/^✔ ensure: the second is true +ok 298$/),
    ])
    expect(lines.some((line) => line.includes('n[1-2] (2)'))).toBe(true)
    expect(lines.length).toBeLessThan(40)
  })

  it('shows live what is under way', async () => {
    const raw = (await shown(events)).raw()
    expect(raw).toMatch(/ensure: the first is true.*n\d+ and \d+ more/)
    expect(raw).toMatch(/\d+ of 300 hosts done/)
  })

  it('stays within 80 columns and gives the cursor back', async () => {
    const screen = await shown(events)
    for (const line of screen.lines()) expect(line.length).toBeLessThanOrEqual(80)
    expect(screen.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(
      screen.raw().lastIndexOf('\u001b[?25l'),
    )
  })

  it('survives 20 columns, and a screen that becomes narrow', async () => {
    for (const screen of [await shown(events, 20), await shown(events, 80, 20)])
      expect(screen.lines().join('\n')).toContain('failed')
  })

  it('lends the screen to a question and takes it back', async () => {
    const screen = fakeScreen(80)
    const report = createTerminalReport({ stream: screen.stream, view, again })
    const [first, second] = [events.slice(0, 302), events.slice(302)]
    for (const event of first) report.hear(event)
    const answer = await report.lend(async () => {
      screen.stream.write('go on? y\n')
      return 'y'
    })
    for (const event of second) report.hear(event)
    await report.end()
    expect(answer).toBe('y')
    expect(screen.lines().filter((line) => line.includes('go on? y'))).toHaveLength(1)
    expect(screen.lines().some((line) => line.startsWith('failed: The playbook'))).toBe(true)
  })
})
