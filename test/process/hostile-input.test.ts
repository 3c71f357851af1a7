import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

// What a host answers and what a playbook computes has bounds: one task fails, the other hosts go on, and the process ends.

const root = join(import.meta.dirname, '../..')
const main = join(root, 'dist/bin/main.cjs')
const folder = mkdtempSync(join(tmpdir(), 'trueup-hostile-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => {
  expect(spawnSync(process.execPath, [join(root, 'tools/setup.mjs')]).status).toBe(0)
})

const env = { ...process.env, XDG_STATE_HOME: folder }

function trueup(...argv: readonly string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 100_000,
  })
  return { code: status, said: stdout + stderr }
}

function playbook(name: string, hosts: string, tasks: string): string {
  const lines = tasks.trim().split('\n')
  const text = `playbook: t\nplays:\n  - play: p\n    hosts: ${hosts}\n    tasks:\n${lines.map((line) => `      ${line}\n`).join('')}`
  writeFileSync(join(folder, name), text)
  return name
}

const deep = "head -c 5000 /dev/zero | tr '\\\\0' '['; head -c 5000 /dev/zero | tr '\\\\0' ']'"

describe('hostile input', () => {
  it('in the answer of one host fails that host alone', () => {
    const hosts =
      'hosts: { n1: { connection: local }, n2: { connection: local }, n3: { connection: local } }\n'
    writeFileSync(join(folder, 'hosts.yaml'), hosts)
    const book = playbook(
      'deep.yaml',
      'all',
      `- read: an answer
  command: { cmd: "if [ {{ host.name }} = n2 ]; then ${deep}; else echo [1]; fi" }
  register: r
- ensure: a folder is there
  file: { path: "${folder}/{{ host.name }}", state: directory }`,
    )
    const { code, said } = trueup('run', book, '-i', 'hosts.yaml', '--output', 'plain')
    expect(said).toContain('[read/too-deep]')
    expect(said).toMatch(/changed +ensure: a folder is there: n\[1,3\]/)
    expect(code).toBe(1)
  })

  it('in patterns is answered at once', () => {
    writeFileSync(join(folder, 'f'), `${'a'.repeat(40)}!\n`)
    const book = playbook(
      'patterns.yaml',
      'localhost',
      `- ensure: a line
  lineinfile: { path: "${folder}/f", regexp: "^(a+)+$", line: b }
- require: a text
  command: { argv: [cat, "${folder}/f"], stdout: { matches: "^(a+)+$" } }
  ignore_errors: true`,
    )
    const { code, said } = trueup('run', book, '--output', 'plain')
    expect(said).toMatch(/changed +ensure: a line/)
    expect(said).toMatch(/failed +require: a text: localhost \(ignored\)/)
    expect(code).toBe(0)
  })

  it.each([
    ['an expression', 'too-much', `value: !expr "${'ten.map(x, '.repeat(9)}1${')'.repeat(9)}"`],
    [
      'a template',
      'too-much',
      `value: "${'{{#each @root.ten}}'.repeat(9)}x${'{{/each}}'.repeat(9)}"`,
    ],
  ])('in %s is stopped while it works', (what, code, value) => {
    const name = `${what.slice(-4)}.yaml`
    playbook(
      name,
      'localhost',
      `- read: one\n  print: { ${value} }\n  vars: { ten: [0,1,2,3,4,5,6,7,8,9] }`,
    )
    for (const command of ['plan', 'run']) {
      const { code: exit, said } = trueup(command, name)
      expect(said).toContain(`/${code}]`)
      expect(said).toMatch(new RegExp(`${name}:\\d+:\\d+`))
      expect([1, 3]).toContain(exit)
    }
  })

  it('in a type of one is stopped, and a signal is heard meanwhile', async () => {
    typeOf('slow', 'for (;;);')
    const task =
      '- read: NAME\n  site.slow: { file: /etc/passwd }\n  register: r\n  ignore_errors: true'
    const book = playbook(
      'slow.yaml',
      'localhost',
      [1, 2, 3].map((n) => task.replace('NAME', `the file, ${n}`)).join('\n'),
    )
    const child = spawn(process.execPath, [main, 'run', book, '--output', 'plain'], {
      cwd: folder,
      env,
    })
    let said = ''
    child.stdout.on('data', (part: Buffer) => (said += part.toString()))
    child.stderr.on('data', (part: Buffer) => (said += part.toString()))
    const ended = new Promise((resolve) => child.on('close', resolve))
    await vi.waitFor(() => expect(said).toContain('[type/too-long]'), {
      timeout: 100_000,
      interval: 50,
    })
    child.kill('SIGTERM')
    child.kill('SIGTERM')
    await ended
    expect(said).toContain('slow.resource.js')
  })

  it.each(['null', 'Object.create(null)', '{ message: 7 }'])(
    'thrown by a type, %s, fails its task, and Node says nothing beside it',
    (thrown) => {
      typeOf('odd', `throw ${thrown}`)
      const book = playbook('odd.yaml', 'localhost', '- read: a\n  site.odd: { file: /etc/passwd }')
      const { code, said } = trueup('run', book, '--output', 'plain')
      expect(said).toContain('[internal/defect]')
      expect(said).not.toMatch(/Warning|at .*\.(?:cjs|ts)/)
      expect(code).toBe(1)
    },
  )

  it('at the top of a type does not end, and a signal ends it: nothing was begun', async () => {
    typeOf('top', 'return {}', 'for (;;);\n')
    const made = join(folder, 'made')
    const book = playbook(
      'top.yaml',
      'localhost',
      `- ensure: a folder is there\n  file: { path: ${made}, state: directory }\n- read: a\n  site.top: { file: /etc/passwd }`,
    )
    const state = join(folder, 'state-of-top')
    const child = spawn(process.execPath, [main, 'run', book], {
      cwd: folder,
      env: { ...process.env, XDG_STATE_HOME: state },
    })
    const ended = new Promise((resolve) => child.on('close', (_code, signal) => resolve(signal)))
    await new Promise((resolve) => setTimeout(resolve, 1000))
    child.kill('SIGTERM')
    expect(await ended).toBe('SIGTERM')
    // Neither a log of a run, nor a lock, nor what its first task would make.
    expect(existsSync(state)).toBe(false)
    expect(existsSync(made)).toBe(false)
  }, 120_000)
})

function typeOf(name: string, observe: string, top = ''): void {
  mkdirSync(join(folder, 'types'), { mode: 0o755, recursive: true })
  writeFileSync(
    join(folder, `types/${name}.resource.js`),
    `import { defineResource, text } from 'trueup/contract'
${top}export default defineResource({
  name: 'site.${name}',
  summary: 'A file is read.',
  params: { type: 'object', required: ['file'], properties: { file: { type: 'string', identity: true, description: 'A file.' } } },
  state: { word: { type: 'string', description: 'A word.' } },
  probe: ({ file }) => ({ show: text(file) }),
  observe: () => { ${observe} },
})
`,
  )
}
