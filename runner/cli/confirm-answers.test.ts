import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { execute } from './execute.ts'
import { typed } from './io.fixture.ts'

let folder = ''
let file = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-answers-'))
  file = join(folder, 'playbook.yaml')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tasks = (more = ''): string => `playbook: t
plays:
  - play: p
    hosts: localhost
    tasks:
      - confirm: the serial number of the new blade is known
        answer: '^[A-Z][A-Z0-9]{3,11}$'
${more}        register: blade
      - ensure: it is noted
        copy: { dest: ${folder}/serial, content: "{{ blade.answer }}\\n" }
`
const at = () => ({ cwd: folder, stateFolder: join(folder, 'state') })
const run = (...more: readonly string[]) => {
  writeFileSync(file, tasks())
  return typed(['run', file, ...more], at())
}

/** Runs on a terminal on which these lines are typed where a value is asked for. */
async function onTerminal(...lines: readonly string[]) {
  writeFileSync(file, tasks())
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin })
  let shown = ''
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 100 })
  const left = [...lines]
  stderr.on('data', (bytes: Buffer) => {
    shown += bytes.toString()
    if (bytes.toString().endsWith('[value] ')) stdin.write(`${left.shift() ?? ''}\n`)
  })
  const never = new AbortController().signal
  const exit = await execute(['run', file], {
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
const noted = (): string => readFileSync(join(folder, 'serial'), 'utf8')

describe('a confirm that asks for a value', () => {
  it('takes what a person types, and asks again for what does not match', async () => {
    const { exit, shown } = await onTerminal('abc', 'SN0042')
    expect(shown).toContain('type a value that matches ^[A-Z][A-Z0-9]{3,11}$')
    expect([exit, noted()]).toEqual([0, 'SN0042\n'])
    const [log] = readdirSync(join(folder, 'state/runs')).sort().slice(-1)
    expect(readFileSync(join(folder, 'state/runs', log!), 'utf8')).toContain('answered: SN0042')
  })

  it('stops where nothing is typed', async () => {
    expect((await onTerminal('')).exit).toBe(1)
  })

  it('takes it from the command line, behind the sentence', async () => {
    const sentence = 'the serial number of the new blade is known'
    expect((await run('--confirm', `${sentence}=SN0043`)).exit).toBe(0)
    expect(noted()).toBe('SN0043\n')
    expect(await run('--confirm', `${sentence}=no`)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('does not take the value "no"') as string,
    })
    expect(await run('--confirm', sentence)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('asks for a value') as string,
    })
  })

  it('is not answered by yes, nor without a terminal', async () => {
    const { exit, out } = await run('--yes')
    expect(exit).toBe(1)
    expect(out.replace(/\s+/g, ' ')).toContain("known=VALUE' (--yes does not answer it)")
  })

  it('is unknown in a plan, and so is what needs the value', async () => {
    writeFileSync(file, tasks())
    expect((await typed(['plan', file], at())).out).toMatch(/unknown +ensure: it is noted/)
  })

  it.each([
    ['        no_log: true\n', 'an answer is kept in the log of the run'],
    ['        when: blade.answr == ""\n', "'blade'"],
  ])('is refused with %j', async (more, message) => {
    writeFileSync(file, tasks(more))
    const { exit, err, out } = await typed(['validate', file], at())
    expect([exit, (err + out).replace(/\s+/g, ' ')]).toEqual([3, expect.stringContaining(message)])
  })

  it('is refused beside another verb, and with what is no pattern', async () => {
    writeFileSync(file, tasks().replace("'^[A-Z][A-Z0-9]{3,11}$'", "'('"))
    expect((await typed(['validate', file], at())).exit).toBe(3)
    writeFileSync(file, tasks().replace('- confirm:', '- require:'))
    expect((await typed(['validate', file], at())).err).toContain('answer')
  })
})
