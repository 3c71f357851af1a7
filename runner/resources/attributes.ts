import type { Change } from '../contract/change.ts'
import type { StatReading } from '../contract/probe.ts'
import { withoutStranger } from './stranger.ts'

/** The params that every file-like type has. */
export const attributeParams = {
  owner: {
    type: 'string',
    pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
    description: 'Owner: a name, or a number as text. Left out: left alone.',
  },
  group: {
    type: 'string',
    pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
    description: 'Group: a name, or a number as text. Left out: left alone.',
  },
  mode: {
    type: 'string',
    format: 'mode',
    description: "Permissions in octal, as text: `'0644'`. Left out: left alone.",
    examples: ['0644', '1777'],
  },
} as const

/** The state fields that belong to them. */
export const attributeFields = {
  owner: { type: 'string', description: 'Owner, as a number when the task gives a number.' },
  group: { type: 'string', description: 'Group, as a number when the task gives a number.' },
  mode: { type: 'string', description: 'Permissions in four octal digits.' },
} as const

interface Attributes {
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mode?: string | undefined
}
type Observed = { readonly [name in keyof Attributes]-?: string | null }

/** Owner, group and mode of what is there, in the form that the task uses. */
export function attributesOf(at: StatReading, { owner, group }: Attributes): Observed {
  if (!at.exists) return { owner: null, group: null, mode: null }
  return {
    owner: isNumber(owner) ? String(at.uid) : at.owner,
    group: isNumber(group) ? String(at.gid) : at.group,
    mode: at.mode,
  }
}

/** What repairs a drift of owner, group or mode of something that is there. Its probe `at` is the one that saw it. */
export function attributeChanges(
  diff: { readonly owner?: unknown; readonly group?: unknown; readonly mode?: unknown },
  path: string,
  { owner, group, mode }: Attributes,
  stranger: string | null,
): readonly Change<'owner' | 'group' | 'mode'>[] {
  const repairs = drifted(diff, ['owner', 'group', 'mode'])
  if (repairs.length === 0) return []
  const action = { do: 'attributes' as const, path, seenBy: 'at' }
  if (!diff.owner && !diff.group)
    return [
      { title: `set the mode of ${path} to ${mode}`, repairs, actions: [{ ...action, mode }] },
    ]
  // A change of owner takes setuid bits away: a mode that the task gives is set behind it, whether it differed before or not.
  return [
    {
      title: `give ${path} to ${[owner, group].filter(Boolean).join(':')}${diff.mode ? ` and set its mode to ${mode}` : ''}`,
      repairs,
      actions: [...withoutStranger(stranger), { ...action, owner, group, mode }],
    },
  ]
}

/** Those of the named fields that drift. */
export function drifted<const F extends string>(
  diff: { readonly [field in F]?: unknown },
  fields: readonly F[],
): F[] {
  return fields.filter((field) => diff[field] !== undefined)
}

function isNumber(name: string | undefined): boolean {
  return name !== undefined && /^\d+$/.test(name)
}
