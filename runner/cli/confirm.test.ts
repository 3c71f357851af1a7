import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { execute } from './execute.ts'
import { typed } from './io.fixture.ts'

let folder = ''
const folders: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-confirm-'))
  folders.push(folder)
})
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })))

const at = () => ({ cwd: folder, stateFolder: join(folder, 'state') })
function playbook(tasks: string, top = ''): string {
  const file = join(folder, 'playbook.yaml')
  writeFileSync(
    file,
    `playbook: t\n${top}plays:\n  - play: p\n    hosts: localhost\n    tasks:\n${tasks}`,
  )
  return file
}

/** Runs on a terminal on which these answers are typed; gives what was shown there. */
async function onTerminal(argv: readonly string[], ...answers: readonly string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin })
  let shown = ''
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 100 })
  const left = [...answers]
  stderr.on('data', (bytes: Buffer) => {
    shown += bytes.toString()
    if (/\[y\/n\] $/.test(bytes.toString())) stdin.write(`${left.shift() ?? 'n'}\n`)
  })
  const never = new AbortController().signal
  const exit = await execute(argv, {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: new PassThrough().resume() as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    env: { PATH: process.env['PATH'], HOME: folder, TERM: 'dumb' },
    drain: never,
    stop: never,
    ...at(),
  })
  return { exit, shown }
}

const said = (name: string): string => readFileSync(join(folder, name), 'utf8')
const halves = (more = ''): string => `      - read: the day
        command: { cmd: "echo monday" }
        register: day
      - run: the first half
        command: { cmd: "echo once >> ${folder}/first; echo first-half" }
        register: first
      - confirm: the blade was replaced
${more}      - run: the second half
        command: { cmd: "echo '{{ day.stdout }} {{ first.stdout }}' >> ${folder}/second" }
`

describe('a confirm', () => {
  it('shows its text and its warning with the question', async () => {
    const { exit, shown } = await onTerminal(
      [
        'run',
        playbook(
          '      - confirm: the blade was replaced\n        text: |\n          Slot {{ slot }}:\n          look at the LED.\n        warning: The slot must be off.\n',
          'inputs: { slot: { type: string, default: s19, description: A slot } }\n',
        ),
      ],
      'y',
    )
    expect(exit).toBe(0)
    expect(shown).toContain(
      'Warning: The slot must be off.\n\nSlot s19:\nlook at the LED.\n\nthe blade was replaced [y/n] ',
    )
  })

  it('that is attended is not answered by --yes, with a terminal and without', async () => {
    const file = playbook(
      '      - confirm: the blade was replaced\n        attended: true\n      - confirm: go on\n',
    )
    const alone = await typed(['run', file, '-y'], at())
    expect(alone.exit).toBe(1)
    expect(alone.out.replace(/\s+/g, ' ')).toContain("--confirm 'the blade was replaced'")
    const asked = await onTerminal(['run', file, '-y'], 'y')
    expect(asked).toMatchObject({ exit: 0 })
    expect(asked.shown.match(/\[y\/n\]/g)).toHaveLength(1)
  })

  it('is answered by --confirm with its sentence, and the log says how', async () => {
    const file = playbook(
      '      - confirm: the blade was replaced\n        attended: true\n      - confirm: go on\n',
    )
    const { exit, events } = await typed(
      ['run', file, '-y', '--confirm', 'the blade was replaced'],
      at(),
    )
    expect(exit).toBe(0)
    expect(events.flatMap((event) => (event.type === 'outcome' ? [event.reason] : []))).toEqual([
      'confirmed by --confirm',
      'confirmed by --yes',
    ])
    expect((await typed(['show', 'last', '--json'], at())).out).toContain('confirmed by --confirm')
  })

  it('of another sentence is refused before anything runs', async () => {
    const { exit, err, events } = await typed(
      ['run', playbook(halves()), '--confirm', 'the blade was replacd'],
      at(),
    )
    expect({ exit, events }).toEqual({ exit: 3, events: [] })
    expect(err).toContain("did you mean 'the blade was replaced'?")
    expect(existsSync(join(folder, 'first'))).toBe(false)
  })

  it.each(['text: 5', 'attended: maybe', 'that: true'])('with %s is refused', async (key) => {
    const { exit } = await typed(['run', playbook(`      - confirm: x\n        ${key}\n`)], at())
    expect(exit).toBe(3)
  })

  it('takes text and attended alone of all verbs', async () => {
    const { err } = await typed(
      ['run', playbook('      - run: x\n        command: { cmd: x }\n        attended: true\n')],
      at(),
    )
    expect(err).toContain('attended does not go with run')
  })
})

describe('after a question that was not answered with yes', () => {
  it('next is resume, which begins at it: nothing is done twice, and all is known', async () => {
    const first = await typed(['run', playbook(halves())], at())
    expect(first.exit).toBe(1)
    expect(first.out).toMatch(/next +trueup resume last/)
    const second = await typed(['resume', 'last', '-y'], at())
    expect(second).toMatchObject({ exit: 0 })
    expect(second.err).toContain('it begins where a person was asked: the blade was replaced')
    expect(said('first')).toBe('once\n')
    expect(said('second')).toBe('monday first-half\n')
  })

  it('so it is after a no on a terminal, and after a second no', async () => {
    const file = playbook(halves('        attended: true\n'))
    expect(await onTerminal(['run', file], 'n')).toMatchObject({ exit: 1 })
    expect(await onTerminal(['resume', 'last'], 'n')).toMatchObject({ exit: 1 })
    expect(await onTerminal(['resume', 'last'], 'y')).toMatchObject({ exit: 0 })
    expect(said('first')).toBe('once\n')
    expect(said('second')).toBe('monday first-half\n')
  })

  it('a secret that was registered is read again, never taken from the log', async () => {
    const file = playbook(
      halves()
        .replace('echo monday', 'echo hush-$((4000+711))')
        .replace('register: day', 'register: day\n        no_log: true')
        .replace(
          /command: \{ cmd: "echo '.*\}/,
          `command: { cmd: "cat >> ${folder}/second", stdin: "{{ day.stdout }} {{ first.stdout }}" }`,
        ),
    )
    await typed(['run', file], at())
    expect((await typed(['show', 'last', '--json'], at())).out).not.toContain('hush-4711')
    expect(await typed(['resume', 'last', '-y'], at())).toMatchObject({ exit: 0 })
    expect(said('second')).toBe('hush-4711 first-half')
  })

  it('a run in which something else failed begins at its top', async () => {
    writeFileSync(
      join(folder, 'hosts.yaml'),
      'hosts: { a: { connection: local }, b: { connection: local } }\n',
    )
    const file = playbook(
      `      - run: each begins\n        command: { cmd: "echo x >> ${folder}/{{ host.name }}" }\n      - require: only a may go on\n        that: host.name == "a"\n      - confirm: go on\n`,
    )
    writeFileSync(file, readFileSync(file, 'utf8').replace('localhost', 'all'))
    const argv = ['-i', join(folder, 'hosts.yaml')]
    await typed(['run', file, ...argv], at())
    const { err } = await typed(['resume', 'last', '-y'], at())
    expect(err).not.toContain('it begins where')
    expect(said('b')).toBe('x\nx\n')
  })

  it('a question that a rescue answers is not where the run ended', async () => {
    const file = playbook(
      `      - block:\n          - confirm: go on\n        rescue:\n          - run: it is noted\n            command: { cmd: "echo x >> ${folder}/noted" }\n`,
    )
    expect(await typed(['run', file], at())).toMatchObject({ exit: 0 })
    expect((await typed(['resume', 'last'], at())).err).toContain('was done on every host')
  })
})
