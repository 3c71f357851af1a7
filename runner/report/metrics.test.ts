import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { typed } from '../cli/io.fixture.ts'
import { metricsText } from './metrics.ts'

it('metrics of a plan say how it ended, in the form that node_exporter reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-metrics-'))
  try {
    const file = join(folder, 'trueup.prom')
    const playbook = new URL('../../playbooks/root-keys.yaml', import.meta.url).pathname
    const words = ['plan', playbook, '--metrics', file]
    const { exit } = await typed(words, { cwd: folder, stateFolder: join(folder, 'state') })
    // The playbook has no hosts here: nothing is written for input that is wrong.
    expect([exit, readdirSync(folder)]).toEqual([3, []])
    const { writeFileSync } = await import('node:fs')
    writeFileSync(
      join(folder, 'p.yaml'),
      'playbook: p\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - ensure: it is there\n        file: { path: /tmp/trueup-never-made, state: directory }\n',
    )
    const plan = await typed(['plan', join(folder, 'p.yaml'), '--metrics', file], {
      cwd: folder,
      stateFolder: join(folder, 'state'),
    })
    expect(plan.exit).toBe(2)
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^trueup_exit_code\{playbook="p",mode="plan"\} 2$/m)
    expect(text).toMatch(/^trueup_tasks\{playbook="p",mode="plan",outcome="would change"\} 1$/m)
    // Each sample has a name, labels and a number; each name has a type before its first sample.
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) trueup_\w+ .+|trueup_\w+\{(?:\w+="[^"\n]*",?)+\} [\d.e+-]+)$/,
      )
    expect(statSync(file).mode & 0o777).toBe(0o644)
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
    // What cannot be written in the end is refused before a host is asked; a device is never replaced.
    for (const nowhere of [join(folder, 'none/x.prom'), '/dev/null']) {
      const refused = await typed(['plan', join(folder, 'p.yaml'), '--metrics', nowhere], {
        cwd: folder,
        stateFolder: join(folder, 'state'),
      })
      expect(refused.exit).toBe(3)
      expect(refused.err).toContain('[cli/not-written]')
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('a title with quotes stays one label', () => {
  const end = {
    type: 'run-ended',
    at: 1000,
    seconds: 1,
    totals: {},
    failedHosts: [],
    unreachableHosts: [],
    changedHosts: [],
    exit: 0,
    interrupted: false,
  } as unknown as Parameters<typeof metricsText>[2]
  expect(metricsText('a "b"\n\\', 'run', end)).toContain('playbook="a \\"b\\"\\n\\\\"')
})
