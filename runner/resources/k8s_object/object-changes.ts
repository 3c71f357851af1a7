import { exec, refuse, type Action, type Change } from '../../contract/change.ts'
import type { ValueMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { kubectl } from '../kubernetes.ts'
import { refused } from '../refused.ts'

type Field = 'exists' | 'fields'

interface Wish {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly fields?: ValueMap | undefined
  readonly api_version?: string | undefined
  readonly take_over: boolean
  readonly state: 'present' | 'absent'
}
interface Current {
  readonly exists: boolean | null
  readonly appliers: readonly string[] | null
  readonly patch: object | null
}

/** What creates, changes or deletes an object; or why that is refused. */
export function objectChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  { exists, appliers, patch }: Current,
): readonly Change<Field>[] {
  const { kind, namespace, name, take_over, state } = wish
  if (state === 'absent')
    return [
      {
        title: `delete the ${kind} ${name}`,
        repairs: ['exists'],
        effect: 'destroys',
        guard: ['parts'],
        actions: [exec(kubectl(namespace, 'delete', kind, name, '--ignore-not-found'))],
      },
    ]
  const repairs = drifted(diff, ['exists', 'fields'])
  if (!exists)
    return [{ title: `create the ${kind} ${name}`, repairs, actions: [creationOf(wish)] }]
  if (appliers!.length > 0 && !take_over)
    return refused(
      `change the ${kind} ${name}`,
      repairs,
      `${appliers!.join(' and ')} applies these fields, and would set them back`,
      'change them there; or add `take_over: true` where it is right that the two disagree',
    )
  const words = [
    ...kubectl(namespace, 'patch', kind, name, '--type', 'merge'),
    ...['--field-manager', 'trueup', '--patch-file', '/dev/stdin'],
  ]
  return [
    {
      title: `change the ${kind} ${name}`,
      repairs,
      effect: 'replaces',
      guard: ['parts'],
      actions: [exec(words, { stdin: JSON.stringify(patch) })],
    },
  ]
}

function creationOf({ kind, namespace, name, fields = {}, api_version }: Wish): Action {
  if (api_version === undefined)
    return refuse(
      `${namespace} has no ${kind} ${name}, and the task gives no api_version to create it with`,
      `look for it with \`kubectl get ${kind} --all-namespaces\`, or add \`api_version\``,
    )
  const object = {
    apiVersion: api_version,
    kind: kind.split('.')[0]!,
    ...fields,
    metadata: { ...(fields['metadata'] as ValueMap | undefined), name },
  }
  return exec(kubectl(namespace, 'create', '--field-manager', 'trueup', '-f', '-'), {
    stdin: JSON.stringify(object),
  })
}
