/** What an outcome means for its host, and for the run. */
export interface OutcomeMeaning {
  /** For the manual. */
  readonly means: string
  /** The host is one of `@failed`, and the run ends with exit 1, unless the failure is ignored or rescued. */
  readonly fails: boolean
  /** The host is one of `@changed`. */
  readonly changes: boolean
  /** A plan with it ends with exit 2. */
  readonly pending: boolean
  /** How the host leaves the play after it; null: it goes on. */
  readonly leaves: 'failed' | 'unreachable' | 'stopped' | null
}

const calm = { fails: false, changes: false, pending: false, leaves: null } as const

/** Every outcome of a task on a host, the worst first. Recap, run log, `@failed`, exit codes and the manual are made from it. */
export const outcomeTable = {
  unreachable: {
    ...calm,
    means: 'The host, or a service that the task needs, did not answer. The host leaves the run.',
    fails: true,
    leaves: 'unreachable',
  },
  failed: {
    ...calm,
    means: 'The task failed. The host leaves the run, unless the failure is ignored or rescued.',
    fails: true,
    leaves: 'failed',
  },
  interrupted: {
    ...calm,
    means:
      'A person or a signal ended the run while the task waited or acted. The host has not failed.',
    leaves: 'stopped',
  },
  unknown: {
    ...calm,
    means: 'In a plan: it depends on something that a pending change, or a person, decides.',
    pending: true,
  },
  'would change': {
    ...calm,
    means: 'In a plan: a run would change it.',
    changes: true,
    pending: true,
  },
  changed: { ...calm, means: 'It was not as wanted, and now it is.', changes: true },
  ok: { ...calm, means: 'It was as wanted already, or it was read.' },
  skipped: { ...calm, means: 'A condition left the task out.' },
} as const satisfies Readonly<Record<string, OutcomeMeaning>>

/** What became of a task on a host. */
export type Outcome = keyof typeof outcomeTable

/** All outcomes, the worst first. */
export const outcomes = Object.keys(outcomeTable) as readonly Outcome[]

/** The worst of some outcomes; null of none. */
export function worstOf(found: Iterable<Outcome>): Outcome | null {
  const held = new Set(found)
  return outcomes.find((each) => held.has(each)) ?? null
}
