import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Event } from '../runner/model/event.ts'
import type { Outcome } from '../runner/model/outcome.ts'
import { runDemo } from './demo.ts'
import { fakeNode, listening } from './fake-node.fixture.ts'

const task = {
  id: 't1',
  verb: 'ensure',
  sentence: 'Podman is installed',
  type: 'package',
  at: 'playbook.yaml:1:1',
  handler: false,
} as const
const none: Record<Outcome, number> = {
  ok: 0,
  changed: 0,
  'would change': 0,
  unknown: 0,
  skipped: 0,
  failed: 0,
  unreachable: 0,
  interrupted: 0,
}
const last = 'x3000c0s19b4n0'

function events(drifted: readonly string[], outcome: Outcome, scripts = 1): readonly Event[] {
  return [
    { type: 'run-started', at: 0, run: 'r', playbook: 'b', file: 'b.yaml', mode: 'run', hosts: 4 },
    { type: 'play-started', at: 0, play: 0, name: 'p', hosts: [], tasks: [task] },
    {
      type: 'exchange',
      at: 0,
      play: 0,
      connection: 'host a',
      user: '-',
      probes: 1,
      actions: 0,
      scripts,
      requests: 0,
      bytesSent: 0,
      bytesReceived: 0,
      seconds: 0,
    },
    ...drifted.map(
      (host) =>
        ({
          type: 'outcome',
          at: 0,
          play: 0,
          task: 't1',
          host,
          outcome,
          basis: 'known',
          seconds: 0,
        }) as const,
    ),
    {
      type: 'run-ended',
      at: 0,
      seconds: 0,
      totals: { ...none, [outcome]: drifted.length },
      failedHosts: [],
      unreachableHosts: [],
      changedHosts: drifted,
      cutShortHosts: [],
      notBegun: 0,
      exit: 0,
      interrupted: false,
    },
  ]
}

interface Step {
  readonly exit: number
  readonly events: readonly Event[]
}
const all = ['a', 'b', 'c', last]
const good: readonly Step[] = [
  { exit: 2, events: events(all, 'would change') },
  { exit: 0, events: events(all, 'changed', 5) },
  { exit: 0, events: events([], 'changed') },
  { exit: 2, events: events([last], 'would change') },
  { exit: 0, events: events([last], 'changed', 4) },
]

async function demo(
  steps: readonly Step[],
  registered = true,
): Promise<{ exit: number; lines: string[]; argvs: string[][]; isLeft: boolean }> {
  let folder = ''
  const lines: string[] = []
  const argvs: string[][] = []
  const exit = await runDemo({
    say: (line) => lines.push(line),
    startNode: fakeNode,
    async execute(argv) {
      argvs.push([...argv])
      return steps[argvs.length - 1]!
    },
    raised(lab) {
      folder = dirname(lab.folder)
      if (registered) for (const node of lab.nodes.keys()) lab.system.remoteBuildNodes.add(node)
    },
  })
  return { exit, lines, argvs, isLeft: existsSync(folder) }
}

describe('the demo', () => {
  it('plans, runs, runs again, loses a node and restores it, and ends with a line for machines', async () => {
    const { exit, lines, argvs, isLeft } = await demo(good)
    expect(lines.at(-1)).toBe(
      'demo: 4 hosts, first run 4 changed, second run 0 changed, 1 script per host',
    )
    expect(exit).toBe(0)
    expect(argvs.map(([command]) => command)).toEqual(['plan', 'run', 'run', 'plan', 'run'])
    for (const argv of argvs) expect(argv.filter((word) => word === '-i')).toHaveLength(2)
    expect(lines.filter((line) => line.includes('ableToRunJobs: true'))).toHaveLength(5)
    expect(listening.size).toBe(0)
    expect(isLeft).toBe(false)
  })

  it.each([
    ['a plan that sees nothing to do', { 0: { exit: 0, events: [] } }, 1],
    ['a run that fails', { 1: { exit: 1, events: [] } }, 1],
    ['a first run that changes nothing', { 1: { exit: 0, events: events([], 'changed') } }, 1],
    [
      'a second run that changes something',
      { 2: { exit: 0, events: events(['a'], 'changed') } },
      1,
    ],
    [
      'a plan that names another node than the lost one',
      { 3: { exit: 2, events: events(['a', last], 'would change') } },
      1,
    ],
    ['a run that does not restore', { 4: { exit: 0, events: events([], 'changed') } }, 1],
    ['an interrupt', { 2: { exit: 130, events: [] } }, 130],
  ])('fails at %s, and leaves nothing then either', async (_, change, code) => {
    const { exit, lines, isLeft } = await demo(
      good.map((step, index) => (change as unknown as Record<number, Step>)[index] ?? step),
    )
    expect(exit).toBe(code)
    expect(lines.at(-1)).toMatch(code === 130 ? /^demo: interrupted$/ : /^demo: failed: /)
    expect(listening.size).toBe(0)
    expect(isLeft).toBe(false)
  })

  it('fails when IMS cannot use a node', async () => {
    const { exit, lines } = await demo(good, false)
    expect(exit).toBe(1)
    expect(lines.at(-1)).toMatch(/^demo: failed: IMS cannot use /)
  })
})
