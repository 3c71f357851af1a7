import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { says, until } from '../harness/processes.ts'

const root = join(import.meta.dirname, '../..')
const setup = join(root, 'tools/setup.mjs')
const main = join(root, 'dist/bin/main.cjs')
const folder = mkdtempSync(join(tmpdir(), 'trueup-process-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => {
  // As `npm test` does before: what is run here is what was compiled.
  expect(spawnSync(process.execPath, [setup]).status).toBe(0)
})

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}
function ended(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()))
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, out, err })),
  )
}
const start = (argv: readonly string[]): ChildProcess =>
  spawn(process.execPath, [main, ...argv], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: folder },
  })

interface Steps {
  readonly playbook: string
  readonly began: string
  readonly gate: string
  readonly mark: string
}

/** Two commands: the first takes until its gate is there, the second leaves a mark. */
function twoSteps(name: string): Steps {
  const [began, gate, mark] = ['began', 'gate', 'mark'].map((end) => join(folder, `${name}.${end}`))
  return {
    began: began!,
    gate: gate!,
    mark: mark!,
    playbook: file(
      `${name}.yaml`,
      `playbook: two steps
plays:
  - play: on this machine
    hosts: localhost
    tasks:
      - run: something that takes its time
        command: { cmd: "touch ${began}; until [ -e ${gate} ] || [ ! -e ${began} ]; do sleep 0.05; done" }
      - run: what comes after it
        command: { argv: [touch, "${mark}"] }
`,
    ),
  }
}

/** Until the process has taken a signal for the wish to end, which it says. */
const drains = (child: ChildProcess): Promise<void> => says(child, 'nothing new begins')

describe('the process', () => {
  it('drains on the first Ctrl-C: what was begun is finished, nothing new begins', async () => {
    const { playbook, began, gate, mark } = twoSteps('drain')
    const child = start(['run', playbook])
    const end = ended(child)
    await until(() => existsSync(began))
    const draining = drains(child)
    child.kill('SIGINT')
    await draining
    writeFileSync(gate, '')
    const { code, out, err } = await end
    expect(code).toBe(130)
    expect(out).toContain('interrupted')
    expect(err).toContain('Ctrl-C again')
    expect(existsSync(mark)).toBe(false)
  })

  it('stops what runs on the second', async () => {
    const { playbook, began, mark } = twoSteps('stop')
    const child = start(['run', playbook])
    const end = ended(child)
    await until(() => existsSync(began))
    const draining = drains(child)
    child.kill('SIGINT')
    await draining
    child.kill('SIGINT')
    const { code, err } = await end
    expect(code).toBe(130)
    expect(err).not.toMatch(/^ {4}at /m)
    expect(existsSync(mark)).toBe(false)
  })

  it('drains on SIGTERM', async () => {
    const { playbook, began, gate, mark } = twoSteps('term')
    const child = start(['run', playbook])
    const end = ended(child)
    await until(() => existsSync(began))
    const draining = drains(child)
    child.kill('SIGTERM')
    await draining
    writeFileSync(gate, '')
    expect((await end).code).toBe(130)
    expect(existsSync(mark)).toBe(false)
  })

  it('ends quietly when nobody reads its output any more', async () => {
    const child = start(['types', 'package'])
    const end = ended(child)
    child.stdout!.destroy()
    const { err, signal } = await end
    expect(err).toBe('')
    expect(signal).toBeNull()
  })

  it('shows no stack trace of a defect unless asked to', async () => {
    const broken = file(
      'broken.mjs',
      `const { execute } = await import(${JSON.stringify(join(root, 'runner/cli/execute.ts'))})\nconst out = { write: () => { throw new TypeError('planted') } }\nprocess.exitCode = await execute(['types'], { stdout: out, stderr: process.stderr, stdin: process.stdin, env: process.env, cwd: '/', drain: new AbortController().signal, stop: new AbortController().signal })\n`,
    )
    const { code, err } = await ended(
      spawn(process.execPath, ['--import', join(root, 'tools/run-typescript.mjs'), broken], {
        env: { ...process.env, TRUEUP_DEBUG: '' },
      }),
    )
    expect(code).toBe(1)
    expect(err).toContain('[internal/defect]')
    expect(err).not.toMatch(/^ {4}at /m)
    expect(
      (
        await ended(
          spawn(process.execPath, ['--import', join(root, 'tools/run-typescript.mjs'), broken], {
            env: { ...process.env, TRUEUP_DEBUG: '1' },
          }),
        )
      ).err,
    ).toMatch(/^ {4}at /m)
  })
})

describe('the bundle', () => {
  const bin = join(root, 'dist/bin')
  const copyOf = (name: string, change: (bytes: Buffer) => Buffer | null): string => {
    const copy = join(folder, name)
    mkdirSync(copy)
    // No node_modules: the bundle holds all that it needs.
    cpSync(join(root, 'package.json'), join(copy, 'package.json'))
    cpSync(bin, join(copy, 'dist/bin'), { recursive: true })
    for (const each of readdirSync(bin).filter((file) => file.endsWith('.bytecode'))) {
      const bytes = change(readFileSync(join(bin, each)))
      if (bytes === null) rmSync(join(copy, 'dist/bin', each))
      else writeFileSync(join(copy, 'dist/bin', each), bytes)
    }
    return join(copy, 'dist/bin/main.cjs')
  }

  it('has bytecode beside each chunk, which this Node takes', () => {
    const chunks = readdirSync(bin).filter((file) => file.endsWith('.chunk'))
    expect(chunks.length).toBeGreaterThan(10)
    const refused = chunks.filter(
      (file) =>
        new Script(readFileSync(join(bin, file), 'utf8'), {
          filename: join(bin, file),
          cachedData: readFileSync(join(bin, `${file}.bytecode`)),
        }).cachedDataRejected,
    )
    expect(refused).toEqual([])
  })

  it.each<[string, (bytes: Buffer) => Buffer | null]>([
    ['missing', () => null],
    ['cut', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    [
      'of another version of V8',
      (bytes) =>
        Buffer.concat([bytes.subarray(0, 4), Buffer.from([1, 2, 3, 4]), bytes.subarray(8)]),
    ],
  ])('does the same where bytecode is %s', async (name, change) => {
    const copy = copyOf(`bytecode-${name.split(' ')[0]!}`, change)
    const { playbook, gate } = twoSteps(`bundle-${name.split(' ')[0]!}`)
    writeFileSync(gate, '')
    const { code, out, err } = await ended(
      spawn(process.execPath, [copy, 'run', playbook], {
        cwd: folder,
        env: { ...process.env, XDG_STATE_HOME: folder, XDG_CACHE_HOME: join(folder, name) },
      }),
    )
    expect([code, err], out).toEqual([0, ''])
    expect(out).toMatch(/changed +2/)
  })

  describe('without bytecode of this Node', () => {
    const run = (copy: string, cache: string, words: readonly string[] = ['types']) =>
      ended(
        spawn(process.execPath, [copy, ...words], {
          cwd: folder,
          env: { ...process.env, XDG_CACHE_HOME: cache },
        }),
      )
    const keptIn = (cache: string): readonly string[] =>
      existsSync(join(cache, 'trueup'))
        ? readdirSync(join(cache, 'trueup'), { recursive: true, encoding: 'utf8' }).filter((each) =>
            each.endsWith('.chunk'),
          )
        : []

    it('keeps its own in the cache folder of the user, and takes it at the next start', async () => {
      const copy = copyOf('kept', () => null)
      const cache = join(folder, 'kept-cache')
      expect((await run(copy, cache)).code).toBe(0)
      const [first, ...more] = keptIn(cache)
      expect([first, ...more].length).toBeGreaterThan(3)
      const file = join(cache, 'trueup', first!)
      const { ino } = statSync(file)
      expect((await run(copy, cache)).code).toBe(0)
      expect(statSync(file).ino).toBe(ino)
    })

    it('keeps nothing in a folder that others may write to', async () => {
      const copy = copyOf('open', () => null)
      const cache = join(folder, 'open-cache')
      mkdirSync(join(cache, 'trueup'), { recursive: true })
      chmodSync(join(cache, 'trueup'), 0o777)
      expect((await run(copy, cache)).code).toBe(0)
      expect(keptIn(cache)).toEqual([])
    })

    it('starts where there is no place for a cache', async () => {
      const copy = copyOf('nowhere', () => null)
      const { code, err } = await run(copy, '/proc/nowhere')
      expect([code, err]).toEqual([0, ''])
    })
  })
})

describe('a lab', () => {
  it('goes up in the background, answers, and goes down', async () => {
    const at = ['--folder', join(folder, 'lab')]
    const up = await ended(start(['lab', 'up', ...at]))
    expect([up.code, up.err], up.out).toEqual([0, ''])
    try {
      expect((await ended(start(['lab', 'ssh', ...at, 'x3000c0s19b1n0', 'hostname']))).out).toBe(
        'x3000c0s19b1n0\n',
      )
    } finally {
      expect((await ended(start(['lab', 'down', ...at]))).code).toBe(0)
    }
    expect(existsSync(join(folder, 'lab'))).toBe(false)
  })
})

describe('set-up', () => {
  it('says nothing when there is nothing to do', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [setup], { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('goes on as the command line, in the folder that the user is in', () => {
    file(
      'here.yaml',
      'playbook: here\nplays:\n  - play: one\n    hosts: localhost\n    tasks:\n      - require: it\n        that: true\n',
    )
    const { status, stdout } = spawnSync(
      process.execPath,
      [setup, 'trueup', 'validate', 'here.yaml'],
      { cwd: root, encoding: 'utf8', env: { ...process.env, INIT_CWD: folder } },
    )
    expect(status).toBe(0)
    expect(stdout).toContain('here.yaml: 1 play, 1 task')
  })

  it('needs a Node that is new enough, and says so', () => {
    const old = file(
      'old.mjs',
      `Object.defineProperty(process.versions, 'node', { value: '18.20.1' })\nawait import(${JSON.stringify(setup)})\n`,
    )
    const { status, stderr } = spawnSync(process.execPath, [old], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain('needs Node 20.19 or newer; this is 18.20.1')
  })

  it("imports Node's own modules only", () => {
    expect(
      [...readFileSync(setup, 'utf8').matchAll(/from '([^']+)'/g)]
        .map((match) => match[1])
        .filter((name) => !name!.startsWith('node:')),
    ).toEqual([])
  })
})
