import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const stateFolder = join(folder, 'state')
const at = { cwd: folder, stateFolder }

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const target = join(folder, 'target.txt')
const playbook = file(
  'good.yaml',
  `
playbook: a file on this machine
inputs:
  words: { type: string, default: hello, description: What the file says }
plays:
  - play: the file is right
    hosts: localhost
    tasks:
      - ensure: the file says what it should
        copy: { dest: ${target}, content: "{{ words }}\\n", mode: "0600" }
        tags: [content]
      - require: it is so
        file: { path: ${target}, state: file }
        tags: [check]
`,
)
const bad = file(
  'bad.yaml',
  `
playbook: full of mistakes
plays:
  - play: one
    hosts: localhost
    tasks:
      - ensure: a
        copy: { dest: /tmp/x, content: x, mode: 0644 }
      - ensure: b
        copyy: { dest: /tmp/x }
      - ensure: c
        when: facts.nothing == 1
        kernel_module: { name: loop }
`,
)

describe('run and plan', () => {
  it('plan says what would change and exits 2; run makes it true; run again changes nothing', async () => {
    expect(await typed(['plan', playbook], at)).toMatchObject({
      exit: 2,
      out: expect.stringContaining('would change'),
    })
    const first = await typed(['run', playbook], at)
    expect(first).toMatchObject({ exit: 0, err: '' })
    expect(
      first.events.filter((event) => event.type === 'outcome').map((event) => event.outcome),
    ).toEqual(['changed', 'ok'])
    const second = await typed(['run', playbook], at)
    expect(
      second.events.filter((event) => event.type === 'outcome').map((event) => event.outcome),
    ).toEqual(['ok', 'ok'])
    expect(await typed(['plan', playbook], at)).toMatchObject({ exit: 0 })
  })

  it('finds a relative path from the folder it is given, not from that of the process', async () => {
    const twin = '../manifest/twins/kernel_module.resource.yaml'
    mkdirSync(join(folder, 'types'))
    cpSync(join(import.meta.dirname, twin), join(folder, 'types/site.kernel_module.resource.yaml'))
    file(
      'relative.yaml',
      'playbook: a\nplays:\n  - play: b\n    hosts: localhost\n    tasks:\n      - read: c\n        site.kernel_module: { name: loop }\n',
    )
    for (const words of [['run'], ['plan'], ['docs'], ['validate']])
      expect(await typed([...words, 'relative.yaml'], at)).toMatchObject({ exit: 0, err: '' })
  })

  it('keeps nothing below /proc, where folders can never be made, and touches nothing then', async () => {
    for (const env of [{}, { XDG_STATE_HOME: '/proc/self' }]) {
      const flags = 'XDG_STATE_HOME' in env ? [] : ['--state-dir', '/proc/none']
      // No folder is named: it is found by the environment.
      const told = await typed(['run', playbook, ...flags], { cwd: folder, env } as Parameters<
        typeof typed
      >[1])
      expect(told).toMatchObject({
        exit: 3,
        err: expect.stringContaining('cli/not-written'),
        events: [],
      })
      expect(told.err).not.toMatch(/^\s+at /m)
    }
  })

  it('takes inputs from -e, files and maps; the last one wins', async () => {
    const inputs = file('inputs.yaml', 'words: from a file\n')
    const told = await typed(
      [
        'plan',
        playbook,
        '-e',
        'words=first',
        '-e',
        `@${inputs}`,
        '-e',
        '{"words": "from a map"}',
        '--diff',
      ],
      at,
    )
    expect(told.exit).toBe(2)
    expect(told.out).toMatch(/from a map/)
  })

  it('takes tags, skips tags, and prints JSON', async () => {
    const told = await typed(['run', playbook, '--tags', 'check', '--output', 'json'], at)
    const lines = told.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string })
    expect(lines.filter((line) => line.type === 'outcome')).toHaveLength(1)
    expect(lines.at(-1)!.type).toBe('run-ended')
    expect(
      (await typed(['run', playbook, '--skip-tags', 'check,content'], at)).events.filter(
        (event) => event.type === 'outcome',
      ),
    ).toHaveLength(0)
  })

  it.each(['--tags', '--skip-tags'])(
    'takes no empty %s for all tasks: a variable of a shell may be empty',
    async (option) => {
      expect(await typed(['run', playbook, option, ''], at)).toMatchObject({
        exit: 3,
        events: [],
        err: expect.stringContaining('names no tag'),
      })
      expect(await typed(['run', playbook, option, ' , '], at)).toMatchObject({
        exit: 3,
        events: [],
      })
    },
  )

  it('exits 1 when a task fails, and says where and what to type next', async () => {
    const failing = file(
      'failing.yaml',
      'playbook: fails\nplays:\n  - play: one\n    hosts: localhost\n    tasks:\n      - require: it is not so\n        that: 1 == 2\n',
    )
    const told = await typed(['run', failing], at)
    expect(told.exit).toBe(1)
    expect(told.out).toContain('failing.yaml:7:15: this does not hold: 1 == 2 [run/required]')
    expect(told.out).toContain('next          trueup run failing.yaml')
  })
})

describe('mistakes before work', () => {
  it('are shown all at once, with place, line and caret, exit 3, and nothing is connected to', async () => {
    const told = await typed(['run', bad], at)
    expect(told).toMatchObject({ exit: 3, out: '', events: [] })
    for (const [line, code] of [
      [8, 'param/type'],
      [10, 'task/unknown-key'],
      [12, 'expression/unknown-field'],
    ])
      expect(told.err).toMatch(new RegExp(`^bad\\.yaml:${line}:\\d+: .*\\[${code}\\]$`, 'm'))
    expect(told.err).toContain('hint: quote it: "0644"')
    expect(told.err).toMatch(/^ +\| +\^+$/m)
    expect(told.err).toContain('3 errors')
  })

  it('of playbook, inputs and inventory come together', async () => {
    const inventory = file('hosts.yaml', 'hosts:\n  "x[3-1]": {}\n')
    const told = await typed(['run', bad, '-i', inventory, '-e', 'nonsense'], at)
    expect(told.exit).toBe(3)
    for (const code of ['inventory/range-reversed', 'cli/input', 'param/type'])
      expect(told.err).toContain(`[${code}]`)
  })

  it('repeats nothing of a -e whose name was forgotten: it may be a secret', async () => {
    const told = await typed(['run', playbook, '-e', 'words=x', '-e', 'canary-7741'], at)
    expect(told).toMatchObject({ exit: 3, events: [] })
    expect(told.err).toContain('the 2. -e is not an input')
    expect(told.err + told.out).not.toContain('canary-7741')
  })

  it.each([
    [['rum', 'x.yaml'], 'run'],
    [['run', 'x.yaml', '--limt', 'a'], '--limit'],
    [['run', 'x.yaml', '--forks', 'many'], 'forks'],
    [['run'], 'playbook'],
    [['run', 'x.yaml', '--output', 'xml'], 'json'],
    [['run', join(folder, 'nowhere.yaml')], 'trueup shipped playbooks'],
    [['run', join(folder, 'storage.yaml')], 'trueup shipped copy playbooks/storage.yaml .'],
    [['types', 'packge'], "'package'"],
    [['run', playbook, '--limit', 'nobody'], 'inventory/'],
    [['inventory', '-i', join(folder, 'nowhere')], 'inventory/no-file'],
  ])('%j exits 3 and helps', async (argv, word) => {
    const told = await typed(argv, at)
    expect(told.exit).toBe(3)
    expect(told.err).toContain(word)
    expect(told.err).not.toMatch(/^ {4}at /m)
  })

  it('a delegate that no inventory has is found before anything runs', async () => {
    const path = file(
      'delegate.yaml',
      `
playbook: sent elsewhere
plays:
  - play: one
    hosts: localhost
    tasks:
      - ensure: it is not made
        copy: { dest: ${join(folder, 'not-made')}, content: x }
      - read: it is asked elsewhere
        file: { path: /etc }
        delegate_to: nohost
`,
    )
    const told = await typed(['run', path], at)
    expect(told).toMatchObject({ exit: 3, events: [] })
    expect(told.err).toMatch(/delegate\.yaml:11:22: .*nohost/)
    expect(told.err).toContain('run/unknown-delegate')
  })

  it('so is one that is computed of what is known, and no other', async () => {
    const inventory = file(
      'delegates.yaml',
      'hosts:\n  a1: { vars: { helper: a2 } }\n  a2: { vars: { helper: gone } }\n',
    )
    const computed = (delegate: string, more = ''): string =>
      file(
        'computed.yaml',
        `playbook: sent elsewhere\ninputs:\n  to: { type: string, default: nowhere, description: A host }\nplays:\n  - play: one\n    hosts: a[1-2]\n    tasks:\n      - read: it is asked elsewhere\n        file: { path: /etc }\n        delegate_to: "${delegate}"\n${more}`,
      )
    for (const [delegate, more] of [
      ['{{ to }}', ''],
      ['{{ host.vars.helper }}', ''],
      ['{{ helper }}', ''],
      ['{{ there }}', '        vars: { there: "{{ to }}-1" }\n'],
    ]) {
      const told = await typed(['run', computed(delegate!, more), '-i', inventory], at)
      expect(told, delegate).toMatchObject({ exit: 3, events: [] })
      expect(told.err).toMatch(/computed\.yaml:10:22: [^]*run\/unknown-delegate/)
    }
    // Whether it is so only a run can tell, or it never runs there.
    for (const [delegate, more] of [
      ['{{ facts.hostname }}', ''],
      ['{{ to }}', '        when: facts.sp > 99\n'],
      ['{{ helper }}', '        when: host.name == "a1"\n'],
      ['{{ to }}', '        when: false\n'],
    ]) {
      expect(
        (await typed(['plan', computed(delegate!, more), '-i', inventory, '--list-tasks'], at))
          .exit,
        delegate,
      ).toBe(0)
    }
  })

  it('a play for hosts without an inventory says what to type', async () => {
    const remote = file(
      'remote.yaml',
      'playbook: remote\nplays:\n  - play: one\n    hosts: "@nodes"\n    tasks:\n      - require: it\n        that: true\n',
    )
    const told = await typed(['plan', remote, '-i', file('one.yaml', 'hosts:\n  a1: {}\n')], at)
    expect(told.exit).toBe(3)
    expect(told.err).toMatch(/remote\.yaml:4:12:/)
  })
})

describe('validate', () => {
  it('accepts good playbooks, and those that only lack the values of inputs', async () => {
    const lacking = file(
      'lacking.yaml',
      'playbook: lacks\ninputs:\n  size: { type: integer, description: how many }\nplays:\n  - play: one\n    hosts: localhost\n    tasks:\n      - require: it\n        that: size > 1\n',
    )
    const told = await typed(['validate', playbook, lacking], at)
    expect(told).toMatchObject({ exit: 0, err: '' })
    expect(told.out.trimEnd().split('\n')).toHaveLength(2)
    expect(told.out).toContain('to run it, give it -e size=…')
  })

  it('finds what a run would refuse: a secret that would be shown, and names, where no inventory can have them', async () => {
    const playbookOf = (hosts: string, line: string): string =>
      file(
        'refused.yaml',
        `playbook: p\ninputs:\n  pw: { type: string, secret: true }\n  size: { type: integer }\nplays:\n  - play: p\n    hosts: ${hosts}\n    tasks:\n      - ensure: the line is there\n        lineinfile: { path: /etc/app, line: "${line}" }\n        when: ${hosts === 'localhost' && line === 'a' ? 'nosuch' : 'size'} > 1\n`,
      )
    const shown = await typed(['validate', playbookOf('web', 'x={{ pw }}')], at)
    expect(shown).toMatchObject({ exit: 3, out: '' })
    expect(shown.err).toMatch(/refused\.yaml:10:45: lineinfile\.line cannot be a secret/)
    const unknown = await typed(['validate', playbookOf('localhost', 'a')], at)
    expect(unknown).toMatchObject({ exit: 3, out: '' })
    expect(unknown.err).toMatch(/refused\.yaml:11:15: unknown name 'nosuch'/)
    const open = await typed(['validate', playbookOf('web', '{{ perhaps }}')], at)
    expect(open).toMatchObject({ exit: 0 })
    expect(open.out).toMatch(
      /no mistakes found; names were not checked.*-i PATH; to run it, give it -e pw=… -e size=…$/m,
    )
    const inventory = file('named.yaml', 'hosts:\n  web: { perhaps: a }\n')
    const given = ['validate', '-i', inventory]
    expect((await typed([...given, playbookOf('web', '{{ perhaps }}')], at)).out).not.toContain(
      'not checked',
    )
    expect((await typed([...given, playbookOf('web', '{{ never }}')], at)).exit).toBe(3)
  })

  it('says of an include that gives too little, also where its own inputs have no values yet', async () => {
    file(
      'inner.yaml',
      'playbook: i\ninputs:\n  a: { type: string }\n  b: { type: string }\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - require: it\n        that: a != b\n',
    )
    const outer = (inputs: string): string =>
      file(
        'outer.yaml',
        `playbook: o\ninputs:\n  x: { type: string }\nplays:\n  - include: inner.yaml\n    inputs: { ${inputs} }\n`,
      )
    expect(await typed(['validate', outer('a: "{{ x }}", b: "{{ x }}y"')], at)).toMatchObject({
      exit: 0,
      err: '',
    })
    const told = await typed(['validate', outer('a: "{{ x }}"')], at)
    expect(told).toMatchObject({ exit: 3 })
    expect(told.err).toContain('the input b is not given')
  })

  it('warns of what runs and is risky all the same, and shows no secret by that', async () => {
    const risky = file(
      'risky.yaml',
      'playbook: p\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - run: it is done\n        command: { argv: [a] }\n        environment: { DB_PASSWORD: canary-8810 }\n',
    )
    const told = await typed(['validate', risky], at)
    expect(told.exit).toBe(0)
    for (const code of ['advice/unguarded-run', 'advice/plain-secret'])
      expect(told.err).toContain(`[${code}]`)
    expect(told.err).toContain('risky.yaml:8:')
    expect(told.err + told.out).not.toContain('canary-8810')
  })

  it('looks for the hosts of plays where an inventory is given', async () => {
    const inventory = file('two.yaml', 'groups:\n  nodes:\n    hosts: { a1: {}, a2: {} }\n')
    const misnamed = file(
      'misnamed.yaml',
      'playbook: m\nplays:\n  - play: one\n    hosts: node\n    tasks:\n      - require: it\n        that: true\n',
    )
    expect(await typed(['validate', misnamed], at)).toMatchObject({ exit: 0 })
    const told = await typed(['validate', misnamed, '-i', inventory], at)
    expect(told).toMatchObject({ exit: 3, out: '' })
    expect(told.err).toMatch(/misnamed\.yaml:4:12: .*\[inventory\/no-host\]/)
    expect(told.err).toContain("did you mean '@nodes'?")
    expect(await typed(['validate', playbook, '-i', inventory], at)).toMatchObject({ exit: 0 })
  })

  it('shows the mistakes of all', async () => {
    expect(await typed(['validate', playbook, bad], at)).toMatchObject({ exit: 3, out: '' })
  })
})

describe('words of another tool', () => {
  it.each([
    [['run', 'site.yaml', '--check'], '`trueup plan PLAYBOOK`'],
    [['run', 'site.yaml', '-b'], '`become: true`'],
    [['run', 'site.yaml', '--user=root'], '`user:`'],
    [['site.yaml'], 'trueup run site.yaml'],
  ])('%j exits 3 and says what to type', async (argv, hint) => {
    const told = await typed(argv, at)
    expect(told).toMatchObject({ exit: 3, out: '', events: [] })
    expect(told.err).toMatch(new RegExp(`hint: .*${hint.replaceAll('.', '\\.')}`))
  })
})

describe('what can be looked up', () => {
  it('types: the list, and the manual of one', async () => {
    expect((await typed(['types'], at)).out).toMatch(/^package +\w/m)
    const { out } = await typed(['types', 'kernel_module'], at)
    for (const word of ['name', 'text, required', 'persistent', 'State', 'Verbs: ensure'])
      expect(out).toContain(word)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })

  it.each([
    ['get_url', 'trueup types download'],
    ['ansible.builtin.systemd', 'trueup types systemd_service'],
    ['community.general.zypper_repository', 'trueup types zypper_repository'],
    ['shell', 'trueup types command'],
    ['fiel', "did you mean 'file'?"],
    ['nothing_like_it', 'trueup types lists them all'],
  ])('types %s leads to the type that does it', async (name, hint) => {
    const told = await typed(['types', name], at)
    expect(told).toMatchObject({ exit: 3, out: '' })
    expect(told.err).toContain(`hint: ${hint}`)
  })

  it('inventory: in short, as data, as a tree, one host', async () => {
    const inventory = file(
      'site.yaml',
      'groups:\n  nodes:\n    hosts:\n      "x3000c0s19b[1-4]n0": {}\n    vars: { color: red }\n',
    )
    expect((await typed(['inventory', '-i', inventory], at)).out).toContain('x3000c0s19b[1-4]n0')
    expect((await typed(['inventory', '-i', inventory, '--graph'], at)).out).toContain('@nodes')
    expect(
      JSON.parse((await typed(['inventory', '-i', inventory, '--list'], at)).out),
    ).toMatchObject({ groups: { nodes: expect.arrayContaining(['x3000c0s19b2n0']) } })
    expect(
      (await typed(['inventory', '-i', inventory, '--host', 'x3000c0s19b2n0'], at)).out,
    ).toContain('red')
    expect(
      (await typed(['inventory', '-i', inventory, '--limit', 'x3000c0s19b[1-2]n0'], at)).out,
    ).toBe('x3000c0s19b1n0\nx3000c0s19b2n0\n')
  })

  it.each([
    ['--help'],
    ['run', '--help'],
    ['plan', '--help'],
    ['validate', '--help'],
    ['inventory', '--help'],
    ['types', '--help'],
    ['demo', '--help'],
    ['lab', '--help'],
    ['lab', 'up', '--help'],
    ['lab', 'ssh', '--help'],
    ['lab', 'fault', '--help'],
    ['--version'],
    ['help', 'run'],
  ])('%j %j helps and exits 0', async (...argv) => {
    const told = await typed(
      argv.filter((word) => word !== undefined),
      at,
    )
    expect(told.exit).toBe(0)
    expect(told.out.length).toBeGreaterThan(4)
  })
})

describe('the old word for a playbook', () => {
  it.each([
    [['new', 'book', 'site'], 'trueup new playbook NAME'],
    [['types', 'file', '--book', 'site.yaml'], '--playbook (or -b)'],
  ])('%j is answered with the new one', async (words, hint) => {
    const { exit, err } = await typed(words, { stateFolder: '/nowhere' })
    expect(exit).toBe(3)
    expect(err).toContain(`hint: ${hint}`)
  })
})
