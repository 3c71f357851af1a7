import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-findings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const trueup = (...argv: readonly string[]): Promise<Ended> =>
  typed(argv, { cwd: folder, stateFolder: join(folder, 'state') })
const file = (name: string, task: string): string => {
  const path = join(folder, name)
  writeFileSync(
    path,
    `playbook: p\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - ${task}\n`,
  )
  return path
}
const wrong = file('wrong.yaml', 'ensure: it is there\n        file: { path: /tmp/x, fiel: 1 }')
const right = file('right.yaml', 'require: it holds\n        that: "1 == 1"')
const failing = file('failing.yaml', 'require: it holds\n        that: "1 == 2"')

describe('validate --report', () => {
  it('writes what was found for programs, and still says it to people', async () => {
    const ended = await trueup('validate', wrong, '--report', 'sarif:a.sarif', '--report', 'github')
    expect(ended.exit).toBe(3)
    expect(ended.err).toContain("file has no param 'fiel'")
    expect(ended.out).toMatch(/^::error file=wrong\.yaml,line=7,col=31,title=param\/unknown::/)
    const sarif = JSON.parse(readFileSync(join(folder, 'a.sarif'), 'utf8')) as {
      runs: [{ results: object[] }]
    }
    expect(sarif.runs[0].results).toMatchObject([{ ruleId: 'param/unknown', level: 'error' }])
  })

  it('has an empty report where nothing is wrong, on a standard output of its own', async () => {
    const ended = await trueup('validate', right, '--report', 'gitlab')
    expect(ended).toMatchObject({ exit: 0, out: '[]\n' })
    expect(ended.err).toContain('no mistakes found')
  })

  it('refuses a form that it does not have, and a file that cannot be written', async () => {
    expect((await trueup('validate', right, '--report', 'html')).err).toContain(
      'none of the forms sarif, github, gitlab, json',
    )
    const nowhere = await trueup('validate', right, '--report', 'json:/nonexistent/x.json')
    expect(nowhere.exit).toBe(3)
    expect(nowhere.err).toContain('[cli/not-written]')
  })
})

describe('validate --fix', () => {
  const task =
    'ansible.builtin.copy: { dest: /tmp/x, content: 12, mode: 0644 } # here\n        register: x'

  it('repairs what has one certain repair, and says what', async () => {
    const path = file('fixable.yaml', `ensure: it is there\n        ${task}`)
    const ended = await trueup('validate', '--fix', path)
    expect(ended).toMatchObject({ exit: 0 })
    expect(ended.out.match(/^fixed: .*fixable\.yaml:7:/gm)).toHaveLength(3)
    expect(ended.out).toContain('no mistakes found')
    expect(readFileSync(path, 'utf8')).toContain(
      'copy: { dest: /tmp/x, content: "12", mode: "0644" } # here\n',
    )
    expect((await trueup('validate', '--fix', path)).out).not.toContain('fixed:')
  })

  it('leaves what may be meant otherwise, and writes nothing without the flag', async () => {
    const path = file(
      'unsure.yaml',
      'ensure: it is there\n        file: { path: /tmp/x, stat: absent }',
    )
    const before = readFileSync(path, 'utf8')
    expect(await trueup('validate', '--fix', path)).toMatchObject({ exit: 3 })
    expect(readFileSync(path, 'utf8')).toBe(before)
    const fixable = file('fixable-too.yaml', `ensure: it is there\n        ${task}`)
    expect(await trueup('validate', fixable)).toMatchObject({ exit: 3 })
    expect(readFileSync(fixable, 'utf8')).toContain('ansible.builtin.copy')
  })
})

describe('a run that failed', () => {
  it('is an annotation at the task that failed', async () => {
    const ended = await trueup('run', failing, '--report', 'github')
    expect(ended.exit).toBe(1)
    expect(ended.out).toMatch(
      /^::error file=failing\.yaml,line=7,col=\d+,title=run\/required::it holds: .*\(localhost\)/,
    )
  })

  it('is code quality, and SARIF from its log', async () => {
    const quality = await trueup('report', '--form', 'gitlab')
    expect(JSON.parse(quality.out)).toMatchObject([
      { check_name: 'run/required', location: { path: 'failing.yaml', lines: { begin: 7 } } },
    ])
    await trueup('report', '-o', 'run.sarif')
    expect(readFileSync(join(folder, 'run.sarif'), 'utf8')).toContain('"ruleId": "run/required"')
  })
})
