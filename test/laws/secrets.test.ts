import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'
import type { Lab } from '../../lab/lab.ts'
import { raiseLab } from '../../lab/lab.ts'

const canary = 'canary-4417'
let folder: string
let state: string
let lab: Lab | null = null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-secrets-'))
  state = join(folder, 'state')
})
afterEach(async () => {
  await lab?.close()
  lab = null
  rmSync(folder, { recursive: true, force: true })
})

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text, { mode: 0o600 })
  return join(folder, name)
}
const playbook = (hosts: string, dest: string): string =>
  file(
    'playbook.yaml',
    `playbook: what is secret
inputs:
  token: { type: string, secret: true }
  word: { type: string, default: plain }
plays:
  - play: a secret is put where it belongs
    hosts: ${hosts}
    tasks:
      - ensure: the secret stands there
        copy: { dest: "${dest}", content: "token={{ token }}\\n", mode: "0600" }
      - run: it goes to standard input
        command: { argv: [wc, -c], stdin: "{{ token }}" }
        register: counted
      - read: what was counted
        print: { value: "{{ counted.stdout }}" }
      - run: something fails afterwards
        command: { argv: ["false"] }
`,
  )
const trueup = (...argv: readonly string[]) => typed(argv, { stateFolder: state, cwd: folder })

/** The text of every file below a folder. */
function kept(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })) return ''
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => readFileSync(join(each.parentPath, each.name), 'utf8'))
    .join('\n')
}
const reporters = [
  [],
  ['--diff', '-v'],
  ['--output', 'json', '--diff', '-v'],
  ['--no-batch', '-v'],
] as const

describe('a secret', () => {
  it('shows not when a host says it: in failures, readings, what is printed, logs and guesses', async () => {
    const held = file('held', `${canary}\n`)
    const path = file(
      'echo.yaml',
      `playbook: an echo
inputs:
  token: { type: string, secret: true }
plays:
  - play: the host tells it
    hosts: localhost
    tasks:
      - ensure: the secret stands there
        copy: { dest: "${join(folder, 'out')}", content: "{{ token }}", mode: "0600" }
      - read: what stands there
        command: { argv: [cat, "${held}"], ahead: true }
        register: told
      - read: it is printed
        print: { value: "{{ told.stdout }}" }
      - ensure: it stands there otherwise
        copy: { dest: "${held}", content: "other\\n" }
      - run: it fails with it
        command: { cmd: "echo ${canary.slice(0, 4)}''${canary.slice(4)} >&2; exit 3" }
`,
    )
    for (const flags of [
      ['--diff', '-v'],
      ['--output', 'json'],
    ] as const) {
      file('held', `${canary}\n`)
      const said = [
        await trueup('plan', path, '-e', `token=${canary}`, ...flags),
        await trueup('run', path, '-e', `token=${canary}`, ...flags),
      ]
      expect(said.map((each) => each.exit)).toEqual([2, 1])
      const all =
        said.map((each) => each.out + each.err + JSON.stringify(each.events)).join('\n') +
        kept(state)
      expect(all).toContain('(secret token)')
      expect(all).not.toContain(canary)
    }
  })

  it.each([[], ['--no-log']])(
    'is whatever a task with no_log reads, on the screen and in all that is kept: %j',
    async (...flags) => {
      const held = file('held', `${canary}\n`)
      const path = file(
        'quiet.yaml',
        `playbook: quiet
plays:
  - play: p
    hosts: localhost
    tasks:
      - read: the key
        command: { argv: [cat, "${held}"], ahead: true }
        no_log: true
        register: key
      - ensure: it is at its place
        copy: { dest: "${join(folder, 'copy')}", content: "{{ key.stdout }}\\n", mode: "0600" }
      - read: what a host says of it is hidden too
        command: { argv: [cat, "${held}"], ahead: true }
        register: again
      - read: it is printed
        print: { value: "{{ key.stdout }} {{ again.stdout }} {{ key.rc }}" }
      - run: it is asked for its length
        command: { argv: [wc, -c], stdin: "{{ key.stdout }}" }
        when: key.stdout.startsWith("canary") && key.stdout != "other"
      - run: it says it with another
        command: { cmd: "cat ${held}" }
        no_log: true
        register: said
      - read: that one is printed
        print: { value: "{{ said.stdout }}" }
`,
      )
      for (const command of [
        ['plan', path, '-o', join(folder, 'a.plan')],
        ['run', path, '--diff', '-v'],
        ['run', path, '--output', 'json'],
        ['docs', path, '--host', 'localhost'],
      ]) {
        const said = await trueup(...command, ...(command[0] === 'run' ? flags : []))
        expect(said.exit).toBe(command[0] === 'plan' ? 2 : 0)
        expect(JSON.stringify(said)).not.toContain(canary)
      }
      expect(readFileSync(join(folder, 'copy'), 'utf8')).toBe(`${canary}\n`)
      expect(readFileSync(join(folder, 'a.plan'), 'utf8')).not.toContain(canary)
      expect(kept(state)).toContain('trueup')
      expect(kept(state)).not.toContain(canary)
      const shown = await trueup('show', 'last', '--json')
      expect(JSON.stringify(shown)).not.toContain(canary)
    },
  )

  it('is whatever secret_file reads', async () => {
    const held = file('held', `${canary}\n`)
    const path = file(
      'file.yaml',
      `playbook: a file
plays:
  - play: p
    hosts: localhost
    tasks:
      - read: the key
        secret_file: { path: "${held}" }
        register: key
      - ensure: it is at its place
        copy: { dest: "${join(folder, 'copy')}", content: "{{ key.content }}", mode: "0600" }
      - read: it is printed
        print: { value: "{{ key.value }}" }
`,
    )
    const said = await trueup('run', path, '--diff', '-v')
    expect(said).toMatchObject({ exit: 0, out: expect.stringContaining('(secret content of') })
    expect(readFileSync(join(folder, 'copy'), 'utf8')).toBe(`${canary}\n`)
    expect(JSON.stringify(said) + kept(state)).not.toContain(canary)
  })

  it.each(reporters.map((flags) => ({ flags })))(
    'shows in no report, event, log or guess of this machine: $flags',
    async ({ flags }) => {
      const dest = join(folder, 'out')
      const path = playbook('localhost', dest)
      const said = []
      for (const verb of ['plan', 'run', 'plan', 'run'])
        said.push(await trueup(verb, path, '-e', `token=${canary}`, '-e', 'word=seen', ...flags))
      expect(readFileSync(dest, 'utf8')).toBe(`token=${canary}\n`)
      expect(said.map((each) => each.exit)).toEqual([2, 1, 2, 1])
      expect(JSON.stringify(said)).not.toContain(canary)
      // Logs and guesses were kept, without it.
      expect(kept(state)).toContain('what is secret')
      expect(kept(state)).not.toContain(canary)
    },
  )

  it('shows on no node of the lab, but where it was put', async () => {
    lab = await raiseLab({ folder: join(folder, 'lab') })
    const path = playbook('x3000c0s19b1n0', '/root/out')
    const inventory = lab.inventoryFiles.flatMap((each) => ['-i', each])
    const ran = await trueup('run', path, ...inventory, '-e', `token=${canary}`, '--diff', '-v')
    expect(ran).toMatchObject({ exit: 1, out: expect.stringContaining('changed') })
    expect(JSON.stringify(ran)).not.toContain(canary)
    // Logs and guesses were kept, without it.
    expect(kept(state)).toContain('what is secret')
    expect(kept(state)).not.toContain(canary)
  })

  it('is not repeated in the command that is proposed next; other inputs are', async () => {
    const path = playbook('localhost', join(folder, 'out'))
    const apart = await trueup('run', path, '-e', `token=${canary}`, '-e', 'word=seen')
    expect(apart.out).toMatch(/next .*-e word=seen/)
    const together = await trueup('run', path, '-e', `{token: ${canary}, word: seen}`)
    expect(together.out).toMatch(/next .*"word":"seen"/)
    expect(apart.out + together.out).not.toContain(canary)
  })

  it('is not shown by the mistake that was made in giving it', async () => {
    const path = playbook('localhost', join(folder, 'out'))
    for (const given of [`tokn=${canary}`, `{token: ${canary}`, `{token: [${canary}]}`]) {
      const refused = await trueup('run', path, '-e', given)
      expect(refused.exit).toBe(3)
      expect(refused.out + refused.err).not.toContain(canary)
    }
  })

  it('is warned of where it was typed as an argument, and not where a file gave it', async () => {
    const path = playbook('localhost', join(folder, 'out'))
    const typedIn = await trueup('plan', path, '-e', `token=${canary}`)
    expect(typedIn.err).toMatch(
      /warning: .*'token'.*command line[\s\S]*-e @FILE[\s\S]*cli\/secret-typed|cli\/secret-typed/,
    )
    expect(typedIn.err).toContain('-e @FILE')
    const given = await trueup('plan', path, '-e', `@${file('inputs.yaml', `token: ${canary}\n`)}`)
    expect(given.err).not.toContain('secret-typed')
  })

  it('stands in no word of an address that anything shows', async () => {
    const path = file(
      'address.yaml',
      `playbook: address
plays:
  - play: p
    hosts: localhost
    tasks:
      - run: an address
        command: { cmd: "echo failed for http://user:${canary}@127.0.0.1:9/x >&2; exit 3" }
`,
    )
    const said = await trueup('run', path, '-v')
    expect(said.exit).toBe(1)
    expect(JSON.stringify(said) + kept(state)).not.toContain(canary)
  })
})

describe('a plan that cannot be written', () => {
  it('is refused before any host is asked', async () => {
    const path = file(
      'asked.yaml',
      `playbook: asked
plays:
  - play: p
    hosts: localhost
    tasks:
      - read: a mark
        command: { cmd: "touch ${join(folder, 'asked')}" }
`,
    )
    for (const out of [join(folder, 'none', 'a.plan'), folder]) {
      const said = await trueup('plan', path, '-o', out)
      expect(said).toMatchObject({
        exit: 3,
        out: '',
        err: expect.stringContaining('plan/not-written'),
      })
      expect(said.err).not.toContain('trueup apply')
      expect(() => statSync(join(folder, 'asked'))).toThrow()
    }
  })
})
