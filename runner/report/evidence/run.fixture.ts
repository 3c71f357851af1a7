import type { Event, OutcomeEvent } from '../../model/event.ts'
import type { Header } from '../../model/record.ts'
import { label, storyOf, type Said } from '../events.fixture.ts'
import type { RecordedRun } from './evidence.ts'

/** The header of a run, as a log begins. */
export const header: Header = {
  type: 'header',
  format: 'trueup-run',
  version: 2,
  run: '20261130-062845-097b399',
  at: 1_000_000,
  trueup: '0.1.0',
  user: 'alice',
  controller: 'ncn-m001',
  pid: 1,
  began: null,
  mode: 'run',
  plan: null,
  resumes: null,
  playbook: {
    file: '/playbooks/b.yaml',
    title: 'The playbook',
    sources: [{ file: '/playbooks/b.yaml', sha256: 'e94b7c148798e7bd' }],
    tasks: [],
  },
  inventory: {
    paths: ['/inventory'],
    files: [{ file: '/inventory/hosts.yaml', sha256: '77aa00' }],
  },
  inputs: { release: '1.7' },
  secretInputs: ['token'],
  limit: null,
  tags: null,
  skipTags: null,
}

/** A run of these events. */
export function runOf(events: readonly Event[], more: Partial<RecordedRun> = {}): RecordedRun {
  return {
    header,
    records: events.filter(({ type }) => type !== 'task-started' && type !== 'task-progress'),
    state: 'ended',
    owed: new Map(),
    begun: [],
    next: null,
    ...more,
  }
}

/** The names of a fleet of nodes. */
export function nodes(cabinets: number, perCabinet = 100): readonly string[] {
  return Array.from({ length: cabinets * perCabinet }, (_, at) => {
    const [cabinet, rest] = [Math.floor(at / perCabinet), at % perCabinet]
    const [chassis, slot, node] = [Math.floor(rest / 20), Math.floor((rest % 20) / 4), rest % 4]
    return `x${1000 + cabinet}c${chassis}s${slot}b${node >> 1}n${node & 1}`
  })
}

/** A run over a fleet as it is: every outcome at another time, with a queue, hosts that fail and exchanges. */
export function fleetRun(hosts: readonly string[], tasks: number): RecordedRun {
  let seed = 7
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  const labels = Array.from({ length: tasks }, (_, at) =>
    label(`the node has its part ${at} of the release`, { id: `p1.t${at}` }),
  )
  const [started, begun, , , over] = storyOf({ hosts, tasks: labels }, [])
  const middle: Event[] = []
  for (const [number, host] of hosts.entries()) {
    let at = 1_000_000 + number * 37
    for (const [place, { id }] of labels.entries()) {
      const isBad = host.includes('s3b') && place === tasks - 1
      const seconds = Math.round(random() * 4000) / 1000
      const queued = place === 0 ? number / 10 : 0
      at += (seconds + queued) * 1000
      middle.push(outcome(host, id, Math.round(at), seconds, isBad, queued))
      middle.push(exchange(host, Math.round(at), seconds))
    }
    middle.push({ type: 'host-left', at, play: 0, host, how: 'done' } as never)
  }
  return runOf([started!, begun!, ...middle, { ...over!, at: 2_000_000 } as Event])
}

function outcome(
  host: string,
  task: string,
  at: number,
  seconds: number,
  isBad: boolean,
  queued: number,
): OutcomeEvent {
  const said: Said = isBad
    ? {
        outcome: 'failed',
        error: {
          code: 'run/required',
          message: `this does not hold: memory.rc == 0 (memory.rc is 1 on ${host})`,
          at: { file: '/playbooks/b.yaml', line: 9, column: 9, source: '  that: memory.rc == 0' },
        },
      }
    : { outcome: task.endsWith('t1') ? 'changed' : 'ok' }
  const changed = {
    changes: [{ title: `write /etc/${host}`, effect: 'replaces' as const, actions: ['write'] }],
    diff: { content: { from: 'release 1.6\n', to: `release 1.7\nnode ${host}\n` } },
  }
  return {
    type: 'outcome',
    at,
    play: 0,
    task,
    host,
    basis: 'known',
    seconds,
    ...(queued > 0 ? { queued } : {}),
    ...said,
    ...(said.outcome === 'changed' ? changed : {}),
  }
}

function exchange(host: string, at: number, seconds: number): Event {
  return {
    type: 'exchange',
    at,
    play: 0,
    connection: `host ${host}`,
    user: '-',
    probes: 3,
    actions: 0,
    scripts: 1,
    requests: 0,
    bytesSent: 1000 + (at % 97),
    bytesReceived: 2000 + (at % 89),
    seconds,
    connecting: 0.1,
  }
}
