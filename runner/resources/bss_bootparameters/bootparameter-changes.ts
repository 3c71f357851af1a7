import type { Change } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'
import { given } from '../service-answers.ts'
import { timesIn, withParameters } from './kernel-parameters.ts'

type Field = 'exists' | 'kernel' | 'initrd' | 'params' | 'parameters'
const fields: readonly Field[] = ['exists', 'kernel', 'initrd', 'params', 'parameters']

interface Wish {
  readonly name?: string | undefined
  readonly mac?: string | undefined
  readonly nid?: number | undefined
  readonly kernel?: string | undefined
  readonly initrd?: string | undefined
  readonly params?: string | undefined
  readonly parameters?: { readonly [name: string]: string } | undefined
  readonly without?: readonly string[] | undefined
  readonly state: 'present' | 'absent'
}
interface Current {
  readonly exists: boolean | null
  readonly params: string | null
  readonly kept_as: string | null
}

/** The parameters that a task names: those that must be there with their values, and null for those that must not. */
export function namedParameters({
  parameters,
  without,
}: Pick<Wish, 'parameters' | 'without'>): { readonly [name: string]: string | null } | undefined {
  if (parameters === undefined && without === undefined) return undefined
  return Object.fromEntries<string | null>([
    ...(without ?? []).map((each) => [each, null] as const),
    ...Object.entries(parameters ?? {}),
  ])
}

/** What makes, changes or removes a record of BSS; or why that is refused. */
export function bootParameterChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const called = wish.name ?? wish.mac ?? `nid ${wish.nid}`
  const repairs = drifted(diff, fields)
  if (wish.state === 'absent') return [removal(called, current.kept_as ?? called)]
  return current.exists
    ? changed(diff, wish, current, { called, repairs })
    : made(wish, { called, repairs })
}

interface Target {
  readonly called: string
  readonly repairs: readonly Field[]
}

function removal(called: string, keptAs: string): Change<Field> {
  return {
    title: `remove the boot parameters of ${called}`,
    repairs: ['exists'],
    effect: 'destroys',
    guard: ['record'],
    actions: [
      {
        do: 'http',
        service: 'bss',
        method: 'DELETE',
        path: '/bootparameters',
        body: { hosts: [keptAs] },
        statuses: [200, 400],
      },
    ],
  }
}

// BSS does not complete a record from that of the role or `Default`: a part of one would be a node that does not boot.
function made(wish: Wish, { called, repairs }: Target): readonly Change<Field>[] {
  const { name, mac, nid, kernel, initrd } = wish
  const title = `make boot parameters for ${called}`
  const params = withParameters(wish.params ?? '', namedParameters(wish) ?? {})
  if (kernel === undefined || params === '')
    return refused(
      title,
      repairs,
      `BSS has no boot parameters for ${called}, and the task does not give all that a node needs to boot`,
      'add `kernel:`, `params:` and mostly `initrd:`: what is left out is not taken from `Default` or from the role',
    )
  return [
    {
      title,
      repairs,
      actions: [
        {
          do: 'http',
          service: 'bss',
          method: 'POST',
          path: '/bootparameters',
          body: given({
            hosts: name === undefined ? undefined : [name],
            macs: mac === undefined ? undefined : [mac],
            nids: nid === undefined ? undefined : [nid],
            params,
            kernel,
            initrd,
          }),
          statuses: [201],
        },
      ],
    },
  ]
}

function changed(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  { params: old, kept_as }: Current,
  { called, repairs }: Target,
): readonly Change<Field>[] {
  const { kernel, initrd } = wish
  const title = `change the boot parameters of ${called}`
  const named = namedParameters(wish) ?? {}
  const twice = Object.keys(named).find(
    (each) => named[each] !== null && timesIn(old ?? '', each) > 1,
  )
  if (diff.parameters && twice !== undefined)
    return refused(
      title,
      repairs,
      `${twice} stands ${timesIn(old ?? '', twice)} times in the command line of ${called}, and one value would take the place of all`,
      'write the whole command line with `params:`',
    )
  const params = diff.params
    ? wish.params
    : diff.parameters
      ? withParameters(old ?? '', named)
      : undefined
  if (params === '')
    return refused(
      title,
      repairs,
      `nothing would be left of the command line of ${called}, and BSS takes an empty one for none given`,
      'leave a parameter, or remove the record with `state: absent`',
    )
  return [
    {
      title,
      repairs,
      effect: 'replaces',
      guard: ['record'],
      actions: [
        {
          do: 'http',
          service: 'bss',
          method: 'PATCH',
          path: '/bootparameters',
          body: given({
            // By the name that the record has: a MAC address that HSM does not know would change the kernel's own parameters.
            hosts: [kept_as ?? called],
            params,
            kernel: diff.kernel ? kernel : undefined,
            initrd: diff.initrd ? initrd : undefined,
          }),
          statuses: [200],
        },
      ],
    },
  ]
}
