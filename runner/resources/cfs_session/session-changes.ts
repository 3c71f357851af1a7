import { refuse, type Change, type RefuseAction } from '../../contract/change.ts'
import type { ValueMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { given } from '../service-answers.ts'
import { jobChanges, type Stage } from '../service-job.ts'

type Field = 'outcome' | 'configuration'

interface Wish {
  readonly name: string
  readonly configuration_name?: string | undefined
  readonly configuration_limit?: string | undefined
  readonly ansible_limit?: string | undefined
  readonly ansible_verbosity?: number | undefined
  readonly target?: object | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}
interface Current {
  readonly outcome: Stage | null
  readonly configuration: string | null
  readonly logs: string | null
}
type Differences = { readonly [F in Field]?: unknown }

/** What creates a session and waits for it; or why that is refused. */
export function sessionChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { name } = wish
  const called = `the session ${name}`
  const remove = `delete it with \`cray cfs v3 sessions delete ${name}\`, or take another name`
  return jobChanges({
    called,
    title: `create ${called}`,
    repairs: drifted(diff, ['outcome', 'configuration']),
    stage: current.outcome!,
    // 409: the same request was sent before and its answer was lost. What is read back tells whose session it is.
    create: {
      do: 'http',
      service: 'cfs',
      method: 'POST',
      path: '/v3/sessions',
      body: bodyOf(wish),
      statuses: [200, 201, 409],
    },
    objection: objectionTo(diff, wish, current, remove),
    trouble:
      current.outcome === 'failed'
        ? `${called} has failed${current.logs === null ? '' : `; its logs: ${current.logs}`}`
        : `CFS does not know what became of ${called}: its Kubernetes job is gone`,
    remedy: current.outcome === 'failed' ? `fix the cause, then ${remove}` : remove,
  })
}

function objectionTo(
  diff: Differences,
  { name, configuration_name }: Wish,
  { outcome, configuration }: Current,
  remove: string,
): RefuseAction | null {
  if (diff.configuration !== undefined && outcome !== 'none')
    return refuse(
      `there is a session ${name} already, for the configuration ${configuration}`,
      remove,
    )
  return outcome === 'none' && configuration_name === undefined
    ? refuse(
        `the session ${name} does not exist, and the task gives no configuration`,
        'add `configuration_name:` to the task',
      )
    : null
}

function bodyOf(wish: Wish): ValueMap {
  return {
    name: wish.name,
    configuration_name: wish.configuration_name ?? '',
    ...given({
      configuration_limit: wish.configuration_limit,
      ansible_limit: wish.ansible_limit,
      ansible_verbosity: wish.ansible_verbosity,
      target: wish.target,
      tags: wish.tags,
    }),
  }
}
