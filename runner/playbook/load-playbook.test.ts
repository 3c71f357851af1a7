import { describe, expect, it } from 'vitest'
import type { Block } from '../model/playbook.ts'
import { Secret } from '../contract/secret.ts'
import { loadPlaybook } from './load-playbook.ts'
import { playbookOf, load, tasksIn, types } from './load-playbook.fixture.ts'

const ok = '- ensure: a\n  thing: { name: a, level: 1, content: x }\n'

async function faults(
  files: Parameters<typeof load>[0],
  ...rest: [Parameters<typeof load>[1]?, Parameters<typeof load>[2]?]
): Promise<readonly unknown[]> {
  const { diagnostics, playbook } = await load(files, ...rest)
  expect(playbook === null).toBe(diagnostics.length > 0)
  for (const each of diagnostics) expect(each.hint, each.message).toBeTruthy()
  return diagnostics.map((d) => [d.code, d.at?.line, d.at?.column])
}

describe('loadPlaybook', () => {
  it('gives a playbook with everything resolved', async () => {
    const { playbook, diagnostics } = await load(`playbook: the title
inputs:
  level: { type: integer, default: 3, description: A level }
plays:
  - play: first
    hosts: "web,!web9"
    become: true
    become_user: admin
    strategy: linear
    serial: [1, 25%]
    max_fail_percentage: 10
    environment: { LANG: C }
    vars: { greeting: "hi {{ host.name }}", ports: [80, 443] }
    tags: [base]
    tasks:
      - ensure: it is there
        thing: { name: a, level: "{{ level }}", content: "{{ greeting }}" }
        when: facts.sp >= 5
        loop: "{{ ports }}"
        register: made
        notify: it is fresh
        tags: net
        become: false
        delegate_to: ncn
        run_once: true
        retries: 2
        delay: 3s
        timeout: 5m
        for: 1h
        every: 10s
        no_log: true
        ignore_errors: true
        environment: { X: "{{ item }}" }
      - wait: it answers
        look: { path: /x, wanted: true }
        when:
          - made.exists(m, m.changed)
          - "!made[0].failed"
      - run: it is called
        command: { argv: [a, b] }
        creates: /done
        failed_when: rc > 1 || called.rc == 7
        changed_when: [stdout != ""]
        register: called
      - require: all is well
        that: called.stdout == "ok"
      - confirm: go on?
    handlers:
      - ensure: it is fresh
        thing: { name: a, level: 1, content: x, state: restarted }
`)
    expect(diagnostics).toEqual([])
    expect(playbook).toMatchObject({
      title: 'the title',
      file: '/b/playbook.yaml',
      inputs: { level: 3 },
      sources: [{ file: '/b/playbook.yaml' }],
    })
    const [play] = playbook!.plays
    expect(play).toMatchObject({
      name: 'first',
      hosts: 'web,!web9',
      strategy: 'linear',
      serial: [1, '25%'],
      maxFailPercentage: 10,
      become: { kind: 'constant', value: 'admin' },
    })
    expect(play!.tasks).toMatchObject([
      {
        id: 'p1.t1',
        verb: 'ensure',
        sentence: 'it is there',
        type: { name: 'thing' },
        register: 'made',
        notify: ['it is fresh'],
        tags: ['base', 'net'],
        become: null,
        runOnce: true,
        retries: 2,
        delay: 3,
        timeout: 300,
        for: 3600,
        every: 10,
        noLog: true,
        ignoreErrors: true,
        at: { line: 16, column: 9 },
      },
      {
        id: 'p1.t2',
        verb: 'wait',
        when: [{ text: 'made.exists(m, m.changed)' }, { text: '!made[0].failed' }],
        retries: 0,
        delay: 5,
        runOnce: false,
      },
      {
        id: 'p1.t3',
        verb: 'run',
        creates: { value: '/done' },
        failedWhen: [{}],
        changedWhen: [{}],
      },
      { id: 'p1.t4', verb: 'require', that: [{ text: 'called.stdout == "ok"' }] },
      { id: 'p1.t5', verb: 'confirm', sentence: 'go on?' },
    ])
    expect(play!.handlers).toMatchObject([{ id: 'p1.h1', sentence: 'it is fresh' }])
  })

  it('shows every mistake of a playbook at once, in the order of its lines', async () => {
    const codes = await faults(
      playbookOf(`- ensure: a
  thingg: { name: a }
- ensure: b
  thing: { nam: a, level: 1, content: x }
  when: facts.typo == 1
- require: c
  that: d == 1
`),
    )
    expect(codes).toEqual([
      ['task/unknown-key', 7, 5],
      ['param/unknown', 9, 14],
      ['expression/unknown-field', 10, 11],
      ['expression/unknown-name', 12, 11],
    ])
  })

  it.each([
    ['a list, as Ansible has it', '- hosts: all\n  tasks: []\n', 'playbook/not-a-playbook', 1, 1],
    ['no title', 'plays:\n- play: p\n  hosts: all\n  tasks: []\n', 'playbook/no-title', 1, 1],
    ['no plays', 'playbook: p\n', 'playbook/no-plays', 1, 1],
    [
      'an unknown key',
      'playbook: p\nplay:\n- play: p\nplays:\n- play: p\n  hosts: all\n  tasks: []\n',
      'playbook/unknown-key',
      2,
      1,
    ],
    ['an unknown key of a play', playbookOf(ok, '  host: x\n'), 'play/unknown-key', 5, 3],
    ['gather_facts', playbookOf(ok, '  gather_facts: no\n'), 'play/unknown-key', 5, 3],
    [
      'a play without hosts',
      'playbook: p\nplays:\n- play: p\n  tasks: []\n',
      'play/no-hosts',
      3,
      3,
    ],
    [
      'hosts as a list',
      'playbook: p\nplays:\n- play: p\n  hosts: [a, b]\n  tasks: []\n',
      'playbook/value',
      4,
      10,
    ],
    ['a play without tasks', 'playbook: p\nplays:\n- play: p\n  hosts: a\n', 'play/no-tasks', 3, 3],
    ['an unknown strategy', playbookOf(ok, '  strategy: liner\n'), 'playbook/value', 5, 13],
    ['serial of nothing', playbookOf(ok, '  serial: 0\n'), 'playbook/value', 5, 11],
    [
      'serial by a place that there is not',
      playbookOf(ok, '  serial: rack\n'),
      'playbook/value',
      5,
      11,
    ],
    [
      'max_unreachable below nothing',
      playbookOf(ok, '  max_unreachable: -1\n'),
      'playbook/value',
      5,
      20,
    ],
    ['a budget over 100', playbookOf(ok, '  max_fail_percentage: 101\n'), 'playbook/value', 5, 24],
    ['become_user alone', playbookOf(ok, '  become_user: x\n'), 'task/become', 5, 3],
    [
      'a var with the name of a function',
      playbookOf(ok, '  vars: { default: 1 }\n'),
      'playbook/name',
      5,
      11,
    ],
    [
      'a var with a reserved name',
      playbookOf(ok, '  vars: { facts: 1 }\n'),
      'playbook/name',
      5,
      11,
    ],
    ['a var that CEL keeps', playbookOf(ok, '  vars: { package: 1 }\n'), 'playbook/name', 5, 11],
    ['a var with a dash', playbookOf(ok, '  vars: { a-b: 1 }\n'), 'playbook/name', 5, 11],
    [
      'a file of vars that is not there',
      playbookOf(ok, '  vars_files: [v.yaml]\n'),
      'playbook/no-file',
      5,
      16,
    ],
    [
      'two handlers with one sentence',
      playbookOf(ok, '  handlers:\n  - ensure: h\n    look: { path: /x }\n').replace(
        /look.*/,
        'thing: { name: a, level: 1, content: x }\n  - ensure: h\n    thing: { name: a, level: 1, content: x }',
      ),
      'play/handler',
      8,
      13,
    ],
    ['a file that does not exist', {}, 'playbook/no-file', 1, 1],
    [
      'a var that is computed from itself',
      playbookOf(ok, '  vars: { a: "{{ b }}", b: "x{{ a }}" }\n'),
      'playbook/self-reference',
      5,
      11,
      'playbook/self-reference',
      5,
      25,
    ],
    ['an empty file', '# nothing\n', 'playbook/empty', 1, 1],
  ])('refuses %s', async (_, files, ...expected) => {
    expect(await faults(files)).toEqual(
      [expected.slice(0, 3), expected.slice(3)].filter((each) => each.length > 0),
    )
  })

  it.each([
    ['no verb', '- thing: { name: a, level: 1, content: x }', 'task/no-verb', 6, 5],
    [
      'name:',
      '- name: install it\n  thing: { name: a, level: 1, content: x }',
      'task/no-verb',
      6,
      5,
    ],
    [
      'a verb one letter off',
      '- ensures: x\n  thing: { name: a, level: 1, content: x }',
      'task/no-verb',
      6,
      5,
    ],
    ['two verbs', `${ok}  read: b`, 'task/several-verbs', 8, 5],
    ['no type', '- ensure: a', 'task/no-type', 6, 5],
    ['two types', `${ok}  look: { path: /x }`, 'task/several-types', 8, 5],
    ['that beside read', '- read: a\n  look: { path: /x }\n  that: true', 'task/keyword', 8, 5],
    ['ensure of what can only be read', '- ensure: a\n  look: { path: /x }', 'task/verb', 7, 5],
    ['ensure of a command', '- ensure: a\n  command: { cmd: x }', 'task/verb', 7, 5],
    [
      'run of what has a state',
      '- run: a\n  thing: { name: a, level: 1, content: x }',
      'task/verb',
      7,
      5,
    ],
    ['confirm with a type', '- confirm: a\n  look: { path: /x }', 'task/verb', 7, 5],
    ['shell', '- run: a\n  shell: echo', 'task/unknown-key', 7, 5],
    ['with_items', `${ok}  with_items: [a]`, 'task/unknown-key', 8, 5],
    [
      'a type with its collection',
      '- ensure: a\n  site.posix.thing: { name: a }',
      'task/unknown-key',
      7,
      5,
    ],
    ['a keyword one letter off', `${ok}  retires: 3`, 'task/unknown-key', 8, 5],
    ['a task that is no map', '- podman', 'task/not-a-map', 6, 5],
    [
      'an empty sentence',
      '- ensure:\n  thing: { name: a, level: 1, content: x }',
      'playbook/value',
      6,
      5,
    ],
    [
      'a template for a sentence',
      '- ensure: a {{ host.name }}\n  thing: { name: a, level: 1, content: x }',
      'playbook/value',
      6,
      13,
    ],
    [
      'a comment that cuts a sentence',
      '- ensure: port # 2 is up\n  thing: { name: a, level: 1, content: x }',
      'playbook/comment',
      6,
      18,
    ],
    [
      'a comment that cuts a condition',
      `${ok}  when: host.name == "a" # || true`,
      'playbook/comment',
      8,
      28,
    ],
    ['become: yes', `${ok}  become: yes`, 'playbook/value', 8, 13],
    ['become_user without become', `${ok}  become_user: bob`, 'task/become', 8, 5],
    ['retries as text', `${ok}  retries: "3"`, 'playbook/value', 8, 14],
    ['a duration without a unit', `${ok}  timeout: 30`, 'playbook/value', 8, 14],
    ['that beside ensure', `${ok}  that: true`, 'task/keyword', 8, 5],
    ['creates beside ensure', `${ok}  creates: /x`, 'task/keyword', 8, 5],
    [
      'changed_when beside read',
      '- read: a\n  look: { path: /x }\n  changed_when: true',
      'task/keyword',
      8,
      5,
    ],
    ['for beside read', '- read: a\n  look: { path: /x }\n  for: 1m', 'task/keyword', 8, 5],
    ['a loop over a text', `${ok}  loop: abc`, 'task/loop', 8, 11],
    ['notify to nothing', `${ok}  notify: h`, 'task/notify', 8, 13],
    ['tags with a comma', `${ok}  tags: "a,b"`, 'playbook/value', 8, 11],
    ['a condition that is empty', `${ok}  when:`, 'playbook/condition', 8, 5],
    ['a condition that is a map', `${ok}  when: { a: b }`, 'playbook/condition', 8, 11],
    ['a condition that is a text', `${ok}  when: facts.arch`, 'expression/not-boolean', 8, 11],
    ['braces in a condition', `${ok}  when: "{{ facts.sp }} > 4"`, 'expression/braces', 8, 12],
    ['a number in the environment', `${ok}  environment: { A: 1 }`, 'playbook/value', 8, 23],
    [
      'an event outside of handlers',
      '- ensure: a\n  thing: { name: a, level: 1, content: x, state: restarted }',
      'task/event',
      7,
      52,
    ],
    [
      'item without a loop',
      '- ensure: a\n  thing: { name: a, level: 1, content: "{{ item }}" }',
      'template/unknown-name',
      7,
      46,
    ],
    [
      'a field that no item has',
      '- ensure: a\n  thing: { name: "{{ item.nme }}", level: 1, content: x }\n  loop: [{ name: a }, { name: b }]',
      'template/unknown-field',
      7,
      24,
    ],
    [
      'a register before it is set',
      '- require: a\n  that: r.found\n- read: b\n  look: { path: /x }\n  register: r',
      'expression/not-set-yet',
      7,
      11,
    ],
    [
      'a field that the register has not',
      '- read: b\n  look: { path: /x }\n  register: r\n- require: a\n  that: r.fund',
      'expression/unknown-field',
      10,
      11,
    ],
    [
      'a looped register as if it were one',
      '- read: b\n  look: { path: "{{ item }}" }\n  loop: [/x]\n  register: r\n- require: a\n  that: r.found',
      'expression/unknown-field',
      11,
      11,
    ],
    [
      'a register with the name of a var',
      '- read: b\n  look: { path: /x }\n  register: dns',
      'playbook/name',
      8,
      15,
    ],
    [
      'a register called __proto__',
      '- read: b\n  look: { path: /x }\n  register: __proto__',
      'playbook/name',
      8,
      15,
    ],
    [
      'a key called __proto__',
      '- ensure: a\n  thing: { name: a, level: 1, content: x, data: { __proto__: 1 } }',
      'yaml/forbidden-key',
      7,
      53,
    ],
    [
      'an unquoted template',
      '- ensure: a\n  thing:\n    name: {{ host.name }}\n    level: 1\n    content: x',
      'yaml/unquoted-template',
      8,
      13,
    ],
    ['rescue without a block', '- rescue:\n  - confirm: x', 'task/no-block', 6, 5],
    ['a register on a block', '- block:\n  - confirm: x\n  register: r', 'task/unknown-key', 8, 5],
    [
      'a task var that is computed from itself',
      `${ok}  vars: { site: "{{ site }}-x" }`,
      'playbook/self-reference',
      8,
      13,
    ],
    ['a number to delegate to', `${ok}  delegate_to: 5`, 'playbook/value', 8, 18],
    [
      "Ansible's name of the host",
      `${ok}  when: inventory_hostname == "a"`,
      'expression/unknown-name',
      8,
      11,
    ],
    ['an include that is not there', '- include: more.yaml', 'playbook/no-file', 6, 14],
  ])('refuses a task with %s', async (_, tasks, code, line, column) => {
    expect(await faults(playbookOf(tasks))).toEqual([[code, line, column]])
  })

  it("teaches our spelling of Ansible's words", async () => {
    for (const [key, word] of [
      ['set_fact', 'vars'],
      ['debug', 'print'],
      ['assert', 'that'],
      ['wait_for', 'wait'],
      ['pause', 'confirm'],
      ['until', 'wait'],
      ['include_tasks', 'include'],
      ['with_dict', 'loop'],
    ] as const) {
      const { diagnostics } = await load(playbookOf(`- run: a\n  command: { cmd: x }\n  ${key}: x`))
      expect(diagnostics.find((d) => d.code === 'task/unknown-key')?.hint).toContain(word)
    }
  })

  it('suggests the word that was meant', async () => {
    const hints = (
      await load(
        playbookOf(
          '- ensure: a\n  thng: { name: a }\n- ensure: b\n  thing: { name: a, level: 1, contnt: x }\n',
        ),
      )
    ).diagnostics.map((d) => d.hint)
    expect(hints).toEqual(
      expect.arrayContaining(["did you mean 'thing'?", "did you mean 'content'?"]),
    )
  })

  it('hands down what blocks say', async () => {
    const { playbook } = await load(
      playbookOf(`- block:
  - ensure: a
    thing: { name: a, level: 1, content: x }
    tags: own
  rescue:
  - confirm: b
  always:
  - confirm: c
    become: false
  when: facts.sp == 5
  tags: outer
  become: true
  become_user: bob
  delegate_to: ncn
  environment: { A: b }
`),
    )
    const [block] = playbook!.plays[0]!.tasks as readonly [Block]
    expect(block).toMatchObject({
      kind: 'block',
      when: [{ text: 'facts.sp == 5' }],
      at: { line: 6 },
    })
    expect(block.block).toMatchObject([
      {
        id: 'p1.t1',
        tags: ['outer', 'own'],
        when: [],
        become: { value: 'bob' },
        delegateTo: { value: 'ncn' },
        environment: { A: { value: 'b' } },
      },
    ])
    expect(block.rescue).toMatchObject([{ id: 'p1.t2', tags: ['outer'] }])
    expect(block.always).toMatchObject([{ id: 'p1.t3', become: null }])
  })

  it('takes retries with growing pauses, and handlers before a task; neither where it means nothing', async () => {
    expect(
      await tasksIn(
        playbookOf(
          '- require: a\n  that: true\n  retries: 3\n  delay: 2s\n  backoff: 1.5\n- require: b\n  that: true\n  flush_handlers: true\n',
        ),
      ),
    ).toMatchObject([{ retries: 3, delay: 2, backoff: 1.5 }, { flushHandlers: true }])
    const handler =
      'playbook: b\nplays:\n- play: p\n  hosts: all\n  tasks: []\n  handlers:\n  - require: a\n    that: true\n    flush_handlers: true\n'
    expect(await faults(handler)).toEqual([['task/keyword', 9, 5]])
    expect(
      await faults(
        playbookOf(
          '- require: a\n  that: true\n  backoff: 2\n- require: b\n  that: true\n  retries: 1\n  backoff: 0.5\n',
        ),
      ),
    ).toEqual([
      ['task/keyword', 8, 5],
      ['playbook/value', 12, 14],
    ])
  })

  it('refuses in a handler what makes hosts meet, and to notify one that comes before this one', async () => {
    const handlers =
      '  - require: first\n    that: true\n    run_once: true\n  - require: second\n    that: true\n    notify: [first, second, third]\n    barrier: true\n  - confirm: third\n'
    expect(
      await faults(
        `playbook: b\nplays:\n- play: p\n  hosts: all\n  tasks: []\n  handlers:\n${handlers}`,
      ),
    ).toEqual([
      ['task/keyword', 9, 5],
      ['task/notify', 12, 14],
      ['task/notify', 12, 21],
      ['task/keyword', 13, 5],
      ['task/keyword', 14, 5],
    ])
  })

  it('includes task files, with inputs that their tasks see', async () => {
    const files = {
      '/b/playbook.yaml': playbookOf(
        '- include: sub/more.yaml\n  inputs: { level: 4, who: "{{ host.name }}" }\n  when: facts.sp == 5\n- require: the register is seen\n  that: seen.found\n',
      ),
      '/b/sub/more.yaml':
        '- include: ../last.yaml\n- ensure: a\n  thing: { name: a, level: "{{ level }}", content: "{{ who }}" }\n',
      '/b/last.yaml': '- read: it\n  look: { path: /x }\n  register: seen\n  when: level == 4\n',
    }
    const { playbook, diagnostics } = await load(files)
    expect(diagnostics).toEqual([])
    expect(playbook!.sources.map((source) => source.file)).toEqual([
      '/b/playbook.yaml',
      '/b/sub/more.yaml',
      '/b/last.yaml',
    ])
    const [read, ensure] = playbook!.plays[0]!.tasks
    expect(read).toMatchObject({
      when: [{ text: 'facts.sp == 5' }, { text: 'level == 4' }],
      at: { file: '/b/last.yaml', line: 1 },
      vars: { level: { value: 4 }, who: { kind: 'computed' } },
    })
    expect(ensure).toMatchObject({ vars: { level: { value: 4 } } })
  })

  it('hands a name on to an include as it is', async () => {
    const files = {
      '/b/playbook.yaml': playbookOf(
        '- include: a.yaml\n  inputs: { site: "{{ site }}", more: "{{ site }}" }',
      ),
      '/b/a.yaml': '- ensure: a\n  thing: { name: a, level: 1, content: "{{ site }}{{ more }}" }\n',
    }
    const [task] = await tasksIn(files)
    expect(Object.keys(task!.vars)).toEqual(['more'])
  })

  it('lets a comment follow a value that is neither a sentence nor a condition', async () => {
    expect(
      await faults(
        playbookOf(
          '- ensure: a\n  thing:\n    name: a # the name\n    level: 1\n    content: "{{ site }}" # the site\n  register: r # for later',
        ),
      ),
    ).toEqual([])
  })

  it('refuses a type that has the name of a keyword', async () => {
    const { diagnostics } = await loadPlaybook({
      version: '0.1.0',
      file: '/b/playbook.yaml',
      types: new Map([...types, ['when', types.get('look')!]]),
      inputs: {},
      knownVars: null,
      readText: async () => playbookOf('- confirm: x'),
    })
    expect(diagnostics).toMatchObject([{ code: 'playbook/type-name' }])
  })

  it('places the mistakes of included files there, and refuses loops', async () => {
    expect(
      (
        await load({
          '/b/playbook.yaml': playbookOf('- include: a.yaml'),
          '/b/a.yaml':
            '- ensure: a\n  thing: { name: a, level: 0, content: x }\n- include: b.yaml\n',
          '/b/b.yaml': '- include: a.yaml\n',
        })
      ).diagnostics,
    ).toMatchObject([
      { code: 'param/range', at: { file: '/b/a.yaml', line: 2, column: 28 } },
      { code: 'include/loop', at: { file: '/b/b.yaml', line: 1, column: 12 } },
    ])
  })

  it('includes the plays of another playbook, with its inputs', async () => {
    const files = {
      '/b/playbook.yaml':
        'playbook: outer\ninputs:\n  group: { default: web }\nplays:\n- include: in/inner.yaml\n  inputs: { target: "{{ group }}", level: 2 }\n- play: last\n  hosts: all\n  tasks: []\n',
      '/b/in/inner.yaml':
        'playbook: inner\ninputs:\n  target: {}\n  level: { type: integer }\n  note: { default: hi }\nplays:\n- play: inner\n  hosts: "{{ target }}"\n  tasks:\n  - ensure: a\n    thing: { name: a, level: "{{ level }}", content: "{{ note }}" }\n',
    }
    const { playbook, diagnostics } = await load(files)
    expect(diagnostics).toEqual([])
    expect(playbook!.plays).toMatchObject([
      { name: 'inner', hosts: 'web', vars: { level: { value: 2 }, note: { value: 'hi' } } },
      { name: 'last', hosts: 'all' },
    ])
    expect(playbook!.inputs).toEqual({ group: 'web' })
  })

  it("reads files of vars, which win over the play's own", async () => {
    const files = {
      '/b/playbook.yaml': playbookOf(
        '- ensure: a\n  thing: { name: "{{ a }}", level: 1, content: "{{ b }}" }',
        '  vars: { a: own, b: "{{ a }}" }\n  vars_files: [v.yaml]\n',
      ),
      '/b/v.yaml': 'a: file\n',
    }
    const { playbook, diagnostics } = await load(files)
    expect(diagnostics).toEqual([])
    expect(playbook!.plays[0]!.vars).toMatchObject({
      a: { value: 'file' },
      b: { kind: 'computed' },
    })
  })

  it('leaves out of a file of vars what cannot be a name, and says so', async () => {
    const files = {
      '/b/playbook.yaml': playbookOf(
        '- ensure: a\n  thing: { name: "{{ kind }}", level: 1, content: x }',
        '  vars_files: [kube.yaml]\n',
      ),
      '/b/kube.yaml': 'kind: config\ncurrent-context: a\n',
    }
    const { playbook, diagnostics } = await load(files)
    expect(diagnostics).toMatchObject([
      { code: 'playbook/name', severity: 'warning', at: { file: '/b/kube.yaml', line: 2 } },
    ])
    expect(Object.keys(playbook!.plays[0]!.vars)).toEqual(['kind'])
  })

  it('takes any name for a var while there is no inventory', async () => {
    const playbook = playbookOf(
      '- ensure: a\n  thing: { name: a, level: 1, content: "{{ anything }}" }',
    )
    expect(await faults(playbook)).toEqual([['template/unknown-name', 7, 46]])
    expect(await faults(playbook, {}, null)).toEqual([])
  })

  it('leaves !raw as it stands, and computes !expr', async () => {
    const [task] = await tasksIn(
      playbookOf(
        '- ensure: a\n  thing: { name: a, level: !expr 1 + 1, content: !raw "{{.Names}}" }',
      ),
    )
    expect(task!.params!.fields['content']).toMatchObject({ kind: 'constant', value: '{{.Names}}' })
    expect(task!.params!.fields['level']).toMatchObject({ kind: 'computed' })
  })

  it('checks what 2,000 tasks say', async () => {
    const tasks = Array.from(
      { length: 2000 },
      (_, i) =>
        `- ensure: task ${i}\n  thing: { name: "a{{ facts.sp }}", level: 1, content: x }\n  when: facts.sp == ${i}\n`,
    ).join('')
    expect((await tasksIn(playbookOf(tasks))).length).toBe(2000)
  })
})

describe('inputs', () => {
  const playbook = (declared: string): string =>
    `playbook: b\ninputs:\n  ${declared}\nplays:\n- play: p\n  hosts: all\n  tasks: []\n`

  it.each([
    ['n: { type: integer }', { n: '5' }, 5],
    ['n: { type: number }', { n: '1.5' }, 1.5],
    ['n: { type: boolean }', { n: 'true' }, true],
    ['n: { type: list }', { n: '[a, b]' }, ['a', 'b']],
    ['n: { type: map }', { n: '{"a": 1}' }, { a: 1 }],
    ['n: { type: string }', { n: '1.10' }, '1.10'],
    ['n: { type: string, default: x }', {}, 'x'],
    ['n: { required: false }', {}, null],
    ['n: { enum: [a, b] }', { n: 'b' }, 'b'],
    ['n: { type: list, default: [1] }', {}, [1]],
  ])('%s given %j', async (declared, given, expected) => {
    const { playbook: loaded, diagnostics } = await load(playbook(declared), given)
    expect(diagnostics).toEqual([])
    expect(loaded!.inputs['n']).toEqual(expected)
  })

  it.each([
    ['n: { type: integer }', { n: 'five' }, 'input/value', 3, 3],
    ['n: { type: boolean }', { n: 'yes' }, 'input/value', 3, 3],
    ['n: { type: list }', { n: 'a' }, 'input/value', 3, 3],
    ['n: { type: integer, maximum: 3 }', { n: '4' }, 'input/value', 3, 3],
    ['n: { enum: [a, b] }', { n: 'c' }, 'input/value', 3, 3],
    ['n: { type: string }', {}, 'input/missing', 3, 3],
    ['n: { type: string, default: 1.10 }', {}, 'input/default', 3, 31],
    ['n: { type: integer, default: x }', {}, 'input/default', 3, 32],
    ['n: { type: text, default: x }', {}, 'playbook/value', 3, 14],
    ['n: { typ: string, default: x }', {}, 'playbook/unknown-key', 3, 8],
    ['n: { default: "{{ host.name }}" }', {}, 'input/default', 3, 17],
    ['n: x', {}, 'playbook/value', 3, 6],
    ['item: { default: x }', {}, 'playbook/name', 3, 3],
    ['n: { default: x }', { m: '1' }, 'input/unknown', 2, 1],
  ])('refuses %s given %j', async (declared, given, code, line, column) => {
    expect(await faults(playbook(declared), given)).toEqual([[code, line, column]])
  })

  it('asks for none when a playbook is only checked', async () => {
    expect(
      await faults(playbook('n: { type: string }').replace('hosts: all', 'hosts: "{{ n }}"'), null),
    ).toEqual([])
  })

  it('says once that an input is missing, also where the hosts of a play are made of it', async () => {
    expect(
      await faults(playbook('n: { type: string }').replace('hosts: all', 'hosts: "{{ n }}"')),
    ).toEqual([['input/missing', 3, 3]])
  })

  it.each(['integer', 'number', 'boolean', 'list', 'map', 'any'])(
    'refuses a secret input of type %s, which would be shown',
    async (type) => {
      const { diagnostics } = await load(playbook(`n: { secret: true, type: ${type} }`), {
        n: 1234,
      })
      expect(diagnostics.map((each) => each.code)).toContain('playbook/value')
      expect(JSON.stringify(diagnostics)).not.toContain('1234')
    },
  )

  it.each(['"pst"', '"{{ pst }}"', '[pst]'])(
    'refuses a secret that stands in the playbook, and does not repeat it: %s',
    async (written) => {
      const { diagnostics } = await load(playbook(`n: { secret: true, default: ${written} }`), {
        n: 'given',
      })
      expect(diagnostics.map((each) => each.code)).toEqual(['input/default'])
      expect(JSON.stringify(diagnostics)).not.toMatch(/pst|given/)
    },
  )

  it.each(['{ required: false }', '{ default: null }', '{ required: false, default: x }'])(
    'takes null for what may be left out: %s',
    async (declared) => {
      expect((await load(playbook(`n: ${declared}`), { n: null })).playbook!.inputs).toEqual({
        n: null,
      })
    },
  )

  it('lets a secret be left out', async () => {
    expect((await load(playbook('n: { secret: true, default: null }'))).playbook!.inputs).toEqual({
      n: null,
    })
    expect((await load(playbook('n: { secret: true, required: false }'))).playbook!.inputs).toEqual(
      {
        n: null,
      },
    )
  })

  it('makes a secret of a secret input', async () => {
    const { playbook: loaded } = await load(playbook('n: { secret: true }'), { n: 'pst' })
    expect(loaded!.inputs['n']).toBeInstanceOf(Secret)
    expect(JSON.stringify(loaded)).not.toContain('pst')
  })

  it('may override what the inventory calls a var', async () => {
    const { playbook: loaded } = await load(playbook('n: { default: x }'), { site: 'lab' })
    expect(loaded!.inputs).toEqual({ n: 'x', site: 'lab' })
  })
})

describe('requires', () => {
  const playbook = (range: string): string =>
    `playbook: p\nrequires: ${range}\nplays:\n  - play: p\n    hosts: all\n    tasks: []\n`

  it.each(['">=0.1"', '"^0.1"', '"0.1 - 0.3"', '"*"'])('takes %s', async (range) => {
    expect((await load(playbook(range))).diagnostics).toEqual([])
  })

  it.each([
    ['">=0.3"', 'this playbook requires trueup >=0.3, and this is 0.1.0'],
    ['soon', "'soon' is not a range of versions"],
  ])('refuses %s', async (range, message) => {
    const { diagnostics } = await load(playbook(range))
    expect(diagnostics[0]).toMatchObject({ code: 'playbook/requires', message, at: { line: 2 } })
  })
})

describe('a file of Ansible', () => {
  it.each([
    ['a playbook', '- hosts: web\n  roles: [lamp]\n'],
    ['a playbook with a name', '- name: all of it\n  hosts: web\n  tasks: []\n'],
    ['tasks of a role', '- name: httpd is there\n  yum: { name: httpd }\n'],
  ])('is sent to the page about it: %s', async (_what, text) => {
    const { diagnostics } = await load(text)
    expect(diagnostics).toMatchObject([
      { code: 'playbook/not-a-playbook', hint: expect.stringContaining('docs/from-ansible.md') },
    ])
  })

  it('that ansible-vault has encrypted is named as one', async () => {
    const { diagnostics } = await load('$ANSIBLE_VAULT;1.1;AES256\n6162\n')
    expect(diagnostics).toMatchObject([
      { code: 'yaml/vault', hint: expect.stringContaining('ansible-vault view') },
    ])
  })
})

describe('what plays hand on', () => {
  const plays = (last: string): string =>
    `playbook: p
plays:
  - play: one
    hosts: a
    vars: { word: "{{ facts.arch }}", chain: "{{ word }}!", idle: x }
    tasks:
      - read: large
        look: { path: /large }
        register: large
      - read: small
        look: { path: /small }
        register: small
  - play: two
    hosts: b
    tasks: []
  - play: three
    hosts: a
    tasks:
      - require: it
        that: ${last}
`

  it('is what a later play reads, directly or through a var, and nothing else', async () => {
    const { playbook } = await load(plays('small.found && chain != ""'))
    const [, two, three] = playbook!.plays
    expect(two).toMatchObject({ vars: {} })
    expect(two).not.toHaveProperty('inherits')
    expect(three!.inherits).toEqual(['small'])
    expect(Object.keys(three!.vars).sort()).toEqual(['chain', 'word'])
  })

  it('keeps its shape: a field that a register does not have is found at load', async () => {
    const { diagnostics } = await load(plays('small.fund'))
    expect(diagnostics).toMatchObject([{ code: 'expression/unknown-field', at: { line: 20 } }])
  })
})
