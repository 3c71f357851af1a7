import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-shows-'))
const at = { cwd: folder, stateFolder: join(folder, 'state') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(
  join(folder, 'hosts.yaml'),
  'groups: { g: { hosts: { m1: { connection: local }, m2: { connection: local }, m3: { connection: local } } } }\n',
)

let files = 0
function shown(tasks: string, argv: readonly string[], play = 'hosts: localhost', top = '') {
  const file = join(folder, `playbook-${files++}.yaml`)
  writeFileSync(file, `playbook: t\n${top}plays:\n  - play: p\n    ${play}\n    tasks:\n${tasks}`)
  const [command, ...flags] = argv
  return typed([command!, file, '-i', join(folder, 'hosts.yaml'), ...flags], at)
}

describe('a plan of a call', () => {
  it('shows the command', async () => {
    const { out } = await shown(
      `      - run: it is deleted\n        command: { argv: [rm, -rf, "${folder}/my data"] }\n`,
      ['plan'],
    )
    expect(out).toContain(`run rm -rf '${folder}/my data'`)
  })

  it('shows method, path and body of a request, and a secret by its name', async () => {
    const { out } = await shown(
      `      - run: a session is begun\n        http: { url: "http://127.0.0.1:1/v2/sessions", method: PATCH, body: { limit: x3000c0s1b0n0, key: "{{ token }}" } }\n`,
      ['plan', '-e', 'token=hush-4711'],
      'hosts: localhost',
      'inputs: { token: { type: string, secret: true, description: A token } }\n',
    )
    expect(out.replace(/\s+/g, ' ')).toContain(
      'PATCH http://127.0.0.1:1/v2/sessions {"key":"(secret token)","limit":"x3000c0s1b0n0"}',
    )
    expect(out).not.toContain('hush-4711')
  })

  it('of a task with no_log shows nothing of it', async () => {
    const { out } = await shown(
      `      - run: it\n        command: { argv: [echo, hush-4711] }\n        no_log: true\n`,
      ['plan', '-vv'],
    )
    expect(out).not.toContain('hush-4711')
  })
})

describe('what commands said', () => {
  const says = `      - run: it says something\n        command: { cmd: "echo line 1; echo line 2; echo careful >&2" }\n        unless: "false"\n      - read: the answer\n        command: { cmd: "echo answer" }\n`

  it('is not shown without -v, of what acts with -v, of what reads with -vv', async () => {
    expect((await shown(says, ['run'])).out).not.toContain('line 2')
    const once = (await shown(says, ['run', '-v'])).out
    expect(once).toMatch(/\n +line 1\n +line 2\n +stderr: careful\n/)
    expect(once).not.toMatch(/\n +answer\n/)
    expect((await shown(says, ['run', '-vv'])).out).toMatch(/\n +answer\n/)
  })

  it('is in the log: show tells it, also of a failure', async () => {
    await shown(says, ['run'])
    const { out } = await typed(['show', 'last'], at)
    expect(out).toMatch(/\n +line 1\n +line 2\n +stderr: careful\n/)
    expect(out).toMatch(/\n +answer\n/)
    await shown(`      - run: it fails\n        command: { cmd: "seq 1 20; exit 1" }\n`, ['run'])
    expect((await typed(['show', 'last'], at)).out).toMatch(/\n +1\n +2\n/)
  })

  it('of a task with no_log is nowhere', async () => {
    const hushed = `      - run: it\n        command: { cmd: "echo hush-$((4000+711))" }\n        no_log: true\n`
    const ran = await shown(hushed, ['run', '-vv'])
    const told = await typed(['show', 'last', '--json'], at)
    expect(`${ran.out}${ran.err}${told.out}`).not.toContain('hush-4711')
  })

  it('keeps escape sequences from the terminal', async () => {
    const { out } = await shown(
      `      - run: it\n        command: { cmd: "printf 'a\\\\033[2Jb\\\\n'" }\n`,
      ['run', '-v'],
    )
    expect(out).not.toContain('\u001b[2J')
    expect(out).toMatch(/\n +a.*b\n/)
  })

  it('of a long output keeps the end', async () => {
    const { events } = await shown(`      - run: it\n        command: { cmd: "seq 1 100000" }\n`, [
      'run',
    ])
    const said = events.flatMap((event) => (event.type === 'outcome' ? (event.said ?? []) : []))
    expect(said[0]!.stdout!.length).toBeLessThan(9000)
    expect(said[0]!.stdout).toMatch(/^….*\n100000$/s)
  })
})

describe('each fact once', () => {
  it('of what is made new, the titles say it and the diff adds the rest', async () => {
    const { out } = await shown(
      `      - ensure: a folder\n        file: { path: ${folder}/new, state: directory, mode: "0755" }\n`,
      ['plan', '--diff'],
    )
    expect(out).toContain(`make the folder ${folder}/new`)
    expect(out.match(/0755/g)).toHaveLength(1)
    expect(out).not.toContain('absent')
  })

  it('what changes is still shown from and to', async () => {
    const { out } = await shown(
      `      - ensure: a folder\n        file: { path: ${folder}, state: directory, mode: "0755" }\n`,
      ['plan', '--diff'],
    )
    expect(out).toContain('mode: 0700 → 0755')
  })
})

describe('items of a loop', () => {
  const first = `      - read: each\n        command: { cmd: "echo {{ item }}" }\n        loop: [ann, bob]\n        register: r\n`

  it('over a register are named as its own items, and the line of the playbook stands once', async () => {
    const { out } = await shown(
      `${first}      - require: none\n        command: { cmd: "exit 1" }\n        loop: "{{ r }}"\n`,
      ['run'],
    )
    expect(out).toMatch(/\n +ann: failed\n/)
    expect(out).toMatch(/\n +bob: failed\n/)
    expect(out.match(/\^{7}/g)).toHaveLength(1)
  })

  it('are named as label says', async () => {
    const { out } = await shown(
      `      - require: none\n        command: { cmd: "exit 1" }\n        loop: [{ n: 1, os: sles }, { n: 2, os: sles }]\n        label: "node {{ item.n }} ({{ item.os }})"\n`,
      ['run'],
    )
    expect(out).toContain('node 1 (sles): failed')
    expect(out).toContain('node 2 (sles): failed')
  })

  it('are named while they are waited for', async () => {
    const { events } = await shown(
      `      - wait: each\n        command: { cmd: "exit 1" }\n        loop: [{ name: ann }, { name: bob }]\n        for: 2ms\n        every: 1ms\n`,
      ['run'],
    )
    const texts = events.flatMap((event) => (event.type === 'task-progress' ? [event.text] : []))
    expect(texts[0]).toMatch(/^ann \(1 of 2\): rc is 1, wanted 0 · \d+ms of 2ms$/)
    expect(texts.at(-1)).toMatch(/^bob \(2 of 2\): /)
  })

  it.each([
    ['label: x', 'label has no effect'],
    ['label: "{{ itm.n }}"\n        loop: [{ n: 1 }]', "unknown name 'itm'"],
  ])('%s is refused', async (keys, message) => {
    const { exit, err } = await shown(
      `      - require: none\n        command: { cmd: "exit 1" }\n        ${keys}\n`,
      ['run'],
    )
    expect(exit).toBe(3)
    expect(err).toContain(message)
  })
})

it('a rolling play says once that what follows is read behind a pending change', async () => {
  const { out } = await shown(
    `      - ensure: a file\n        copy: { dest: "${folder}/{{ host.name }}", content: "x\\n" }\n      - require: it is there\n        file: { path: "${folder}", state: directory }\n      - ensure: another\n        copy: { dest: "${folder}/{{ host.name }}-2", content: "x\\n" }\n`,
    ['plan'],
    'hosts: g\n    serial: 1',
  )
  expect(out.match(/from here on/g)).toHaveLength(1)
})
