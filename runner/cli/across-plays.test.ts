import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-across-'))
const at = { cwd: folder, stateFolder: join(folder, 'state') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const inventory = write(
  'hosts.yaml',
  `groups:
  masters: { hosts: { w3: { connection: local }, w1: { connection: local }, w10: { connection: local }, w2: { connection: local } } }
  others: { hosts: { o1: { connection: local } } }
`,
)

let files = 0
/** What each host printed, in the order of its events, and the errors. */
async function ran(plays: string, command: 'run' | 'plan' = 'run', ...flags: string[]) {
  const file = write(`playbook-${files++}.yaml`, `playbook: t\n${plays}`)
  const { exit, out, err, events } = await typed([command, file, '-i', inventory, ...flags], at)
  const outcomes = events.flatMap((event) => (event.type === 'outcome' ? [event] : []))
  return {
    exit,
    out,
    err,
    said: outcomes.flatMap(({ host, shown }) =>
      shown === undefined ? [] : [`${host} ${JSON.stringify(shown)}`],
    ),
    outcomes: outcomes.map(({ host, outcome }) => `${host} ${outcome}`),
    errors: outcomes.flatMap(({ error }) => (error ? [error.message] : [])),
    hints: outcomes.flatMap(({ error }) => (error?.hint !== undefined ? [error.hint] : [])),
    hosts: events.flatMap((event) => (event.type === 'play-started' ? [event.hosts] : [])),
  }
}

const register = (more = ''): string => `plays:
  - play: one
    hosts: masters
    vars: { word: "said by {{ host.name }}", chain: "{{ word }}!" }
    tasks:
      - read: now
        command: { cmd: "echo {{ host.name }}" }
        register: now
${more}`
const show = (hosts: string, value: string, more = ''): string =>
  `  - play: two\n    hosts: ${hosts}\n${more}    tasks:\n      - read: it\n        print: { value: "${value}" }\n`

describe('registers and vars', () => {
  it('live through the plays behind theirs, for their host', async () => {
    const { said, exit } = await ran(register() + show('masters', '{{ now.stdout }} {{ chain }}'))
    expect(exit).toBe(0)
    expect(said).toEqual(
      ['w1', 'w2', 'w3', 'w10'].map((name) => `${name} "${name} said by ${name}!"`),
    )
  })

  it('live through more than one play, and in plans', async () => {
    const between =
      '  - play: between\n    hosts: others\n    tasks:\n      - read: nothing\n        print: { value: 1 }\n'
    const { said } = await ran(register() + between + show('w1', '{{ now.stdout }}'), 'plan')
    expect(said).toContain('w1 "w1"')
  })

  it('of a change that is pending are unknown behind it', async () => {
    const change = `plays:
  - play: one
    hosts: w1
    tasks:
      - run: it
        command: { cmd: "true" }
        unless: "false"
        register: now
`
    const { outcomes, out } = await ran(change + show('w1', '{{ now.rc }}'), 'plan')
    expect(outcomes).toEqual(['w1 would change', 'w1 unknown'])
    expect(out).toContain('unknown until "it"')
  })

  it('are an error with its reason on a host that did not register', async () => {
    const { errors, hints } = await ran(register() + show('others', '{{ now.stdout }}'))
    expect(errors).toEqual([
      `'now' has no value on this host: "now" of the play "one" did not run here`,
    ])
    expect(hints[0]).toContain('run_once: true')
  })

  it('of run_once belong to every host, also to those of later plays', async () => {
    const once = register('        run_once: true\n')
    const { said } = await ran(once + show('masters,others', '{{ now.stdout }}'))
    expect(said).toEqual(['o1', 'w1', 'w2', 'w3', 'w10'].map((name) => `${name} "w1"`))
  })

  it('of run_once replace what a host has from an earlier play', async () => {
    const again = `  - play: again
    hosts: others
    tasks:
      - read: newer
        command: { cmd: "echo newer" }
        register: now
        run_once: true
`
    const { said } = await ran(register() + again + show('w1,o1', '{{ now.stdout }}'))
    expect(said).toEqual(['o1 "newer"', 'w1 "newer"'])
  })

  it('may be registered again, and hidden by a var or hide one', async () => {
    const { said } = await ran(
      `${register()}  - play: again
    hosts: w1
    tasks:
      - read: before
        print: { value: "{{ now.stdout }}" }
      - read: again
        command: { cmd: "echo again" }
        register: now
      - read: word
        command: { cmd: "echo registered" }
        register: word
${show('w1', '{{ now.stdout }} {{ word.stdout }}')}${show('w1', '{{ now }}', '    vars: { now: a var }\n')}${show('w1', '{{ now }}')}`,
    )
    expect(said.filter((each) => each.startsWith('w1'))).toEqual([
      'w1 "w1"',
      'w1 "again registered"',
      'w1 "a var"',
      'w1 "a var"',
    ])
  })

  it('of a no_log task stay unsaid in later plays', async () => {
    const quiet = register('        no_log: true\n').replace(
      'echo {{ host.name }}',
      'echo hush-$((4000+711))',
    )
    const check =
      '  - play: two\n    hosts: w1\n    tasks:\n      - require: it\n        that: now.stdout == "x"\n'
    const { out, errors } = await ran(quiet + check)
    expect(errors).toHaveLength(1)
    expect(`${out}${errors.join()}`).not.toContain('hush-4711')
  })

  it('of an included playbook stay inside it', async () => {
    write('inner.yaml', `playbook: inner\n${register()}`)
    const { exit, err } = await ran(
      `plays:\n  - include: inner.yaml\n${show('w1', '{{ now.stdout }}')}`,
    )
    expect(exit).toBe(3)
    expect(err).toContain("unknown name 'now'")
  })

  it('are known in handlers, conditions, loops and own vars of later plays', async () => {
    const { said } = await ran(`${register()}  - play: two
    hosts: w1
    vars: { mine: "{{ now.stdout }}-{{ word }}" }
    tasks:
      - run: it
        command: { cmd: "true" }
        unless: "false"
        when: now.stdout == "w1"
        notify: said
    handlers:
      - read: said
        print: { value: "{{ item }} {{ mine }}" }
        loop: !expr '[now.stdout]'
`)
    expect(said).toEqual([])
    const { exit } = await ran(`${register()}  - play: two
    hosts: w1
    vars: { mine: "{{ now.stdout }}-{{ word }}" }
    tasks:
      - require: it
        that: mine == "w1-said by w1"
`)
    expect(exit).toBe(0)
  })

  it('that were left out, by tags or in a rescue that was not needed, are no defect of a type', async () => {
    const { errors } = await ran(`plays:
  - play: one
    hosts: w1
    tasks:
      - block:
          - read: a
            command: { cmd: "true" }
        rescue:
          - read: b
            command: { cmd: "echo hi" }
            register: r
      - read: c
        print: { value: "{{ r.stdout }}" }
`)
    expect(errors).toEqual([`'r' has no value on this host: "b" did not run here`])
  })
})

describe('the order of hosts', () => {
  const rolling = (order: string): string =>
    `plays:\n  - play: p\n    hosts: masters\n    serial: 1\n${order}    tasks:\n      - read: it\n        print: { value: 1 }\n`
  it.each([
    ['', 'w1 w2 w3 w10'],
    ['    order: sorted\n', 'w1 w2 w3 w10'],
    ['    order: reverse\n', 'w10 w3 w2 w1'],
    ['    order: inventory\n', 'w3 w1 w10 w2'],
    ['    order: [w2, w10]\n', 'w2 w10 w1 w3'],
    ['    order: ["@masters[-1]", "w[1-2]", others]\n', 'w10 w1 w2 w3'],
    [`    order: !expr '["w3", "w1"]'\n`, 'w3 w1 w2 w10'],
  ])('%j', async (order, hosts) => {
    const { said, hosts: passes } = await ran(rolling(order))
    expect(said.map((each) => each.split(' ')[0]).join(' ')).toBe(hosts)
    expect(passes.flat().join(' ')).toBe(hosts)
  })

  it('decides who runs a run_once task', async () => {
    const { said } = await ran(
      register('        run_once: true\n').replace('    vars', '    order: reverse\n    vars') +
        show('w1', '{{ now.stdout }}'),
    )
    expect(said).toEqual(['w1 "w10"'])
  })

  it.each([
    ['    order: upward\n', 'order wants sorted, reverse, inventory'],
    ['    order: [nowhere]\n', "'nowhere' matches no host"],
    ['    order: []\n', 'or a list of hosts'],
  ])('%j is refused before anything runs', async (order, message) => {
    const { exit, err, outcomes } = await ran(rolling(order))
    expect({ exit, outcomes }).toEqual({ exit: 3, outcomes: [] })
    expect(err).toContain(message)
    expect(err).toMatch(/playbook-\d+\.yaml:6:\d+/)
  })
})

describe('a host of a group by its place', () => {
  const on = (hosts: string): string =>
    `plays:\n  - play: p\n    hosts: "${hosts}"\n    tasks:\n      - read: it\n        print: { value: 1 }\n`
  it.each([
    ['@masters[0]', 'w1'],
    ['@masters[-1]', 'w10'],
    ['@masters[3]', 'w10'],
    ['@masters!@masters[0]', 'w2 w3 w10'],
    ['@others[0],@masters[1]', 'o1 w2'],
  ])('%s is %s', async (pattern, hosts) => {
    const { hosts: passes } = await ran(on(pattern))
    expect(passes[0]!.join(' ')).toBe(hosts)
  })

  it.each([
    ['@masters[4]', 'the group has 4 hosts'],
    ['@mastres[-1]', "the group 'mastres' does not exist"],
  ])('%s is refused at its line', async (pattern, message) => {
    const { exit, err } = await ran(on(pattern))
    expect(exit).toBe(3)
    expect(err).toContain(message)
    expect(err).toContain(':4:12')
  })

  it('is refused where it may mean another group', async () => {
    write(
      'twice.yaml',
      'groups: { rack: { hosts: { r1: {}, r2: {} } }, rack1: { hosts: { r3: {} } } }\n',
    )
    const file = write('rack.yaml', `playbook: t\n${on('@rack[1]')}`)
    const { exit, err } = await typed(['plan', file, '-i', join(folder, 'twice.yaml')], at)
    expect(exit).toBe(3)
    expect(err).toContain("is a host of the group 'rack', or the group 'rack1'")
  })
})
