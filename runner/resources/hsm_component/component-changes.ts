import type { Change, HttpAction } from '../../contract/change.ts'
import { refused } from '../refused.ts'
import { kindOf } from '../hsm-queries.ts'

/** What was read of a component. */
export interface Current {
  readonly known: boolean | null
  readonly role: string | null
  readonly subrole: string | null
}
interface Wish {
  readonly xname: string
  readonly enabled?: boolean | undefined
  readonly role?: unknown
  readonly subrole?: unknown
}
type Field =
  'known' | 'state' | 'flag' | 'enabled' | 'locked' | 'role' | 'subrole' | 'arch' | 'class'
type Repair = Change<Field>
type Drifted = { readonly [F in Field]?: unknown }

/** How HSM's record of a component is written; or why it is not. */
export function componentChanges(diff: Drifted, wish: Wish, current: Current): readonly Repair[] {
  const { xname } = wish
  const drifted = Object.keys(diff) as Field[]
  if (!current.known)
    return refused(
      `find ${xname} in HSM`,
      drifted,
      `HSM knows no component ${xname}`,
      `look at it with \`cray hsm state components list --type ${kindOf(xname)}\`, and discover its controller`,
    )
  const found = drifted.filter(isFound)
  if (found.length > 0)
    return refused(
      `leave ${xname} as HSM found it`,
      drifted,
      `${found.join(', ')} of ${xname}: HSM finds it out, and it is not written`,
      'compare it with `require`, or wait for it with `wait`',
    )
  const matched = (['role', 'subrole'] as const).filter((each) => diff[each] && !isText(wish[each]))
  if (matched.length > 0)
    return refused(
      `give ${xname} a ${matched[0]!}`,
      drifted,
      `more than one ${matched[0]!} would do, and it has none of them`,
      `write the one that it is to have: \`${matched[0]!}: Compute\``,
    )
  return [...(diff.enabled ? [enabling(wish)] : []), ...roleChange(diff, wish, current)]
}

const written: ReadonlySet<Field> = new Set(['enabled', 'role', 'subrole'])

function isFound(field: Field): boolean {
  return !written.has(field)
}

function enabling({ xname, enabled }: Wish): Repair {
  return {
    title: `${enabled ? 'enable' : 'disable'} ${xname} in HSM`,
    repairs: ['enabled'],
    effect: 'replaces',
    guard: ['component'],
    actions: [patch(`/State/Components/${xname}/Enabled`, { Enabled: enabled === true })],
  }
}

// HSM takes a subrole away that is not written with the role.
function roleChange({ role, subrole }: Drifted, wish: Wish, current: Current): readonly Repair[] {
  const repairs = [...(role ? (['role'] as const) : []), ...(subrole ? (['subrole'] as const) : [])]
  if (repairs.length === 0) return []
  const its = isText(wish.role) ? wish.role : (current.role ?? '')
  const under = isText(wish.subrole) ? wish.subrole : (current.subrole ?? '')
  const words = under === '' ? its : `${its} ${under}`
  return [
    {
      title: `make ${wish.xname} ${words} in HSM`,
      repairs,
      effect: 'replaces',
      guard: ['component'],
      actions: [
        patch(`/State/Components/${wish.xname}/Role`, {
          Role: its,
          ...(under === '' ? {} : { SubRole: under }),
        }),
      ],
    },
  ]
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function patch(path: string, body: HttpAction['body'] & object): HttpAction {
  return { do: 'http', service: 'hsm', method: 'PATCH', path, body, statuses: [204] }
}
