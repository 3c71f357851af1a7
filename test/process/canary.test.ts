import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
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
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  noSshd,
  skipsWithout,
  startRealSshd,
  type RealSshd,
} from '../../runner/connect/openssh/real-sshd.fixture.ts'

// A secret that nobody knows before is sent through everything, with real processes, and looked for everywhere.

const root = join(import.meta.dirname, '../..')
const main = join(root, 'dist/bin/main.cjs')
const folder = mkdtempSync(join(tmpdir(), 'trueup-canary-'))
const state = join(folder, 'state')
let sshd: RealSshd | null = null
const canary = `Canary&${randomBytes(24).toString('hex')}'<é>`
const forms = [
  canary,
  Buffer.from(canary).toString('base64'),
  Buffer.from(canary).toString('hex'),
  encodeURIComponent(canary),
]
afterAll(async () => {
  await sshd?.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeAll(async () => {
  expect(spawnSync(process.execPath, [join(root, 'tools/setup.mjs')]).status).toBe(0)
  if (!skipsWithout('a canary over SSH')) sshd = await startRealSshd()
})

/** The options that name the host, which is reached in this way. */
function wayTo(host: string): readonly string[] {
  if (host === 'localhost') return []
  const transport = host === 'over-openssh' ? ', transport: openssh' : ''
  const { port, user, key, knownHosts } = sshd!
  return [
    '-i',
    file(
      `${host}.yaml`,
      `hosts:\n  ${host}: { address: 127.0.0.1, port: ${port}, user: ${user}, key_files: ${key}, known_hosts_file: ${knownHosts}${transport} }\n`,
    ),
  ]
}

function file(name: string, text: string): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), text, { mode: 0o600 })
  return join(folder, name)
}

/** What every process of this machine shows of itself: arguments and environment. */
function processes(): string {
  let all = ''
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    for (const part of ['cmdline', 'environ'])
      try {
        all += readFileSync(`/proc/${pid}/${part}`, 'utf8')
      } catch {
        // It has ended, or belongs to another user.
      }
  return all
}

async function trueup(
  argv: readonly string[],
): Promise<{ readonly said: string; readonly seen: number }> {
  const child = spawn(process.execPath, [main, ...argv, '--state-dir', state], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, COLUMNS: '60' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  let isOver = false
  const end = new Promise<void>((resolve) => child.on('close', () => ((isOver = true), resolve())))
  let seen = 0
  while (!isOver) {
    expectNothing(processes(), `the processes during ${argv.join(' ')}`)
    seen += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await end
  return { said, seen }
}

function expectNothing(text: string, where: string): void {
  for (const form of forms)
    // The whole text would be printed, with the secret in it.
    expect(text.includes(form), `${where} show ${form.slice(0, 10)}…`).toBe(false)
}

function kept(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })) return ''
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => readFileSync(join(each.parentPath, each.name), 'utf8'))
    .join('\n')
}

describe('a canary', () => {
  const hosts = ['localhost', ...(noSshd === null ? ['over-ssh', 'over-openssh'] : [])]
  // The sshd is of this machine: its processes, and all that they start, are looked through as well.
  it.each(hosts)(
    'shows on no screen, in no file that is kept, and in no process of either side: %s',
    async (host) => {
      const way = wayTo(host)
      rmSync(state, { recursive: true, force: true })
      const held = file('held', `${canary}\n`)
      const inputs = file('inputs.yaml', JSON.stringify({ token: canary }))
      const out = join(folder, 'out')
      const playbook = file(
        'playbook.yaml',
        `playbook: a canary
inputs:
  token: { type: string, secret: true }
plays:
  - play: it goes everywhere
    hosts: ${host}
    tasks:
      - ensure: it stands in a file
        copy: { dest: "${out}", content: "token={{ token }}\\n", mode: "0600" }
      - run: it goes to standard input, and comes back in other forms
        command: { cmd: "tee -a ${folder}/tee.txt | base64 -w 40; sleep 0.2; base64 -w 0 < ${held}; od -An -tx1 < ${held} | tr -d ' '; cat ${held}", stdin: "{{ token }}" }
        register: said
      - read: it is printed
        print: { value: "{{ said.stdout }} {{ said.stderr }} {{ json said }}" }
      - read: a file is a secret
        secret_file: { path: "${held}" }
        register: secret
      - read: a quiet task reads it
        command: { cmd: "cat ${held}", ahead: true }
        no_log: true
        register: quiet
      - read: both are printed
        print: { value: "{{ secret.value }} {{ quiet.stdout }}" }
      - ensure: a line is not it
        lineinfile: { path: "${held}", line: another }
      - require: it is another
        that: quiet.stdout == "another"
        ignore_errors: true
      - run: it fails with it
        command: { cmd: "cat ${held} >&2; exit 3" }
`,
      )
      const plan = join(folder, 'a.plan')
      let seen = 0
      for (const argv of [
        ['validate', playbook, ...way],
        ['docs', playbook],
        ['plan', playbook, ...way, '-e', `@${inputs}`, '-o', plan, '--diff', '-vv'],
        [
          'run',
          playbook,
          ...way,
          ...['-e', `@${inputs}`, '--diff', '-vv'],
          ...['html', 'md', 'junit', 'json', 'sarif', 'github', 'gitlab'].flatMap((form) => [
            '--report',
            `${form}:live.${form}`,
          ]),
        ],
        ['run', playbook, ...way, '-e', `@${inputs}`, '--output', 'json'],
        ['apply', plan, '-e', `@${inputs}`, '-vv', '--report', 'html:apply.html'],
        ['docs', playbook, ...way, '-e', `@${inputs}`, '--host', host],
        ['resume', 'last', '-e', `@${inputs}`],
        ['show', 'last'],
        ['show', 'last', '--json'],
        ...['html', 'md', 'xml', 'json'].map((ending) => ['report', '3', '-o', `late.${ending}`]),
        ['report', '3', '--form', 'json'],
        ['history', '--compare', '2', '1'],
      ]) {
        const result = await trueup(argv)
        expectNothing(result.said, argv.join(' '))
        if (argv[0] === 'run') expect(result.said.replace(/\s+/g, ' ')).toContain('(secret token)')
        seen += result.seen
        writeFileSync(held, `${canary}\n`)
      }
      expect(seen).toBeGreaterThan(8)
      expect(readFileSync(out, 'utf8')).toBe(`token=${canary}\n`)
      expect(kept(state)).toContain('a canary')
      expectNothing(kept(state), 'the files of the state folder')
      expectNothing(readFileSync(plan, 'utf8'), 'the words of the plan')
      const reports = readdirSync(folder).filter((name) => /^(?:live|apply|late)\./.test(name))
      expect(reports).toHaveLength(12)
      for (const name of reports) {
        const text = readFileSync(join(folder, name), 'utf8')
        expect(text).toMatch(/a canary|it fails with it/)
        expectNothing(text, `the report ${name}`)
        // A page holds the records of the run, compressed.
        const held = /id="records"[^>]*>([^<]*)</.exec(text)?.[1]
        if (held !== undefined)
          expectNothing(
            gunzipSync(Buffer.from(held, 'base64')).toString(),
            `the records in ${name}`,
          )
      }
    },
  )
})
