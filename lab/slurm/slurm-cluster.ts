/** A job that runs on a node of the simulated Slurm. */
export interface Job {
  readonly id: number
  readonly user: string
  readonly node: string
  readonly name: string
  readonly started: number
  /** When it ends by itself; null where only scancel ends it. */
  readonly ends: number | null
}

/** Why a node gets no jobs. */
interface Drain {
  readonly reason: string
  readonly user: string
  readonly at: number
}

/** The simulated Slurm: its nodes, those that are drained, and what runs on them. It outlives every node. */
export interface SlurmCluster {
  /** Its nodes, by name. */
  readonly nodes: readonly string[]
  readonly drained: Map<string, Drain>
  /** Jobs that have not ended. */
  jobs(): readonly Job[]
  /** Starts a job; null where the node gets none. */
  submit(job: Pick<Job, 'user' | 'node' | 'name'> & { readonly seconds: number | null }): Job | null
  /** Ends a job; says whether it ran. */
  cancel(id: number): boolean
  now(): number
}

/** A Slurm with these nodes, on the clock of the lab. */
export function makeSlurm(nodes: readonly string[], now: () => number): SlurmCluster {
  let jobs: readonly Job[] = []
  let last = 100
  const drained = new Map<string, Drain>()
  return {
    nodes,
    drained,
    now,
    jobs() {
      jobs = jobs.filter(({ ends }) => ends === null || ends > now())
      return jobs
    },
    submit({ seconds, ...job }) {
      if (drained.has(job.node)) return null
      last += 1
      const started = now()
      const made = {
        ...job,
        id: last,
        started,
        ends: seconds === null ? null : started + seconds * 1000,
      }
      jobs = [...jobs, made]
      return made
    },
    cancel(id) {
      const before = jobs.length
      jobs = jobs.filter((job) => job.id !== id)
      return jobs.length < before
    },
  }
}
