import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'
import type { Event } from '../../runner/model/event.ts'
import { labFiles } from '../../lab/lab-files.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { startProxy, type Traffic } from '../harness/counting-proxy.ts'

// What a run may cost, counted over the whole stack: command line, engine, SSH and HTTP, on the nodes of a rehearsal lab.
// Nothing here is a time: the figures are the same on every machine.

const node = 'x3000c0s19b1n0'
let folder = ''
let lab: Lab
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'budgets-'))
  lab = await raiseLab({ folder: join(folder, 'lab') })
})
afterAll(async () => {
  await lab?.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Told {
  readonly exit: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly errors: readonly string[]
  /** By connection and user: scripts, requests, probes, actions, bytes. */
  readonly costs: Readonly<
    Record<
      string,
      {
        readonly scripts: number
        readonly requests: number
        readonly probes: number
        readonly actions: number
        readonly bytes: number
      }
    >
  >
  /** What `atEnd` gave when the last outcome was known, before connections are closed. */
  readonly seen: Traffic | null
}

/** Runs a playbook; `state` names the folder that holds its guesses. */
async function run(
  playbook: string,
  options: {
    readonly inventory?: readonly string[]
    /** In place of the lab's file of connections. */ readonly connections?: string
    readonly state?: string
    readonly flags?: readonly string[]
    readonly atEnd?: () => Traffic
    readonly hear?: (event: Event) => void
  } = {},
): Promise<Told> {
  const outcomes: Record<string, number> = {}
  const errors: string[] = []
  const costs: Record<
    string,
    { scripts: number; requests: number; probes: number; actions: number; bytes: number }
  > = {}
  let seen: Traffic | null = null
  const hear = (event: Event): void => {
    options.hear?.(event)
    if (event.type === 'outcome') {
      outcomes[event.outcome] = (outcomes[event.outcome] ?? 0) + 1
      if (event.error) errors.push(`${event.host}: ${event.error.code} ${event.error.message}`)
    }
    if (event.type === 'run-ended') seen = options.atEnd?.() ?? null
    if (event.type !== 'exchange') return
    const cost = (costs[`${event.connection} ${event.user}`] ??= {
      scripts: 0,
      requests: 0,
      probes: 0,
      actions: 0,
      bytes: 0,
    })
    cost.scripts += event.scripts
    cost.requests += event.requests
    cost.probes += event.probes
    cost.actions += event.actions
    cost.bytes += event.bytesSent + event.bytesReceived
  }
  const state = options.state ?? mkdtempSync(join(folder, 'state-'))
  const inventory = [
    ...(options.connections ? [lab.inventoryFiles[0]!, options.connections] : lab.inventoryFiles),
    ...(options.inventory ?? []),
  ].flatMap((file) => ['-i', file])
  const { exit, err } = await typed(
    ['run', playbook, '--state-dir', state, ...(options.flags ?? []), ...inventory],
    { env: { HOME: folder }, cwd: folder, stateFolder: state, hear },
  )
  if (err !== '') errors.push(err)
  return { exit, outcomes, errors, costs, seen }
}

function playbookOf(name: string, hosts: string, tasks: readonly string[]): string {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(
    file,
    `playbook: ${name}\nplays:\n  - play: all of it\n    hosts: ${hosts}\n    tasks:\n${tasks
      .map((task) =>
        task
          .split('\n')
          .map((line) => `      ${line}\n`)
          .join(''),
      )
      .join('')}`,
  )
  return file
}

/** Tasks of many types; each converges, and each is true from then on. */
const mixed = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    switch (i % 5) {
      case 0:
        return `- ensure: folder ${i}\n  file: { path: /srv/f${i}, state: directory, mode: '0755' }`
      case 1:
        return `- ensure: message ${i}\n  copy: { dest: /srv/c${i}, content: "message ${i}\\n" }`
      case 2:
        return `- ensure: line ${i}\n  lineinfile: { path: /etc/hosts, line: 10.0.0.${i} h${i} }`
      case 3:
        return `- ensure: lines ${i}\n  file: { path: "{{ item }}", state: directory }\n  loop: [/srv/a${i}, "/srv/b${i}-{{ facts.arch }}"]`
      default:
        return `- read: answer ${i}\n  command: { argv: [echo, "{{ facts.arch }} ${i}"], ahead: true }`
    }
  })

const only = (told: Told, connection = `host ${node} -`): Told['costs'][string] =>
  told.costs[connection] ?? { scripts: 0, requests: 0, probes: 0, actions: 0, bytes: 0 }

describe('the budget of a play', () => {
  it('is 1 + d scripts for a converged host, any number of tasks, facts and loops, and 1 when the guesses prove right', async () => {
    for (const count of [10, 50]) {
      const playbook = playbookOf(`mixed${count}`, node, mixed(count))
      expect(await run(playbook)).toMatchObject({ exit: 0, errors: [] })
      const state = mkdtempSync(join(folder, 'state-'))
      const fresh = await run(playbook, { state })
      expect(fresh).toMatchObject({ exit: 0, outcomes: { ok: count } })
      // d is 1: the paths and arguments that wait for a fact.
      expect(only(fresh).scripts).toBeLessThanOrEqual(2)
      const guessed = await run(playbook, { state })
      expect(guessed).toMatchObject({ exit: 0, outcomes: { ok: count } })
      expect(only(guessed).scripts).toBe(1)
    }
  })

  it('is the same for the remote-build-node playbook, on each connection that it uses', async () => {
    const playbook = join(import.meta.dirname, '../../playbooks/remote-build-node.yaml')
    const state = mkdtempSync(join(folder, 'state-'))
    expect(await run(playbook, { state })).toMatchObject({ exit: 0, errors: [] })
    const again = await run(playbook, { state })
    expect(again).toMatchObject({ exit: 0, errors: [] })
    for (const [connection, cost] of Object.entries(again.costs))
      expect({ connection, scripts: cost.scripts, actions: cost.actions }).toEqual({
        connection,
        scripts: cost.requests > 0 ? 0 : 1,
        actions: 0,
      })
  })

  it('is 1 + d + 2k scripts and 3n probes when every 20th of n tasks drifts', async () => {
    const n = 100
    const tasks = Array.from(
      { length: n },
      (_, i) => `- ensure: message ${i}\n  copy: { dest: /tmp/m${i}, content: "message ${i}\\n" }`,
    )
    const playbook = playbookOf('drifting', node, tasks)
    await run(playbook)
    const probesOfOne = only(await run(playbookOf('one', node, tasks.slice(0, 1)))).probes
    const every20th = playbookOf(
      'every20th',
      node,
      tasks.filter((_, i) => i % 20 === 7).map((task) => task.replace('"message', '"other')),
    )
    await run(every20th)
    const told = await run(playbook)
    const k = told.outcomes['changed'] ?? 0
    expect(k).toBe(n / 20)
    expect(only(told).scripts).toBeLessThanOrEqual(1 + 2 * k)
    // Counted in tasks' worth of probes: this type asks several things for each.
    expect(only(told).probes).toBeLessThan(3 * n * probesOfOne)
    expect(only(await run(playbook)).scripts).toBe(1)
  })

  it('is one script more for each poll, and one for what the wait has voided', async () => {
    const playbook = playbookOf('polls', node, [
      '- wait: the third look sees it\n  command: { cmd: "echo x >> /tmp/looks; test $(wc -l < /tmp/looks) -ge 3" }\n  for: 30s\n  every: 1s',
      '- ensure: it goes on\n  file: { path: /tmp, state: directory }',
    ])
    const told = await run(playbook)
    expect(told).toMatchObject({ exit: 0, errors: [] })
    expect(only(told).scripts).toBeLessThanOrEqual(1 + 2 + 1)
  })

  it('is 3 round trips for a converged host after login, however many tasks', async () => {
    const state = mkdtempSync(join(folder, 'state-'))
    const port = lab.nodes.get(node)!.port
    const proxy = await startProxy(port)
    try {
      const { login, file } = await behind(proxy.port, () => proxy.traffic())
      const playbook = playbookOf('far', node, mixed(30))
      // Guesses belong to an inventory: what is behind the proxy is learnt there.
      await run(playbook, { state, connections: file })
      await run(playbook, { state, connections: file })
      const before = proxy.traffic()
      const told = await run(playbook, { state, connections: file, atEnd: () => proxy.traffic() })
      expect(told).toMatchObject({ exit: 0, outcomes: { ok: 30 } })
      const { connections, flights } = told.seen!
      expect(connections - before.connections).toBe(1)
      expect(flights - before.flights - login.flights).toBeLessThanOrEqual(3)
    } finally {
      await proxy.close()
    }
  })

  it('is 1 KB on the wire for each converged task, its readings included', async () => {
    const state = mkdtempSync(join(folder, 'state-'))
    const proxy = await startProxy(lab.nodes.get(node)!.port)
    try {
      const { login, file } = await behind(proxy.port, () => proxy.traffic())
      const playbook = playbookOf('bytes', node, mixed(50))
      // Guesses belong to an inventory: what is behind the proxy is learnt there.
      await run(playbook, { state, connections: file })
      await run(playbook, { state, connections: file })
      const before = proxy.traffic()
      const told = await run(playbook, { state, connections: file, atEnd: () => proxy.traffic() })
      expect(told).toMatchObject({ exit: 0, outcomes: { ok: 50 } })
      const { up, down } = told.seen!
      expect(up + down - before.up - before.down - login.up - login.down).toBeLessThanOrEqual(
        50 * 1024,
      )
    } finally {
      await proxy.close()
    }
  })
})

describe('what many hosts ask together', () => {
  it('is asked once of the host that it is delegated to', async () => {
    const file = join(folder, 'many.yaml')
    writeFileSync(file, 'groups:\n  many: { hosts: "m[001-500]" }\n')
    const playbook = playbookOf('delegated', "'@many'", [
      `- read: what is shared\n  command: { argv: [cat, /etc/os-release] }\n  delegate_to: ${node}\n  register: shared`,
      '- require: it is what it should be\n  that: shared.stdout.contains("SLES")',
    ])
    const told = await run(playbook, { inventory: [file] })
    expect(told).toMatchObject({ exit: 0, outcomes: { ok: 1000 }, errors: [] })
    expect(Object.keys(told.costs)).toEqual([`host ${node} -`])
    expect(only(told)).toMatchObject({ scripts: 1, probes: 1 })
  })

  it('is one request for each page of a service, and connects to none of them', async () => {
    const file = join(folder, 'nodes.yaml')
    writeFileSync(file, 'groups:\n  blades: { hosts: "x9000c1s[0-99]b0n0" }\n')
    for (let i = 0; i < 100; i++) lab.system.remoteBuildNodes.add(`x9000c1s${i}b0n0`)
    try {
      const playbook = playbookOf('registered', "'@blades'", [
        '- ensure: it is registered\n  ims_remote_build_node: { xname: "{{ host.name }}" }',
        '- require: it is registered\n  ims_remote_build_node: { xname: "{{ host.name }}" }',
      ])
      const before = new Map(lab.gateway.counts)
      const told = await run(playbook, { inventory: [file] })
      expect(told).toMatchObject({ exit: 0, outcomes: { ok: 200 }, errors: [] })
      const asked = [...lab.gateway.counts]
        .filter(([route]) => route.includes('remote-build-nodes'))
        .map(([route, count]) => count - (before.get(route) ?? 0))
      expect(asked.reduce((sum, count) => sum + count, 0)).toBe(1)
      // The service is reached through a management node: no host of the play is connected to.
      expect(Object.keys(told.costs).filter((connection) => connection.includes('x9000'))).toEqual(
        [],
      )
    } finally {
      for (let i = 0; i < 100; i++) lab.system.remoteBuildNodes.delete(`x9000c1s${i}b0n0`)
    }
  })
})

describe('a probe that hangs', () => {
  it('spoils no other probe of its script, and holds no other host up', async () => {
    const other = 'x3000c0s19b2n0'
    const order: string[] = []
    const sentences = mixed(20)
    const stuck =
      '- read: what never answers\n  command: { argv: [sleep, "600"], ahead: true }\n  timeout: 2s\n  when: host.name == "' +
      node +
      '"\n  ignore_errors: true'
    const all = [...sentences.slice(0, 10), stuck, ...sentences.slice(10)]
    const playbook = playbookOf('stuck', `${node},${other}`, all)
    const state = mkdtempSync(join(folder, 'state-'))
    await run(playbookOf('true before', `${node},${other}`, sentences), { state })
    const told = await run(playbook, {
      state,
      hear: (event) => event.type === 'outcome' && order.push(`${event.host} ${event.outcome}`),
    })
    expect(told.outcomes).toEqual({ ok: 40, failed: 1, skipped: 1 })
    expect(told.exit).toBe(0)
    // Its own later tasks were read in the scripts around it, and the other host was through before it gave up.
    expect(only(told).scripts).toBeLessThanOrEqual(3)
    expect(order.lastIndexOf(`${other} ok`)).toBeLessThan(order.indexOf(`${node} failed`))
  })
})

/** An inventory in which the node lies behind a proxy, and what a login alone costs there. */
async function behind(
  port: number,
  traffic: () => Traffic,
): Promise<{ readonly login: Traffic; readonly file: string }> {
  const files = labFiles(lab.folder)
  appendFileSync(files.knownHosts, `[127.0.0.1]:${port} ${lab.nodes.get(node)!.hostKey}\n`)
  const file = join(folder, `behind-${port}.yaml`)
  writeFileSync(
    file,
    readFileSync(files.connections, 'utf8').replace(
      `port: ${lab.nodes.get(node)!.port} `,
      `port: ${port} `,
    ),
  )
  const before = traffic()
  const client = new ssh2.Client()
  client.connect({
    host: '127.0.0.1',
    port,
    username: 'root',
    privateKey: readFileSync(files.key),
    readyTimeout: 10_000,
  })
  await once(client, 'ready')
  const after = traffic()
  client.end()
  await once(client, 'close')
  return {
    login: {
      connections: 1,
      flights: after.flights - before.flights,
      up: after.up - before.up,
      down: after.down - before.down,
    },
    file,
  }
}
