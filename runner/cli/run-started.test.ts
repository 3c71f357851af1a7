import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-started-'))
const at = { cwd: folder, stateFolder: join(folder, 'state') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function playbook(tasks: string, top = ''): string {
  const file = join(folder, `playbook-${files++}.yaml`)
  writeFileSync(
    file,
    `playbook: t\n${top}plays:\n  - play: p\n    hosts: localhost\n    tasks:\n${tasks}`,
  )
  return file
}

describe('run.started', () => {
  it('is one moment for all tasks, as a date, a stamp and a moment of CEL', async () => {
    const { events } = await typed(
      [
        'run',
        playbook(
          `      - read: a\n        print: { value: "{{ run.date }} {{ run.stamp }} {{ run.started }}" }\n      - read: b\n        command: { cmd: sleep 1.1 }\n      - read: c\n        print: { value: !expr 'run.date + " " + run.stamp + " " + run.started' }\n      - require: it is now\n        that: timestamp(run.started) > timestamp("2025-01-01T00:00:00Z")\n`,
        ),
      ],
      at,
    )
    const shown = events.flatMap((event) =>
      event.type === 'outcome' && event.shown !== undefined ? [String(event.shown)] : [],
    )
    expect(shown).toHaveLength(2)
    expect(shown[0]).toBe(shown[1])
    expect(shown[0]).toMatch(/^(\d{4}-\d\d-\d\d) \d{8}-\d{6} \1T\d\d:\d\d:\d\dZ$/)
    expect(
      events.flatMap((event) => (event.type === 'outcome' ? [event.outcome] : [])).at(-1),
    ).toBe('ok')
  })

  it('of a plan that is applied is that of the plan', async () => {
    const file = playbook(
      `      - ensure: a backup\n        copy: { dest: "${folder}/backup-{{ run.stamp }}", content: "x\\n" }\n`,
    )
    const plan = join(folder, 'a.plan')
    expect(await typed(['plan', file, '-o', plan], at)).toMatchObject({ exit: 2 })
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect(await typed(['apply', plan], at)).toMatchObject({ exit: 0 })
    expect(readdirSync(folder).filter((name) => name.startsWith('backup-'))).toHaveLength(1)
  })

  it('stands behind an input, a var or a register of that name', async () => {
    const { events, exit } = await typed(
      [
        'run',
        playbook(
          '      - read: a\n        print: { value: "{{ run }}" }\n',
          'inputs: { run: { type: string, default: mine, description: A name } }\n',
        ),
      ],
      at,
    )
    expect(exit).toBe(0)
    expect(events.flatMap((event) => (event.type === 'outcome' ? [event.shown] : []))).toEqual([
      'mine',
    ])
  })

  it.each(['run.sarted', 'run.started.date'])('%s is refused at load', async (name) => {
    const { exit } = await typed(
      ['run', playbook(`      - read: a\n        print: { value: "{{ ${name} }}" }\n`)],
      at,
    )
    expect(exit).toBe(3)
  })
})
