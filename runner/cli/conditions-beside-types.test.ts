import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-that-'))
const at = { cwd: folder, stateFolder: join(folder, 'state') }
/** What the service answers to each request, the last one again and again. */
let answers: (readonly [number, unknown])[] = []
let server: Server
let url = ''

beforeAll(async () => {
  server = createServer((_request, response) => {
    const [status, body] = answers.length > 1 ? answers.shift()! : answers[0]!
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/sessions/a`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

let files = 0
/** The outcome, error and progress of each task, and what the screen said. */
async function outcomesOf(tasks: string, command: 'run' | 'plan' = 'run', ...flags: string[]) {
  const file = join(folder, `playbook-${files++}.yaml`)
  writeFileSync(
    file,
    `playbook: t\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n${tasks}`,
  )
  const { exit, out, err, events } = await typed([command, file, ...flags], at)
  return {
    exit,
    out,
    err,
    outcomes: events.flatMap((event) => (event.type === 'outcome' ? [event.outcome] : [])),
    messages: events.flatMap((event) =>
      event.type === 'outcome' && event.error ? [event.error.message] : [],
    ),
    places: events.flatMap((event) =>
      event.type === 'outcome' && event.error?.at
        ? [`${event.error.at.line}:${event.error.at.column}`]
        : [],
    ),
    progress: events.flatMap((event) => (event.type === 'task-progress' ? [event.text] : [])),
    shown: events.flatMap((event) =>
      event.type === 'outcome' && event.shown !== undefined ? [event.shown] : [],
    ),
  }
}

const session = (more: string): string =>
  `      - wait: the session is complete\n        http: { url: "${url}" }\n${more}`

describe('a wait with a condition', () => {
  it('lasts until the field says complete, through answers that fail and lack the field', async () => {
    answers = [
      [200, { status: 'running' }],
      [503, { title: 'restarting' }],
      [200, {}],
      [200, { status: 'complete' }],
    ]
    const ended = await outcomesOf(
      `${session('        that: json.status == "complete"\n        failed_when: json.status == "failed"\n        for: 30s\n        every: 1ms\n        register: s\n')}      - read: it\n        print: { value: "{{ s.json.status }}" }\n`,
    )
    expect(ended).toMatchObject({ exit: 0, outcomes: ['ok', 'ok'], shown: ['complete'] })
    expect(ended.progress[0]).toMatch(
      /^json\.status is "running", wanted "complete" · \d+ms of 30s$/,
    )
    expect(ended.progress[1]).toMatch(/^GET .* was answered with 503: restarting · /)
    expect(ended.progress[2]).toMatch(/status.* · /)
  })

  it('fails at once when failed_when holds, also at its first reading', async () => {
    for (const before of [[], [[200, { status: 'running' }] as const]]) {
      answers = [...before, [200, { status: 'failed' }]]
      const ended = await outcomesOf(
        session(
          '        that: json.status == "complete"\n        failed_when: json.status == "failed"\n        for: 30s\n        every: 1ms\n',
        ),
      )
      expect(ended.exit).toBe(1)
      expect(ended.messages).toEqual([
        'failed_when holds: json.status == "failed" (json.status is "failed")',
      ])
      expect(ended.places).toEqual(['9:22'])
    }
  })

  it('names value and wanted when its time is over', async () => {
    answers = [[200, { status: 'running' }]]
    const ended = await outcomesOf(
      session('        that: json.status == "complete"\n        for: 2ms\n        every: 1ms\n'),
    )
    expect(ended.messages).toEqual([
      'it does not hold after 2ms: json.status is "running", wanted "complete"',
    ])
  })

  it('is unknown in a plan while the condition does not hold, and failed when failed_when does', async () => {
    answers = [[200, { status: 'running' }]]
    const more =
      '        that: json.status == "complete"\n        failed_when: json.status == "failed"\n'
    const running = await outcomesOf(session(more), 'plan')
    expect(running).toMatchObject({ exit: 2, outcomes: ['unknown'] })
    expect(running.out).toContain('does not hold yet: json.status is "running", wanted "complete"')
    answers = [[200, { status: 'failed' }]]
    expect(await outcomesOf(session(more), 'plan')).toMatchObject({ exit: 1, outcomes: ['failed'] })
    answers = [[200, { status: 'complete' }]]
    expect(await outcomesOf(session(more), 'plan')).toMatchObject({ exit: 0, outcomes: ['ok'] })
  })

  it('does not take a failed answer for one, whatever its condition says', async () => {
    answers = [[404, {}]]
    const late = '        for: 2ms\n        every: 1ms\n'
    const ended = await outcomesOf(session(`        that: status == 404\n${late}`))
    expect(ended.messages[0]).toMatch(/^it does not hold after 2ms: GET .* was answered with 404/)
    const said = session(`        that: status == 404\n${late}`).replace(
      ' }',
      ', status_code: [200, 404] }',
    )
    expect((await outcomesOf(said)).outcomes).toEqual(['ok'])
  })
})

const answer = (words: string): string => `command: { cmd: "echo '${words}'" }`

describe('a requirement', () => {
  it('with a condition beside its type says the value and what is wanted, at the condition', async () => {
    const ended = await outcomesOf(
      `      - require: it is complete\n        ${answer('{\\"n\\": 4, \\"m\\": 7}')}\n        that: [json.n == 4, json.m > 8]\n`,
    )
    expect(ended.messages).toEqual(['json.m is 7, wanted: json.m > 8'])
    expect(ended.places).toEqual(['8:29'])
  })

  it('compares as well what its params say is wanted', async () => {
    const file = (that: string): string =>
      `      - require: it\n        file: { path: ${folder}, state: directory, mode: "0000" }\n        that: ${that}\n`
    expect((await outcomesOf(file('true'))).messages).toEqual(['mode is 0700, wanted 0000'])
    expect((await outcomesOf(file('false'))).messages).toEqual(['mode is 0700, wanted 0000'])
  })

  it('needs no wanted params beside a condition', async () => {
    const ended = await outcomesOf(
      `      - require: nothing is there\n        file: { path: ${folder}/none }\n        that: kind == "absent"\n      - require: it is a folder\n        file: { path: ${folder} }\n        that: kind == "directory"\n`,
    )
    expect(ended.outcomes).toEqual(['ok', 'ok'])
  })

  it('reads like "rc is 1, wanted 0", and its screen shows no arrow of a change', async () => {
    const ended = await outcomesOf(
      `      - require: it works\n        command: { cmd: "exit 1" }\n`,
      'run',
      '--diff',
    )
    expect(ended.messages).toEqual(['rc is 1, wanted 0'])
    expect(ended.out).not.toContain('→')
    expect(ended.out).not.toContain('`ensure: … command`')
  })

  it('shows as a diff what is too long for a sentence', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\\n')
    const ended = await outcomesOf(
      `      - require: it says so\n        copy: { dest: ${folder}/playbook-0.yaml, content: "${lines}" }\n`,
    )
    expect(ended.messages[0]).toContain('content is not as wanted')
    expect(ended.out).toContain('+line 29')
  })

  it('is judged by failed_when in place of the exit', async () => {
    const ended = await outcomesOf(
      `      - require: grep finds nothing, and is not broken\n        command: { cmd: "exit 1" }\n        failed_when: rc > 1\n      - require: and again\n        command: { cmd: "exit 2" }\n        failed_when: rc > 1\n`,
    )
    expect(ended.outcomes).toEqual(['ok', 'failed'])
    expect(ended.messages).toEqual(['failed_when holds: rc > 1 (rc is 2)'])
  })

  it('in a loop and a block is judged item by item; rescue and ignore_errors see the failure and what was read', async () => {
    const ended = await outcomesOf(`      - require: each is small
        command: { cmd: "echo {{ item }}" }
        loop: [1, 20, 3]
        that: int(stdout) < 10
        ignore_errors: true
      - block:
          - require: it
            command: { cmd: "echo b; exit 0" }
            that: stdout == "a"
            register: r
            ignore_errors: true
          - read: what it was
            print: { value: "{{ r.stdout }} {{ r.failed }}" }
          - require: it
            command: { cmd: "echo b" }
            that: r2.stdout == "a"
            register: r2
        rescue:
          - read: rescued
            print: { value: saved }
`)
    expect(ended.outcomes).toEqual(['failed', 'failed', 'ok', 'failed', 'ok'])
    expect(ended.shown).toEqual(['b true', 'saved'])
    expect(ended.messages[0]).toBe('stdout is "20", wanted: int(stdout) < 10')
  })

  it('with no_log says nothing of the values', async () => {
    const ended = await outcomesOf(
      `      - require: it\n        ${answer('hush-1234')}\n        that: stdout == "x"\n        no_log: true\n`,
    )
    expect(ended.outcomes).toEqual(['failed'])
    expect(`${ended.out}${ended.err}${ended.messages.join()}`).not.toContain('hush-1234')
  })
})

describe('a read', () => {
  it('that fails is a failure, and failed_when says otherwise', async () => {
    const read = (more: string): string =>
      `      - read: it\n        command: { cmd: "exit 3" }\n${more}`
    expect((await outcomesOf(read(''))).outcomes).toEqual(['failed'])
    expect((await outcomesOf(read('        failed_when: rc > 3\n'))).outcomes).toEqual(['ok'])
    expect((await outcomesOf(read('        failed_when: rc == 3\n'))).messages).toEqual([
      'failed_when holds: rc == 3 (rc is 3)',
    ])
  })

  it('may fail by what was answered, in a plan too', async () => {
    answers = [[200, { items: [] }]]
    const tasks = `      - read: the list\n        http: { url: "${url}" }\n        failed_when: size(json.items) == 0\n`
    for (const command of ['run', 'plan'] as const)
      expect((await outcomesOf(tasks, command)).outcomes).toEqual(['failed'])
  })
})

describe('what is refused at load', () => {
  it.each([
    [
      '- ensure: a\n        file: { path: /tmp }\n        that: true',
      'that does not go with ensure',
      '8:9',
    ],
    [
      '- ensure: a\n        file: { path: /tmp }\n        failed_when: true',
      'failed_when does not go with ensure',
      '8:9',
    ],
    ['- wait: a\n        that: true', 'wait needs a type beside it', '6:9'],
    [
      '- require: a\n        that: true\n        failed_when: false',
      'this task has no type',
      '8:9',
    ],
    [
      '- wait: a\n        command: { cmd: x }\n        that: stauts == 1',
      "unknown name 'stauts'",
      '8:15',
    ],
    ['- wait: a\n        bos_session: { name: x }', "bos_session needs 'template_name'", '7:22'],
  ])('%s', async (task, message, place) => {
    const ended = await outcomesOf(`      ${task}\n`)
    expect(ended.exit).toBe(3)
    expect(ended.err).toContain(message)
    expect(ended.err).toContain(`:${place}:`)
  })
})
