import { ask, type ExecProbe, type ExecReading } from '../../contract/probe.ts'
import { parseJson } from '../../contract/json.ts'
import { isMap, type Value } from '../../contract/value.ts'
import { exec, type ExecAction } from '../../contract/change.ts'
import { unclear } from '../unclear.ts'

/** What a workload manager says of a node. */
interface SeenNode {
  readonly exists: boolean
  readonly drained: boolean | null
  readonly down: boolean | null
  readonly jobs: readonly string[] | null
  readonly status: string | null
  readonly reason: string | null
}
interface Answers {
  readonly node: ExecReading
  readonly queue: ExecReading | undefined
}

/** A workload manager: its commands, as data, and what they mean. */
interface WorkloadManager {
  probes(name: string): { readonly node: ExecProbe; readonly queue: ExecProbe | undefined }
  seen(answers: Answers, name: string): SeenNode
  drain(name: string, reason: string): ExecAction
  resume(name: string): ExecAction
}

const absent: SeenNode = {
  exists: false,
  drained: null,
  down: null,
  jobs: null,
  status: null,
  reason: null,
}

/** The workload managers that are known. */
export const managers: Readonly<Record<'slurm' | 'pbs', WorkloadManager>> = {
  slurm: {
    probes: (name) => ({
      node: ask(['scontrol', '--oneliner', 'show', 'node', name], [0, 1]),
      // Of a node that it does not know squeue says an error: what scontrol says is what counts.
      queue: ask(['squeue', '--noheader', '--nodelist', name, '--format', '%i %u %T'], [0, 1]),
    }),
    seen: ({ node, queue }, name) => slurmNode(node, queue!, name),
    drain: (name, reason) =>
      exec(['scontrol', 'update', `nodename=${name}`, 'state=drain', `reason=${reason}`]),
    resume: (name) => exec(['scontrol', 'update', `nodename=${name}`, 'state=resume']),
  },
  pbs: {
    probes: (name) => ({
      node: ask(['pbsnodes', '-v', name, '-F', 'json'], [0, 1]),
      queue: undefined,
    }),
    seen: ({ node }, name) => pbsNode(node, name),
    drain: (name, reason) => exec(['pbsnodes', '-o', '-C', reason, name]),
    resume: (name) => exec(['pbsnodes', '-r', '-C', '', name]),
  },
}

function slurmNode(node: ExecReading, queue: ExecReading, name: string): SeenNode {
  const said = `${node.stdout}${node.stderr}`.trim()
  if (node.exit === 1 && /^Node \S+ not found$/m.test(said)) return absent
  const status = /(?:^|\s)State=(\S+)/.exec(node.stdout)?.[1]
  if (node.exit !== 0 || status === undefined)
    return unclear(
      `scontrol cannot show ${name}: ${said.split('\n')[0]}`,
      'see on that host whether slurmctld answers: scontrol ping',
    )
  if (queue.exit !== 0)
    return unclear(
      `squeue cannot list the jobs of ${name}: ${queue.stderr.trim().split('\n')[0]}`,
      'see on that host whether slurmctld answers: scontrol ping',
    )
  const [base = '', ...flags] = status.split('+')
  // A sign behind it says how well it answers: `DOWN*`.
  const words = [/^[A-Z_]+/.exec(base)?.[0] ?? base, ...flags]
  return {
    exists: true,
    drained: words.some((word) => /^DRAIN(?:ED|ING)?$/.test(word)),
    down: words.some((word) => /^(?:DOWN|FAIL|UNKNOWN|NOT_RESPONDING)$/.test(word)),
    jobs: queue.stdout.split('\n').filter(Boolean).map(jobText).sort(),
    status,
    reason: reasonIn(node.stdout),
  }
}

/** Why a node is drained: it may hold blanks, and who gave it stands behind it in brackets. */
function reasonIn(line: string): string | null {
  const at = line.indexOf(' Reason=')
  if (at < 0) return null
  const [text = ''] = line.slice(at + ' Reason='.length).split(/ Comment=|\n/, 1)
  const who = text.lastIndexOf(' [')
  return (who < 0 ? text : text.slice(0, who)).trim()
}

function jobText(line: string): string {
  const [id = '', user = ''] = line.trim().split(/\s+/)
  return `${id} of ${user}`
}

function pbsNode({ exit, stdout, stderr }: ExecReading, name: string): SeenNode {
  if (exit !== 0 && /Unknown node/i.test(`${stdout}${stderr}`)) return absent
  const node = nodeOf(stdout, name)
  if (exit !== 0 || !node)
    return unclear(
      `pbsnodes cannot show ${name}: ${`${stderr}${stdout}`.trim().split('\n')[0]}`,
      'see on that host whether the server answers: qstat -B',
    )
  const status = String(node['state'])
  const words = status.split(',').map((word) => word.trim())
  const jobs = Array.isArray(node['jobs']) ? node['jobs'].map(String) : []
  return {
    exists: true,
    drained: words.includes('offline'),
    down: words.some((word) => /^(?:down|state-unknown|stale|unresolvable)$/.test(word)),
    // One entry for each core: `12.server/0`.
    jobs: [...new Set(jobs.map((job) => job.split('/')[0]!))].sort(),
    status,
    reason: typeof node['comment'] === 'string' ? node['comment'] : null,
  }
}

function nodeOf(text: string, name: string): Readonly<Record<string, Value>> | null {
  const start = text.indexOf('{')
  const parsed: unknown = start < 0 ? null : (parseJson(text.slice(start)) ?? null)
  const nodes = isMap(parsed as Value) ? (parsed as Record<string, Value>)['nodes'] : null
  const node = isMap(nodes ?? null) ? (nodes as Record<string, Value>)[name] : null
  return isMap(node ?? null) ? (node as Readonly<Record<string, Value>>) : null
}
