import type { SlurmCluster } from '../slurm/slurm-cluster.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

const noController = 'Unable to contact slurm controller (connect failure)'

function clusterOf(call: Call): SlurmCluster | null {
  return call.machine.world.slurm ?? null
}

/** The state of a node in Slurm's words: what it does, and what is wrong with it. */
function stateOf(call: Call, cluster: SlurmCluster, name: string): string {
  const isUp = call.machine.world.node(name)?.up === true
  const isBusy = cluster.jobs().some(({ node }) => node === name)
  const base = isUp ? (isBusy ? 'MIXED' : 'IDLE') : 'DOWN*'
  return cluster.drained.has(name) ? `${base}+DRAIN` : base
}

// 2026-11-30T15:20:55, in the time of the node.
function moment(at: number): string {
  return new Date(at).toISOString().slice(0, 19)
}

function scontrol(call: Call): Output {
  const options = parse(call.args, 'o oneliner d details a all h hide Q quiet')
  const [verb = '', ...rest] = options.operands
  const cluster = clusterOf(call)
  if (verb === 'ping') return ok(`Slurmctld(primary) at slurmctld is ${cluster ? 'UP' : 'DOWN'}\n`)
  if (!cluster) return fail(1, `slurm_load_node error: ${noController}\n`)
  if (verb === 'show' && /^nodes?$/.test(rest[0] ?? ''))
    return showNodes(call, cluster, rest[1], options.has('o', 'oneliner'))
  if (verb === 'update') return update(call, cluster, rest)
  return fail(70, `scontrol: the rehearsal lab does not simulate ${verb || 'its prompt'}\n`)
}

function showNodes(
  call: Call,
  cluster: SlurmCluster,
  name: string | undefined,
  isOneLine: boolean,
): Output {
  const names = name === undefined ? cluster.nodes : cluster.nodes.filter((each) => each === name)
  if (names.length === 0) return fail(1, '', `Node ${name} not found\n`)
  const texts = names.map((each) => {
    const drain = cluster.drained.get(each)
    const lines = [
      `NodeName=${each} Arch=x86_64 CoresPerSocket=64 `,
      `CPUAlloc=0 CPUEfctv=256 CPUTot=256 CPULoad=0.01`,
      `AvailableFeatures=(null)`,
      `State=${stateOf(call, cluster, each)} ThreadsPerCore=2 TmpDisk=0 Weight=1 Owner=N/A MCS_label=N/A`,
      `Partitions=workq `,
      ...(drain ? [`Reason=${drain.reason} [${drain.user}@${moment(drain.at)}]`] : []),
    ]
    return isOneLine ? `${lines.join(' ')}\n` : `${lines.join('\n   ')}\n\n`
  })
  return ok(texts.join(''))
}

function update(call: Call, cluster: SlurmCluster, words: readonly string[]): Output {
  const given = Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      return [word.slice(0, at).toLowerCase(), word.slice(at + 1)]
    }),
  )
  const name = given['nodename'] ?? ''
  if (call.files.who.uid !== 0) return fail(1, 'slurm_update error: Invalid user id\n')
  if (!cluster.nodes.includes(name))
    return fail(1, 'slurm_update error: Invalid node name specified\n')
  const state = (given['state'] ?? '').toLowerCase()
  if (state === 'drain') {
    if (!given['reason'])
      return fail(1, 'You must specify a reason when DRAINING a node. Request denied\n')
    const reason = given['reason']
    if (!cluster.drained.has(name))
      cluster.drained.set(name, { reason, user: call.user, at: cluster.now() })
    return ok()
  }
  if (state !== 'resume')
    return fail(70, `scontrol: the rehearsal lab does not simulate state=${state}\n`)
  if (!cluster.drained.delete(name) && call.machine.world.node(name)?.up === true)
    return fail(1, 'slurm_update error: Invalid node state specified\n')
  return ok()
}

function squeue(call: Call): Output {
  const options = parse(
    call.args,
    'h noheader w= nodelist= o= format= u= user= j= jobs= t= states= a all',
  )
  const cluster = clusterOf(call)
  if (options.wrong) return fail(1, `squeue: ${options.wrong}\n`)
  if (!cluster) return fail(1, `slurm_load_jobs error: ${noController}\n`)
  const node = options.value('w', 'nodelist')
  if (node !== undefined && !cluster.nodes.includes(node))
    return fail(1, `Invalid node name ${node}\n`)
  const user = options.value('u', 'user')
  const format = options.value('o', 'format') ?? '%.18i %.9P %.8j %.8u %.2t %.10M %.6D %R'
  const header = format.replace(field, (_, width: string, letter: string) =>
    padded(headers[letter] ?? letter, width),
  )
  const lines = cluster
    .jobs()
    .filter((job) => (node === undefined || job.node === node) && (!user || job.user === user))
    .map((job) => {
      const values: Readonly<Record<string, string>> = {
        i: String(job.id),
        P: 'workq',
        j: job.name,
        u: job.user,
        t: 'R',
        T: 'RUNNING',
        M: `0:${String(Math.floor((cluster.now() - job.started) / 1000)).padStart(2, '0')}`,
        D: '1',
        N: job.node,
        R: job.node,
      }
      return format.replace(field, (_, width: string, letter: string) =>
        padded(values[letter] ?? '', width),
      )
    })
  const shown = options.has('h', 'noheader') ? lines : [header, ...lines]
  return ok(shown.map((line) => `${line}\n`).join(''))
}

const field = /%(\.?\d*)([A-Za-z])/g
const headers: Readonly<Record<string, string>> = {
  i: 'JOBID',
  P: 'PARTITION',
  j: 'NAME',
  u: 'USER',
  t: 'ST',
  T: 'STATE',
  M: 'TIME',
  D: 'NODES',
  N: 'NODELIST',
  R: 'NODELIST(REASON)',
}

function padded(text: string, width: string): string {
  const count = Number(width.replace('.', ''))
  if (count === 0) return text
  return width.startsWith('.')
    ? text.slice(0, count).padStart(count)
    : text.slice(0, count).padEnd(count)
}

function sinfo(call: Call): Output {
  const options = parse(call.args, 'h noheader N Node n= nodes= o= format= l long')
  const cluster = clusterOf(call)
  if (!cluster) return fail(1, `slurm_load_partitions: ${noController}\n`)
  const format = options.value('o', 'format') ?? '%N %.6D %.9P %6t'
  const only = options.value('n', 'nodes')
  const names = cluster.nodes.filter((each) => only === undefined || each === only)
  const line = (value: (letter: string) => string): string =>
    format.replace(field, (_, width: string, letter: string) => padded(value(letter), width))
  const words: Readonly<Record<string, string>> = {
    N: 'NODELIST',
    D: 'NODES',
    P: 'PARTITION',
    t: 'STATE',
    T: 'STATE',
    E: 'REASON',
  }
  const rows = names.map((each) => {
    const state = shortState(stateOf(call, cluster, each))
    const reason = cluster.drained.get(each)?.reason ?? 'none'
    const values: Readonly<Record<string, string>> = {
      N: each,
      D: '1',
      P: 'workq*',
      t: state,
      T: state,
      E: reason,
    }
    return line((letter) => values[letter] ?? '')
  })
  const shown = options.has('h', 'noheader')
    ? rows
    : [line((letter) => words[letter] ?? ''), ...rows]
  return ok(shown.map((row) => `${row}\n`).join(''))
}

function shortState(state: string): string {
  if (state === 'IDLE+DRAIN') return 'drain'
  if (state === 'MIXED+DRAIN') return 'drng'
  return state.startsWith('DOWN') ? 'down*' : state === 'MIXED' ? 'mix' : 'idle'
}

/** A job on one node: `sbatch -w NODE --wrap 'sleep 30'`; another command than sleep goes on until it is cancelled. */
function sbatch(call: Call): Output {
  const options = parse(call.args, 'w= nodelist= wrap= J= job-name= parsable')
  const cluster = clusterOf(call)
  if (!cluster) return fail(1, `sbatch: error: ${noController}\n`)
  const node = options.value('w', 'nodelist') ?? ''
  const wrapped = options.value('wrap')
  if (wrapped === undefined || !cluster.nodes.includes(node))
    return fail(
      70,
      'sbatch: the rehearsal lab simulates jobs of one node alone: sbatch -w NODE --wrap COMMAND\n',
    )
  const seconds = /^sleep (\d+)$/.exec(wrapped.trim())?.[1]
  const job = cluster.submit({
    user: call.user,
    node,
    name: options.value('J', 'job-name') ?? 'wrap',
    seconds: seconds === undefined ? null : Number(seconds),
  })
  if (!job)
    return fail(
      1,
      'sbatch: error: Batch job submission failed: Requested node configuration is not available\n',
    )
  return ok(options.has('parsable') ? `${job.id}\n` : `Submitted batch job ${job.id}\n`)
}

function scancel(call: Call): Output {
  const cluster = clusterOf(call)
  const [id = ''] = call.args
  if (!cluster) return fail(1, `scancel: error: ${noController}\n`)
  return cluster.cancel(Number(id))
    ? ok()
    : fail(1, `scancel: error: Kill job error on job id ${id}: Invalid job id specified\n`)
}

/** The commands of Slurm, where its package is installed. */
export const slurmCommands: readonly LabCommand[] = [
  { names: ['scontrol'], package: 'slurm', run: scontrol },
  { names: ['squeue'], package: 'slurm', run: squeue },
  { names: ['sinfo'], package: 'slurm', run: sinfo },
  { names: ['sbatch'], package: 'slurm', run: sbatch },
  { names: ['scancel'], package: 'slurm', run: scancel },
]
