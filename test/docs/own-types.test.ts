import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from '../../runner/cli/io.fixture.ts'
import { compileManifest } from '../../runner/manifest/compile.ts'
import { createWorld, execute, inventoryOf, machine, play, task } from '../harness/fake-world.ts'

const root = mkdtempSync(join(tmpdir(), 'trueup-own-types-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0

/** A folder with these files, and commands typed there. */
function folderOf(files: Readonly<Record<string, string>>): {
  readonly cwd: string
  type(line: string): Promise<Ended>
  read(path: string): string
} {
  const cwd = join(root, `${++made}`)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  mkdirSync(cwd, { recursive: true })
  const absolute = (word: string): string =>
    /\.(?:yaml|ts|js|plan)$/.test(word) && !word.startsWith('/') ? join(cwd, word) : word
  const env = { ...process.env, PATH: `${cwd}/bin:${process.env['PATH']}` }
  return {
    cwd,
    type: (line) =>
      typed(line.split(' ').map(absolute), { cwd, env, stateFolder: join(cwd, 'state') }),
    read: (path) => readFileSync(join(cwd, path), 'utf8'),
  }
}

const guide = readFileSync(join(import.meta.dirname, '../../docs/own-types.md'), 'utf8')
const blocks = [...guide.matchAll(/^```(sh|yaml|ts)\n([\s\S]*?)^```$/gm)].map(([, kind, text]) => ({
  kind: kind!,
  text: text!,
  path: /^(?:#|\/\/) (\S+)\n/.exec(text!)?.[1] ?? null,
}))

describe('a module whose change destroys', () => {
  const module = (
    says: string,
  ): string => `import { ask, defineResource, exec } from 'trueup/contract'
export default defineResource({
  name: 'site.disk',
  summary: 'A disk is wiped.',
  ${says}params: { type: 'object', required: ['disk'], properties: { disk: { type: 'string', identity: true, description: 'A disk.' } } },
  state: { wiped: { type: 'boolean', description: 'Whether it is wiped.' } },
  probe: ({ disk }) => ({ show: ask(['diskctl', 'show', disk]) }),
  observe: ({ show }) => ({ wiped: show.stdout.trim() === 'wiped' }),
  desire: () => ({ wiped: true }),
  change: (_diff, { disk }) => [
    { title: 'wipe it', repairs: ['wiped'], effect: 'destroys', guard: ['show'], actions: [exec(['diskctl', 'wipe', disk])] },
  ],
})
`
  const cases = `- name: is wiped
  params: { disk: d1 }
  reads: { show: { stdout: full } }
  diff: { wiped: [false, true] }
  does: [[diskctl, wipe, d1]]
  then: { show: { stdout: wiped } }
- name: is wiped already
  params: { disk: d1 }
  reads: { show: { stdout: wiped } }
  diff: {}
- name: cannot be read
  params: { disk: d1 }
  reads: { show: { exit: 1 } }
  fails: read/exit
`
  const tested = (says: string): Promise<Ended> =>
    folderOf({ 'types/disk.resource.js': module(says), 'types/disk.cases.yaml': cases }).type(
      'test types/disk.resource.js',
    )

  it('says so, and is taken', async () => {
    expect(await tested('destroys: true,\n  ')).toMatchObject({ exit: 0, err: '' })
  })

  it('is refused where it does not say so, or says it in another form', async () => {
    const silent = await tested('')
    expect((silent.out + silent.err).replace(/\s+/g, ' ')).toContain(
      "destroys, and the type does not say so with 'destroys'",
    )
    const odd = await tested('destroys: 7,\n  ')
    expect(odd.exit).not.toBe(0)
    expect(odd.out + odd.err).toContain('its destroys is neither true nor a list')
  })
})

describe('the guide to types of one’s own', () => {
  it('leads from new to a type that runs, word for word', async () => {
    // The site's command: a real one, so that quotes and blanks are what a host would see.
    const bannerctl =
      '#!/bin/sh\nverb=$1; shift 2; f="$(dirname "$0")/$1"\ncase $verb in\nshow) [ -e "$f" ] || exit 3; cat "$f";;\nset) printf "%s\\n" "$2" >"$f";;\nclear) rm -f "$f";;\nesac\n'
    const { cwd, type, read } = folderOf({ 'bin/bannerctl': bannerctl })
    chmodSync(join(cwd, 'bin/bannerctl'), 0o755)
    process.env['PATH'] = `${cwd}/bin:${process.env['PATH']}`
    const said: string[] = []
    for (const { kind, text, path } of blocks) {
      if (kind === 'sh') {
        for (const line of text.trim().split('\n')) {
          const ended = await type(line.replace(/^trueup /, ''))
          expect({ line, ...ended }).toMatchObject({
            line,
            err: '',
            exit: line.includes('trueup plan') ? 2 : 0,
          })
          said.push(ended.out)
        }
      } else writeFileSync(join(cwd, path!), text)
    }
    expect(said.join('')).toContain('site.banner: 4 cases, all laws hold')
    expect(read('bin/login')).toBe('Welcome to localhost\n')
    expect(await type('plan playbook.yaml')).toMatchObject({ exit: 0, err: '' })
    expect(said.at(-1)).toBe('site.greeting: 3 cases, all laws hold\n')
  })
})

describe('trueup new', () => {
  it.each(['', ' --ts'])(
    'writes a type whose cases hold, and a playbook that runs%s',
    async (kind) => {
      const { type, cwd } = folderOf({})
      expect(await type(`new type site.motd${kind}`)).toMatchObject({ exit: 0, err: '' })
      expect(await type('test types')).toMatchObject({
        exit: 0,
        out: 'site.motd: 4 cases, all laws hold\n',
        err: '',
      })
      expect(await type(`new type site.motd${kind}`)).toMatchObject({
        exit: 3,
        err: expect.stringContaining('cli/exists'),
      })
      expect(await type('new playbook first')).toMatchObject({ exit: 0, err: '' })
      expect(await type('validate first.yaml')).toMatchObject({ exit: 0, err: '' })
      expect(await type(`run first.yaml -e note=${cwd}/note`)).toMatchObject({ exit: 0, err: '' })
      expect(readFileSync(join(cwd, 'note'), 'utf8')).toBe('Hello from trueup\n')
    },
  )

  it.each(['package', 'when', 'ensure', 'Site', 'a.b.c', '../x'])(
    'refuses the name %s',
    async (name) => {
      expect(await folderOf({}).type(`new type ${name}`)).toMatchObject({
        exit: 3,
        err: expect.stringContaining('type/name'),
      })
    },
  )
})

const line = readFileSync(
  join(import.meta.dirname, '../../runner/manifest/twins/hostname.resource.yaml'),
  'utf8',
)
const js = (body: string): string =>
  `import { defineResource, text } from 'trueup/contract'\n${body}`
const whole =
  "{ name: 'site.x', summary: 'So.', params: { type: 'object', properties: { name: { type: 'string', identity: true, description: 'N.' } } }, state: { a: { type: 'string', description: 'A.' } }, probe: ({ name }) => ({ f: text(name) }), observe: ({ f }) => ({ a: f.exists ? f.text : null }) }"

describe('a type that is wrong', () => {
  const playbook =
    'playbook: b\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - read: r\n        site.x: { name: /etc/hostname }\n        register: got\n      - require: it is so\n        that: got.a != ""\n'

  it.each([
    [
      'another import',
      "import fs from 'node:fs'\n" + js(`export default defineResource(${whole})`),
      'type/import',
      1,
    ],
    [
      'an import while it runs',
      js(`const fs = await import('node:fs')\nexport default defineResource(${whole})`),
      'type/import',
      2,
    ],
    [
      'an import behind a quote that is a pattern',
      js(
        `const quote = /"/; const fs = await import("node:fs")\nexport default defineResource(${whole})`,
      ),
      'type/import',
      2,
    ],
    [
      'nothing that it exports',
      js(`export const type = defineResource(${whole})`),
      'type/export',
      1,
    ],
    [
      'a probe that is none',
      js(`export default defineResource({ ...${whole},\n  probe: 5 })`),
      'type/export',
      2,
    ],
    [
      'a name that the contract has not',
      "import { nothing } from 'trueup/contract'\nexport default nothing",
      'type/load',
      1,
    ],
    ['a syntax that is none', js('export default {{'), 'type/load', 2],
    ['a module that throws null', js('throw null'), 'type/load', 1],
    ['one that throws what has no text', js('throw Object.create(null)'), 'type/load', 1],
    [
      'the name of a built-in type',
      js(`export default defineResource(${whole.replace('site.x', 'package')})`),
      'type/name',
      2,
    ],
    [
      'the name of a keyword',
      js(`export default defineResource(${whole.replace('site.x', 'when')})`),
      'type/name',
      2,
    ],
  ])('%s: is said with its place, and nothing runs', async (_what, text, code, at) => {
    const { type } = folderOf({ 'types/x.resource.js': text, 'playbook.yaml': playbook })
    const { exit, err } = await type('validate playbook.yaml')
    expect({ exit, err }).toMatchObject({
      exit: 3,
      err: expect.stringMatching(
        new RegExp(`types/x\\.resource\\.js:${at}:\\d+:[\\s\\S]*\\[${code}\\]`),
      ),
    })
    expect(err).toContain('hint:')
    expect(err).not.toContain('data:')
  })

  it('is right where it says so: imports in comments and texts are none', async () => {
    const { type } = folderOf({
      'x.resource.js': js(
        `// import fs from 'node:fs'\nconst words = "import x from 'y'"\nexport default defineResource({ ...${whole}, source: words })`,
      ),
      'playbook.yaml': playbook,
    })
    expect(await type('validate playbook.yaml')).toMatchObject({ exit: 0, err: '' })
    expect(await type('run playbook.yaml')).toMatchObject({ exit: 0 })
  })

  it('hides no mistake of the playbook, and adds none to it', async () => {
    const { type } = folderOf({
      'x.resource.yaml': line.replace('site.hostname', 'site.x').replace('read: text', 'read: txt'),
      'playbook.yaml': `${playbook}      - ensure: typo\n        pakage: { name: x }\n`,
    })
    const { err } = await type('validate playbook.yaml')
    expect([...err.matchAll(/\[(\w+\/[\w-]+)\]/g)].map((match) => match[1])).toEqual([
      'schema/value',
      'task/unknown-key',
    ])
    expect(err).toContain('pakage')
  })

  it('two files may not share a name', async () => {
    const { type } = folderOf({
      'a.resource.yaml': line.replace('site.hostname', 'site.x'),
      'types/b.resource.yaml': line.replace('site.hostname', 'site.x'),
      'playbook.yaml': playbook,
    })
    expect(await type('validate playbook.yaml')).toMatchObject({
      exit: 3,
      err: expect.stringContaining('type/name'),
    })
  })
})

describe('trueup test', () => {
  const cases = readFileSync(
    join(import.meta.dirname, '../../runner/resources/hostname/cases.yaml'),
    'utf8',
  )

  it('prints each law that does not hold with its place, and exits 1', async () => {
    const { type } = folderOf({
      'hostname.resource.yaml': line,
      'hostname.cases.yaml': cases
        .replace('state: { name: nid001,', 'state: { name: nid009,')
        .replace('- [hostname, x3000c0s19b4n0]', '- [hostname, other]'),
    })
    const { exit, out } = await type('test hostname.resource.yaml')
    expect(exit).toBe(1)
    expect(out).toMatch(
      /hostname\.cases\.yaml:1:\d+: "is called so": name is "nid001", not "nid009" \[cases\/law\]/,
    )
    expect(out.match(/\[cases\/law\]/g)).toHaveLength(2)
  })

  it('asks for the kinds of cases that are missing, and for cases at all', async () => {
    const { type } = folderOf({
      'hostname.resource.yaml': line,
      'cases.yaml': cases.split('\n\n')[0]!,
    })
    expect((await type('test hostname.resource.yaml')).out).toMatch(
      /no drifted case exists[\s\S]*no failed-read case exists/,
    )
    const { type: other } = folderOf({ 'hostname.resource.yaml': line })
    expect(await other('test hostname.resource.yaml')).toMatchObject({
      exit: 1,
      out: expect.stringContaining('cases/none'),
    })
    expect(await other('test nothing.resource.yaml')).toMatchObject({
      exit: 3,
      err: expect.stringContaining('cli/no-types'),
    })
  })

  it('says where cases are no cases', async () => {
    const { type } = folderOf({
      'hostname.resource.yaml': line,
      'hostname.cases.yaml': '- name: x\n  parms: {}\n',
    })
    expect(await type('test hostname.resource.yaml')).toMatchObject({
      exit: 1,
      out: expect.stringMatching(
        /hostname\.cases\.yaml:2:3: unknown key 'parms' \[schema\/unknown-key\]/,
      ),
    })
  })

  it.each([
    [
      'catches',
      'observe: ({ f }) => { try { return { a: f.text } } catch { return { a: null } } }',
      'it catches',
    ],
    ['knows a clock', 'observe: () => ({ a: String(Date.now()) })', 'it knows a clock'],
    ['reaches out', 'observe: () => ({ a: String(process.pid) })', 'it reaches out'],
    ['throws', 'observe: ({ f }) => ({ a: f.nothing.at })', 'the type throws TypeError'],
  ])('finds a module that %s', async (_what, part, words) => {
    const { type } = folderOf({
      'x.resource.js': js(`export default defineResource({ ...${whole},\n  ${part} })`),
      'x.cases.yaml':
        '- name: reads\n  params: { name: /x }\n  reads: { f: { text: a } }\n- name: fails\n  params: { name: /x }\n  reads: { f: { failed: denied } }\n  fails: read/denied\n',
    })
    expect(await type('test x.resource.js')).toMatchObject({
      exit: 1,
      out: expect.stringContaining(words),
    })
  })
})

describe('a type of one’s own in a saved plan', () => {
  it('is applied with the text that was planned', async () => {
    const { type, cwd, read } = folderOf({})
    await type('new type site.motd')
    writeFileSync(
      join(cwd, 'playbook.yaml'),
      `playbook: b\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - ensure: so\n        site.motd: { path: ${cwd}/motd, line: planned }\n`,
    )
    expect(await type('plan playbook.yaml -o playbook.plan')).toMatchObject({ exit: 2 })
    rmSync(join(cwd, 'types'), { recursive: true })
    expect(await type('apply playbook.plan')).toMatchObject({ exit: 0 })
    expect(read('motd')).toBe('planned\n')
  })
})

describe('a manifest in the engine', () => {
  const text = (path: string): string =>
    readFileSync(join(import.meta.dirname, '../../runner/manifest/twins', path), 'utf8')
  const hostname = compileManifest('hostname.resource.yaml', text('hostname.resource.yaml')).type!
  const hostnameCommand = (argv: readonly string[], held: { files: Map<string, string> }) => (
    held.files.set('/proc/sys/kernel/hostname', `${argv[1]}\n`),
    { exit: 0 }
  )

  it('plans, repairs, reads back and is true the second time, as a built-in type', async () => {
    const one = machine({ '/proc/sys/kernel/hostname': 'localhost\n', '/etc/hostname': 'old\n' })
    one.commands.set('hostname', hostnameCommand)
    const world = createWorld({ a: one })
    const plays = [
      play([task('ensure', 'its name', hostname, { params: { name: 'a' }, register: 'got' })]),
    ]
    const planned = await execute(world, plays, inventoryOf(['a']), { mode: 'plan' })
    expect(planned).toMatchObject({ exit: 2, outcomes: { 'a: its name': 'would change' } })
    expect(await execute(world, plays, inventoryOf(['a']))).toMatchObject({
      exit: 0,
      outcomes: { 'a: its name': 'changed' },
    })
    expect(one.files.get('/etc/hostname')).toBe('a\n')
    expect(await execute(world, plays, inventoryOf(['a']))).toMatchObject({
      exit: 0,
      outcomes: { 'a: its name': 'ok' },
    })
  })

  it('does nothing where its guard has moved', async () => {
    const one = machine({ '/proc/sys/kernel/hostname': 'a\n', '/etc/hostname': 'old\n' })
    const world = createWorld({ a: one })
    world.meddle = (_to, exchange) =>
      void (exchange.apply && one.files.set('/etc/hostname', 'by hand\n'))
    expect(
      await execute(
        world,
        [play([task('ensure', 'its name', hostname, { params: { name: 'a' } })])],
        inventoryOf(['a']),
      ),
    ).toMatchObject({ exit: 1, outcomes: { 'a: its name': 'failed' } })
    expect(one.files.get('/etc/hostname')).toBe('by hand\n')
  })

  it('a reading that means nothing fails the task, with its place in the manifest', async () => {
    const ims = compileManifest(
      'ims.resource.yaml',
      text('ims_remote_build_node.resource.yaml'),
    ).type!
    const world = createWorld({
      a: machine(),
      'service ims': machine({ '/v3/remote-build-nodes': '{"error": "no"}' }),
    })
    const { exit, events } = await execute(
      world,
      [play([task('ensure', 'registered', ims, { params: { xname: 'x1' } })])],
      inventoryOf(['a']),
    )
    expect(exit).toBe(1)
    expect(events.find((event) => event.type === 'outcome')).toMatchObject({
      outcome: 'failed',
      error: { code: 'read/unclear' },
    })
  })
})
