// `npm run bench [-- --runs 3 --hosts 100 --only farm,startup --main dist/bin/main.cjs --json bench.json]`: prints a table and writes JSON.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { readOptions } from '../../tools/program-options.mjs'
import { writeFiles, trust, type Files } from './bench-files.ts'
import { farAway, raiseFarm, type Farm } from './farm.ts'
import { measureFloor, measureKept } from './kept.ts'
import { inTurns, measure, median, type Cost } from './measure.ts'
import { installedPeers, installPeers, removeControlFolders, type Peer } from './peers.ts'
import { writeLargeFiles } from './startup.ts'
import { badHosts, makeTrouble, twoPlays, waitsIn } from './trouble.ts'

const { values: flags } = readOptions('bench', {
  runs: { type: 'number', least: 1, default: 3 },
  hosts: { type: 'string', default: '20,100' },
  only: { type: 'string', default: 'startup,process,farm,first,far,many' },
  main: { type: 'string', default: join(import.meta.dirname, '../../dist/bin/main.cjs') },
  json: { type: 'string', default: 'bench.json' },
})
const { runs } = flags
const main = resolve(flags.main)
const folder = mkdtempSync(join(tmpdir(), 'trueup-bench-'))
const typescript = join(import.meta.dirname, '../../tools/run-typescript.mjs')
const rows: Record<string, unknown>[] = []

interface Row {
  readonly case: string
  readonly tool: string
  readonly cost: Awaited<ReturnType<typeof median>>
  readonly target?: string
  readonly more?: Readonly<Record<string, unknown>>
}

function row({ case: name, tool, cost, target, more }: Row): void {
  const { output, ...figures } = cost
  rows.push({
    case: name,
    tool,
    ...figures,
    ...(target ? { target } : {}),
    ...more,
    load: loadavg()[0],
  })
  const wrong = cost.exit === 0 ? '' : `  EXIT ${cost.exit}: ${output.trim().split('\n').at(-1)}`
  process.stdout.write(
    `${name.padEnd(34)} ${tool.padEnd(20)} ${cost.wall.toFixed(2).padStart(8)} s ${cost.cpu.toFixed(2).padStart(8)} CPU-s ${cost.rss.toFixed(0).padStart(6)} MB  load ${loadavg()[0]!.toFixed(1)}  ${target ?? ''}${more ? ` ${JSON.stringify(more)}` : ''}${wrong}\n`,
  )
}

const trueup = (files: Files, state: string, more: readonly string[] = []): readonly string[] => [
  process.execPath,
  main,
  'run',
  files.playbook,
  '-i',
  files.inventory,
  '--state-dir',
  state,
  ...more,
]
const floor = (files: Files, farm: Farm): readonly string[] => [
  process.execPath,
  join(import.meta.dirname, 'floor.mjs'),
  farm.keyFile,
  '50',
  files.script,
  ...files.names.map((_, i) => String(farm.hosts[i % farm.hosts.length]!.port)),
]

/** All tools on hosts that are true already: one at a time, in turns. */
async function sideBySide(
  name: string,
  files: Files,
  farm: Farm,
  times: number,
  peers = installedPeers(),
): Promise<void> {
  const state = join(folder, `state-${name.replace(/\W/g, '-')}`)
  await measure(trueup(files, state))
  const of = (peer: Peer): Promise<Cost> => {
    const { argv, options } = peer.command(files, farm)
    return measure(argv, options)
  }
  const [ours, ground, ...others] = await inTurns(times, [
    () => measure(trueup(files, state)),
    () => measure(floor(files, farm)),
    ...peers.map((peer) => () => of(peer)),
  ])
  row({ case: name, tool: 'trueup', cost: ours! })
  const compare = (cost: Cost): Readonly<Record<string, unknown>> => ({
    'times our wall': Number((cost.wall / ours!.wall).toFixed(1)),
    'times our CPU': Number((cost.cpu / ours!.cpu).toFixed(1)),
  })
  row({
    case: name,
    tool: 'floor: bare ssh2',
    cost: ground!,
    target: 'ours <= 1.3x wall, <= 2x CPU of it',
    more: {
      'our wall': Number((ours!.wall / ground!.wall).toFixed(2)),
      'our CPU': Number((ours!.cpu / ground!.cpu).toFixed(2)),
    },
  })
  for (const [i, cost] of others.entries())
    row({ case: name, tool: peers[i]!.name, cost, more: compare(cost) })
}

const cases: Readonly<Record<string, () => Promise<void>>> = {
  async startup() {
    const large = writeLargeFiles(join(folder, 'large'))
    const one = join(folder, 'one.yaml')
    writeFileSync(
      one,
      'playbook: One\nplays:\n  - play: here\n    hosts: localhost\n    tasks:\n      - read: a file\n        command: { argv: [sleep, "0.3"] }\n',
    )
    const node = (...argv: readonly string[]) =>
      median(runs * 2 + 1, () => measure([process.execPath, main, ...argv]))
    row({ case: '--help', tool: 'trueup', cost: await node('--help'), target: '0.2 s' })
    const first = await node('run', one, '--state-dir', join(folder, 'state-one'))
    row({
      case: 'first line of a run',
      tool: 'trueup',
      cost: { ...first, wall: first.firstLine! },
      target: '0.3 s',
    })
    row({
      case: 'inventory of 10,000 hosts',
      tool: 'trueup',
      cost: await node('inventory', '-i', large.inventory, '-l', large.host),
      target: '1 s',
    })
    row({
      case: 'playbook of 2,000 tasks validated',
      tool: 'trueup',
      cost: await node('validate', large.playbook),
      target: '1 s',
    })
  },
  async process() {
    const inProcess = async (hosts: number): Promise<Cost & { told: Record<string, number> }> => {
      const cost = await measure([
        process.execPath,
        '--import',
        typescript,
        join(import.meta.dirname, 'in-process.ts'),
        String(hosts),
        '20',
      ])
      return {
        ...cost,
        told: JSON.parse(cost.output.trim().split('\n').at(-1)!) as Record<string, number>,
      }
    }
    const figures: Record<number, number> = {}
    for (const hosts of [1000, 10_000]) {
      const cost = await median(runs, () => inProcess(hosts))
      const told = JSON.parse(cost.output.trim().split('\n').at(-1)!) as Record<string, number>
      figures[hosts] = told['cpu']!
      row({
        case: `${hosts} hosts x 20 tasks in process`,
        tool: 'trueup',
        cost: { ...cost, wall: told['seconds']!, cpu: told['cpu']!, rss: told['rss']! },
        target: hosts === 1000 ? '1 ms CPU per host-task' : '< 1 GB; <= 1.2x linear',
        more: {
          'ms CPU per host-task': Number(((told['cpu']! * 1000) / (hosts * 20)).toFixed(3)),
          ...(hosts > 1000
            ? { 'times linear': Number((told['cpu']! / (figures[1000]! * 10)).toFixed(2)) }
            : {}),
          lines: told['lines'],
        },
      })
    }
  },
  async farm() {
    for (const hosts of flags.hosts.split(',').map(Number)) {
      await withFarm(hosts, async (farm, root) =>
        sideBySide(
          `re-run, ${hosts} hosts`,
          writeFiles(join(folder, `files-${hosts}`), farm, hosts, root),
          farm,
          runs,
        ),
      )
    }
  },
  /** The same hosts over both transports, true already. */
  async transports() {
    for (const hosts of flags.hosts.split(',').map(Number)) {
      await withFarm(hosts, async (farm, root) => {
        const files = writeFiles(join(folder, `transports-${hosts}`), farm, hosts, root)
        const inventory = files.inventory.replace(/\.yaml$/, '-openssh.yaml')
        writeFileSync(
          inventory,
          `${readFileSync(files.inventory, 'utf8').trimEnd()}\ntransport: openssh\n`,
        )
        const openssh = { ...files, inventory }
        const state = join(folder, `state-transports-${hosts}`)
        await measure(trueup(files, state))
        const [ours, other] = await inTurns(runs, [
          () => measure(trueup(files, state)),
          () => measure(trueup(openssh, state)),
        ])
        row({ case: `both transports, ${hosts} hosts`, tool: 'trueup, ssh2', cost: ours! })
        row({
          case: `both transports, ${hosts} hosts`,
          tool: 'trueup, openssh',
          cost: other!,
          more: {
            'times the wall of ssh2': Number((other!.wall / ours!.wall).toFixed(1)),
            'times its CPU': Number((other!.cpu / ours!.cpu).toFixed(1)),
          },
        })
      })
    }
  },
  async first() {
    await withFarm(20, async (farm, root) => {
      let pass = 0
      const fresh = (): Files => {
        const at = join(root, `pass${pass++}`)
        mkdirSync(at)
        return writeFiles(join(folder, `first-${pass}`), farm, 20, at)
      }
      const peers = installedPeers().filter((peer) => !peer.name.startsWith('clush'))
      const of = (peer: Peer): Promise<Cost> => {
        const { argv, options } = peer.command(fresh(), farm)
        return measure(argv, options)
      }
      const [ours, ...others] = await inTurns(runs, [
        () => measure(trueup(fresh(), join(folder, `state-first-${pass}`))),
        ...peers.map((peer) => () => of(peer)),
      ])
      row({ case: 'first run, 20 hosts', tool: 'trueup', cost: ours! })
      for (const [i, cost] of others.entries())
        row({
          case: 'first run, 20 hosts',
          tool: peers[i]!.name,
          cost,
          ...(peers[i]!.name === 'Ansible' ? { target: '>= 5x ours' } : {}),
          more: { 'times our wall': Number((cost.wall / ours!.wall).toFixed(1)) },
        })
    })
  },
  async far() {
    for (const hosts of flags.hosts.split(',').map(Number)) {
      await withFarm(hosts, async (farm, root) => {
        const near = writeFiles(join(folder, `near-${hosts}`), farm, hosts, root)
        await measure(trueup(near, join(folder, 'state-near')))
        const far = await farAway(farm, 50)
        try {
          const files = writeFiles(join(folder, `far-${hosts}`), far, hosts, root)
          trust(files, far)
          await sideBySide(
            `re-run, ${hosts} hosts, 50 ms away`,
            files,
            far,
            runs,
            installedPeers().filter((peer) => !peer.name.startsWith('clush')),
          )
        } finally {
          await far.close()
        }
      })
    }
  },
  /** Plan, run, run: the last two over the connections that the first one left open, in turns with the floor and with runs that log in. */
  async kept() {
    for (const hosts of flags.hosts.split(',').map(Number)) {
      await withFarm(hosts, async (farm, root) => {
        const files = writeFiles(join(folder, `kept-${hosts}`), farm, hosts, root)
        const state = join(folder, `state-kept-${hosts}`)
        const runtime = mkdtempSync(join(folder, 'runtime-'))
        const kept = (): Promise<Cost> =>
          measureKept(trueup(files, state, ['--keep', '5m']), runtime)
        const bare = [
          process.execPath,
          join(import.meta.dirname, 'floor-kept.mjs'),
          farm.keyFile,
          '50',
          files.script,
          '1',
          ...files.names.map((_, i) => String(farm.hosts[i % farm.hosts.length]!.port)),
        ]
        await measure(trueup(files, state, ['--keep', '0']))
        const first = await kept()
        const [second, ground, alone] = await inTurns(runs, [
          kept,
          () => measureFloor(bare),
          () => measure(trueup(files, state, ['--keep', '0'])),
        ])
        await measure([process.execPath, main, 'connections', '--close'], {
          env: { XDG_RUNTIME_DIR: runtime },
        })
        const name = `kept connections, ${hosts} hosts`
        row({ case: name, tool: 'trueup, first', cost: { ...first, all: [] } })
        row({
          case: name,
          tool: 'trueup, again',
          cost: second!,
          target: '<= 1.3x wall of the floor, <= half the CPU of a run that logs in',
          more: {
            'times the wall of the floor': Number((second!.wall / ground!.wall).toFixed(2)),
            'times the CPU of a login run': Number((second!.cpu / alone!.cpu).toFixed(2)),
          },
        })
        row({ case: name, tool: 'floor: open ssh2', cost: ground! })
        row({ case: name, tool: 'trueup, logs in', cost: alone! })
      })
    }
  },
  /** Hosts of which one hangs in its login, one falls silent, one is slow and one has a wrong key: what the others notice of it. */
  async troubled() {
    for (const hosts of flags.hosts.split(',').map(Number)) {
      await withFarm(hosts, async (farm, root) => {
        const troubled = await makeTrouble(farm)
        try {
          for (const goesOn of [false, true]) {
            await runTwoPlays(`${hosts} hosts, all well`, farm, hosts, root, goesOn, false)
            const name = `${hosts} hosts, four bad`
            await runTwoPlays(name, troubled.farm, hosts, root, goesOn, true)
          }
        } finally {
          await troubled.close()
        }
      })
    }
  },
  async many() {
    await withFarm(50, async (farm, root) => {
      const files = writeFiles(join(folder, 'many'), farm, 1000, root, 12)
      const state = join(folder, 'state-many')
      await measure(trueup(files, state))
      const cost = await median(Math.min(runs, 2), () => measure(trueup(files, state)))
      const idle = await measure([
        process.execPath,
        main,
        'validate',
        files.playbook,
        '-i',
        files.inventory,
      ])
      row({
        case: '1,000 hosts x 20 tasks over sshd',
        tool: 'trueup',
        cost,
        target: '1 ms CPU per host-task; 150 KB per host in flight',
        more: {
          'ms CPU per host-task': Number(((cost.cpu * 1000) / 20_000).toFixed(3)),
          'KB per host, of 1,000': Math.round(((cost.rss - idle.rss) * 1024) / 1000),
        },
      })
    })
  },
}

/** Two plays over all hosts: how many of the good ones waited for a bad one, and when the good ones were done. */
async function runTwoPlays(
  name: string,
  farm: Farm,
  hosts: number,
  root: string,
  goesOn: boolean,
  isTroubled: boolean,
): Promise<void> {
  const at = mkdtempSync(join(root, 'troubled-'))
  const files = writeFiles(mkdtempSync(join(folder, 'troubled-')), farm, hosts, at)
  writeFileSync(
    files.playbook,
    twoPlays((path) => `${at}/{{ host.name }}${path}`, goesOn),
  )
  const state = mkdtempSync(join(folder, 'state-troubled-'))
  const cost = await median(1, () => measure(trueup(files, state, ['--output', 'json'])))
  row({
    case: `${name}, ${goesOn ? 'meet_at_end: false' : 'two plays'}`,
    tool: 'trueup',
    // A bad host makes it exit 1.
    cost: { ...cost, exit: 0 },
    more: waitsIn(cost.output, files.names.slice(-badHosts), isTroubled),
  })
}

async function withFarm(
  hosts: number,
  work: (farm: Farm, root: string) => Promise<void>,
): Promise<void> {
  const root = mkdtempSync(join(folder, 'hosts-'))
  const farm = await raiseFarm(join(root, '.farm'), hosts)
  try {
    rows.push({ case: 'farm', tool: farm.kind, hosts })
    await work(farm, root)
  } finally {
    await farm.close()
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const peers = installedPeers()
const machine = {
  cpu: cpus()[0]?.model ?? '',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  kernel: release(),
  node: process.version,
  load: loadavg(),
  peers: peers.map((peer) => `${peer.name}: ${peer.version}`),
  date: new Date().toISOString(),
  runs,
}
process.stdout.write(
  `${JSON.stringify(machine)}\n${peers.length < 4 ? `peers that are not installed are left out; install them: ${installPeers}\n` : ''}`,
)
process.once('exit', () => {
  removeControlFolders()
  rmSync(folder, { recursive: true, force: true })
})
try {
  for (const name of flags.only.split(',')) {
    const work = cases[name]
    if (!work) throw new Error(`no case '${name}'; there are ${Object.keys(cases).join(', ')}`)
    await work()
  }
} finally {
  writeFileSync(flags.json, `${JSON.stringify({ machine, rows }, null, 1)}\n`)
  process.stdout.write(`written to ${flags.json}\n`)
}
