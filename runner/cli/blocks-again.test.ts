import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { typed } from './io.fixture.ts'

let folder = ''
const folders: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-again-'))
  folders.push(folder)
})
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })))

async function ran(tasks: string, play = 'hosts: localhost', ...flags: string[]) {
  const file = join(folder, 'playbook.yaml')
  writeFileSync(
    file,
    `playbook: t\nplays:\n  - play: p\n    ${play}\n    tasks:\n${tasks.replaceAll('FOLDER', folder)}`,
  )
  const { exit, out, err, events } = await typed(
    [flags.includes('plan') ? 'plan' : 'run', file, ...flags.filter((each) => each !== 'plan')],
    { cwd: folder, stateFolder: join(folder, 'state') },
  )
  return {
    exit,
    out,
    err,
    outcomes: events.flatMap((event) =>
      event.type === 'outcome' ? [`${event.outcome}${event.rescued ? ' (rescued)' : ''}`] : [],
    ),
    failed: events.flatMap((event) => (event.type === 'run-ended' ? event.failedHosts : [])),
  }
}
const lines = (): number => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n').length
const block = (more: string, test = 3): string => `      - block:
          - run: it is begun
            command: { cmd: "echo x >> FOLDER/log" }
          - require: it has been begun often enough
            command: { cmd: "[ $(wc -l < FOLDER/log) -ge ${test} ]" }
        delay: 1ms
${more}`

describe('retries on a block', () => {
  it('begins the whole block again until it holds', async () => {
    const { exit, outcomes, failed } = await ran(block('        retries: 5\n'))
    expect(exit).toBe(0)
    expect(failed).toEqual([])
    expect(lines()).toBe(3)
    expect(outcomes).toEqual([
      'changed',
      'failed (rescued)',
      'changed',
      'failed (rescued)',
      'changed',
      'ok',
    ])
  })

  it('fails after the last try, and only then rescues', async () => {
    const { exit, outcomes } = await ran(
      block(
        `        retries: 1\n        rescue:\n          - read: rescued\n            print: { value: 1 }\n`,
        9,
      ),
    )
    expect(exit).toBe(0)
    expect(lines()).toBe(2)
    expect(outcomes.at(-1)).toBe('ok')
    const alone = await ran(block('        retries: 1\n', 99))
    expect(alone).toMatchObject({ exit: 1, failed: ['localhost'] })
    expect(alone.outcomes.at(-1)).toBe('failed')
  })

  it('does nothing more where the first try holds, and tries nothing in a plan', async () => {
    await ran(block('        retries: 5\n', 1))
    expect(lines()).toBe(1)
    const { outcomes } = await ran(block('        retries: 5\n', 99), 'hosts: localhost', 'plan')
    expect(outcomes).toEqual(['would change', 'unknown'])
  })

  it('is for each host alone, and the others go on', async () => {
    writeFileSync(
      join(folder, 'hosts.yaml'),
      'hosts: { a: { connection: local }, b: { connection: local } }\n',
    )
    const { exit } = await ran(
      `      - block:
          - run: it
            command: { cmd: "echo x >> FOLDER/{{ host.name }}; [ {{ host.name }} = a ] || [ $(wc -l < FOLDER/b) -ge 3 ]" }
        retries: 4
        delay: 1ms
      - ensure: it is noted
        copy: { dest: "FOLDER/{{ host.name }}-noted", content: "x\\n" }
`,
      'hosts: all',
      '-i',
      join(folder, 'hosts.yaml'),
    )
    expect(exit).toBe(0)
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('x\n')
    expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('x\nx\nx\n')
  })

  it.each([
    ['run_once: true', 'is for all hosts'],
    ['barrier: true', 'is for all hosts'],
  ])('with %s in it is refused', async (key, message) => {
    const { exit, err } = await ran(
      `      - block:\n          - read: it\n            command: { cmd: "true" }\n            ${key}\n        retries: 2\n`,
    )
    expect(exit).toBe(3)
    expect(err.replace(/\s+/g, ' ')).toContain(message)
    expect(err).toContain('playbook.yaml:7:13')
  })

  it.each([
    ['retries: many', 'retries wants a whole number'],
    ['backoff: 2', 'add `retries:`'],
    ['retries: 2\n        delay: soon', 'delay wants a duration'],
  ])('%j is refused', async (key, message) => {
    const { exit, err } = await ran(
      `      - block:\n          - read: it\n            command: { cmd: "true" }\n        ${key}\n`,
    )
    expect(exit).toBe(3)
    expect(err).toContain(message)
  })
})
