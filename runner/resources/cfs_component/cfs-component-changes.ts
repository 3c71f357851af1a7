import type { Change } from '../../contract/change.ts'
import { refused } from '../refused.ts'
import { given } from '../service-answers.ts'

interface Wish {
  readonly xname: string
  readonly configuration?: string | undefined
  readonly enabled?: boolean | undefined
}
interface Current {
  readonly known: boolean | null
  readonly exists: boolean | null
}
type Field = 'known' | 'configuration' | 'enabled' | 'errors' | 'status'
type Drifted = { readonly [F in Field]?: unknown }

/** How CFS's record of a node is written; or why it is not. */
export function componentChanges(
  diff: Drifted,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { xname, configuration } = wish
  const repairs = Object.keys(diff) as Field[]
  if (!current.known)
    return refused(
      `find ${xname} in CFS`,
      repairs,
      `CFS knows no component ${xname}`,
      'CFS takes nodes over from HSM within minutes; look with `cray cfs v3 components list`',
    )
  if (diff.status)
    return refused(
      `leave the configuration of ${xname} to CFS`,
      repairs,
      `how far CFS is with ${xname} is what CFS finds out, and is not written`,
      'compare it with `require`, or wait for it with `wait`',
    )
  if (diff.configuration && current.exists === false)
    return refused(
      `have CFS configure ${xname}`,
      repairs,
      `CFS has no configuration ${configuration}, and would take its name all the same`,
      'make it with `cfs_configuration`; `cray cfs v3 configurations list` shows those that are there',
    )
  return [
    {
      title: titleOf(diff, wish),
      repairs,
      effect: 'replaces',
      guard: ['component'],
      actions: [
        {
          do: 'http',
          service: 'cfs',
          method: 'PATCH',
          path: `/v3/components/${xname}`,
          body: given({
            desired_config: diff.configuration ? configuration : undefined,
            enabled: diff.enabled ? wish.enabled : undefined,
            error_count: diff.errors ? 0 : undefined,
          }),
          statuses: [200],
        },
      ],
    },
  ]
}

function titleOf(diff: Drifted, { xname, configuration, enabled }: Wish): string {
  if (diff.configuration)
    return configuration === ''
      ? `take the configuration of ${xname} away`
      : `have CFS give ${xname} the configuration ${configuration}`
  if (diff.enabled)
    return `have CFS ${enabled ? 'configure' : 'leave'} ${xname}${enabled ? '' : ' alone'}`
  return `have CFS try ${xname} again`
}
