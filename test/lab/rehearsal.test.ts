import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { execute } from '../../runner/cli/execute.ts'
import type { Io } from '../../runner/wiring/io.ts'
import type { Event } from '../../runner/model/event.ts'
import { factsOf, type RunFacts } from '../../lab/demo-check.ts'
import { demoPlaybook, runDemo } from '../../lab/demo.ts'
import { labNodes } from '../../lab/inhabitants.ts'
import { raiseLab, type Lab, type LabOptions } from '../../lab/lab.ts'

let folder: string
let lab: Lab
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rehearsal-'))
})
afterEach(async () => {
  await lab?.close()
  rmSync(folder, { recursive: true, force: true })
})
async function raise(options: Partial<LabOptions> = {}): Promise<void> {
  lab = await raiseLab({ folder: join(folder, 'lab'), ...options })
}

interface Ran extends RunFacts {
  readonly exit: number
  readonly events: readonly Event[]
  readonly text: string
}
const never = new AbortController().signal
async function trueup(...argv: readonly string[]): Promise<Ran> {
  const events: Event[] = []
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  let text = ''
  for (const stream of [stdout, stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  const io = {
    stdout,
    stderr,
    stdin: new PassThrough(),
    env: { HOME: folder },
    cwd: folder,
    drain: never,
    stop: never,
    stateFolder: join(folder, 'state'),
    hear: (event: Event) => events.push(event),
  } as unknown as Io
  const exit = await execute([...argv, ...lab.inventoryFiles.flatMap((file) => ['-i', file])], io)
  return { exit, events, text, ...factsOf(events) }
}
function counted(route: string): number {
  return lab.gateway.counts.get(route) ?? 0
}
const nodes = '/apis/ims/v3/remote-build-nodes'
const builders = ['x3000c0s19b1n0', 'x3000c0s19b2n0', 'x3000c0s19b3n0', 'x3000c0s19b4n0']
const [first, second] = builders as [string, string]

describe('path A in the rehearsal lab', () => {
  it('is planned, made true, left alone, and restored where a node lost it', async () => {
    await raise()
    const plan = await trueup('plan', demoPlaybook)
    expect({ exit: plan.exit, text: plan.text }).toMatchObject({ exit: 2 })
    expect([...plan.drift.keys()].sort()).toEqual(builders)
    expect(
      lab
        .status()
        .nodes.every((node) => node.addedPackages.length === 0 && node.repositories.length === 0),
    ).toBe(true)
    expect(lab.status().remoteBuildNodes).toEqual([])

    const run = await trueup('run', demoPlaybook)
    expect({ exit: run.exit, text: run.text }).toMatchObject({ exit: 0 })
    expect(lab.status().remoteBuildNodes.toSorted()).toEqual(builders)
    for (const { name, servicePack, arch, addedPackages, repositories } of lab
      .status()
      .nodes.filter((node) => node.role === 'compute')) {
      expect(addedPackages, name).toContain('podman')
      expect(repositories, name).toEqual(
        ['Basesystem', 'Containers'].map(
          (module) => `SUSE-SLE-Module-${module}-15-sp${servicePack}-${arch}-Pool`,
        ),
      )
    }

    const asked = counted(`GET ${nodes}`)
    const again = await trueup('run', demoPlaybook)
    expect({ exit: again.exit, changed: again.changed, text: again.text }).toMatchObject({
      exit: 0,
      changed: 0,
    })
    // The guesses of the run before prove right: one script a connection, one list for all hosts.
    expect(again.scripts).toBe(1)
    expect(counted(`GET ${nodes}`) - asked).toBe(1)

    await lab.reboot(second)
    const lost = await trueup('plan', demoPlaybook)
    expect(lost.exit).toBe(2)
    expect([...lost.drift]).toEqual([
      [
        second,
        [
          'the SLE Basesystem pool is a repository',
          'the SLE Containers pool is a repository',
          'Podman is installed',
          'IMS may sign in as root',
        ],
      ],
    ])
    const restored = await trueup('run', demoPlaybook)
    expect({ exit: restored.exit, drift: [...restored.drift] }).toEqual({
      exit: 0,
      drift: [...lost.drift],
    })
  })

  it('shows that IMS has a new key, and gives it to every node beside the old one', async () => {
    await raise()
    await trueup('run', demoPlaybook)
    await lab.fault({ on: 'ims-keys' })
    const plan = await trueup('plan', demoPlaybook)
    expect([...plan.drift.values()]).toEqual(builders.map(() => ['IMS may sign in as root']))
    expect((await trueup('run', demoPlaybook)).exit).toBe(0)
  })

  it('goes on for the other hosts when one is off, and says which', async () => {
    await raise()
    await lab.fault({ on: 'power', node: first, power: 'off' })
    const run = await trueup('run', demoPlaybook)
    expect(run.exit).toBe(1)
    expect(run.events.at(-1)).toMatchObject({
      type: 'run-ended',
      unreachableHosts: [first],
      failedHosts: [],
    })
    expect(lab.status().remoteBuildNodes.toSorted()).toEqual(builders.slice(1))
    await lab.fault({ on: 'power', node: first, power: 'on' })
    expect((await trueup('run', demoPlaybook)).exit).toBe(0)
  })

  it('gets a new token when the one that it has expires, and tells a gateway that is down from a node that is missing', async () => {
    await raise()
    expect((await trueup('run', demoPlaybook)).exit).toBe(0)
    await lab.fault({ on: 'gateway', fault: { kind: 'expire-tokens' } })
    expect((await trueup('run', demoPlaybook)).exit).toBe(0)
    await lab.fault({ on: 'gateway', fault: { kind: 'unavailable', path: '/apis/ims' } })
    const run = await trueup('run', demoPlaybook)
    expect(run.exit).toBe(1)
    expect(run.text).toContain('503')
    expect(counted(`POST ${nodes}`)).toBe(4)
  })

  it('fails in the words of zypper while zypper is locked', async () => {
    await raise()
    await lab.fault({ on: 'node', node: first, fault: { kind: 'zypper-lock' } })
    const run = await trueup('run', demoPlaybook)
    expect(run.exit).toBe(1)
    expect(run.events.at(-1)).toMatchObject({ failedHosts: [first] })
    expect(run.text).toMatch(/System management is\s+locked/)
  })

  it('asks no status of an IMS that has none', async () => {
    await raise({ release: '1.5' })
    expect((await trueup('run', demoPlaybook, '-e', 'csm_version=1.5')).exit).toBe(0)
    expect([...lab.gateway.counts.keys()].some((route) => route.includes('status'))).toBe(false)
    const run = await trueup('run', demoPlaybook)
    expect(run.exit).toBe(1)
    expect(run.text).toContain('CSM 1.6')
  })

  it('lets no secret out', async () => {
    await raise()
    const ran = [
      await trueup('plan', demoPlaybook, '--diff', '-v'),
      await trueup('run', demoPlaybook, '--output', 'json'),
    ]
    const secrets = lab.system.cluster.objects.flatMap((object) =>
      (object.kind === 'Secret'
        ? Object.values(object.data)
        : [object.data['private_key'] ?? '']
      ).filter((text) => text !== ''),
    )
    secrets.push(...lab.system.tokens.keys())
    expect(secrets.length).toBeGreaterThan(2)
    for (const { text, events } of ran)
      for (const secret of secrets)
        expect(text.includes(secret) || JSON.stringify(events).includes(secret)).toBe(false)
  })
})

describe('a fault of a node', () => {
  const made = 'changed' as const
  it.each([
    [
      { kind: 'noisy-login', text: 'Welcome to the machine\n' },
      made,
      'the node is registered with IMS',
    ],
    [{ kind: 'slow', milliseconds: 50 }, made, 'the node is registered with IMS'],
    [{ kind: 'drop-before-banner', times: 2 }, made, 'the node is registered with IMS'],
    [
      { kind: 'drop-in-command', times: 1 },
      'unreachable',
      'the node runs SLES 15 on an architecture that IMS builds for',
    ],
    [
      { kind: 'host-key' },
      'failed',
      'the node runs SLES 15 on an architecture that IMS builds for',
    ],
    [{ kind: 'full-disk' }, 'failed', 'the SLE Basesystem pool is a repository'],
    [{ kind: 'read-only' }, 'failed', 'the SLE Basesystem pool is a repository'],
    [{ kind: 'repository-dead', url: 'Containers' }, 'failed', 'Podman is installed'],
  ] as const)(
    '%j ends in %s at "%s", and is over when it is mended',
    async (fault, outcome, sentence) => {
      await raise({ nodes: labNodes.slice(0, 2) })
      await lab.fault({ on: 'node', node: first, fault })
      const run = await trueup('run', demoPlaybook, '--limit', first)
      const task = run.events
        .flatMap((event) => (event.type === 'play-started' ? event.tasks : []))
        .find((each) => each.sentence === sentence)!
      expect(run.events).toContainEqual(
        expect.objectContaining({ type: 'outcome', host: first, task: task.id, outcome }),
      )
      expect(run.exit).toBe(outcome === made ? 0 : 1)
      await lab.fault({ on: 'nothing' })
      const again = await trueup('run', demoPlaybook, '--limit', first)
      // Another host key is nothing that mends itself.
      expect({ text: again.text, exit: again.exit }.exit, again.text).toBe(0)
    },
  )
})

describe('the demo', () => {
  it('ends with exit 0 and its line for machines', async () => {
    const lines: string[] = []
    const exit = await runDemo({
      say: (line) => lines.push(line),
      raised: (raised) => (lab = raised),
      async execute(argv, { stateFolder }) {
        const events: Event[] = []
        const quiet = new PassThrough()
        quiet.on('data', (chunk: Buffer) => lines.push(chunk.toString('utf8')))
        const io = {
          stdout: quiet,
          stderr: quiet,
          stdin: new PassThrough(),
          env: { HOME: folder },
          cwd: folder,
          drain: never,
          stop: never,
          stateFolder,
          hear: (event: Event) => events.push(event),
        } as unknown as Io
        return { exit: await execute(argv, io), events }
      },
    })
    expect({ exit, lines }).toMatchObject({ exit: 0 })
    expect(lines.at(-1)).toMatch(
      /^demo: 4 hosts, first run \d+ changed, second run 0 changed, 1 script per host$/,
    )
  })
})
