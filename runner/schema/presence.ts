import type { ParamsSchema } from '../contract/param-schema.ts'

/** A param that is missing, or one too many. */
export interface PresenceFault {
  readonly code: 'param/missing' | 'param/together'
  readonly message: string
  readonly hint: string
  /** The given param that it is about; null where it is about the whole map. */
  readonly param: string | null
}

/** Which params are given. */
export interface Presence {
  /** As messages call the type. */
  readonly name: string
  readonly given: ReadonlySet<string>
  /** Given under another name: a mistake that was reported already. */
  readonly meant?: ReadonlySet<string>
  /** `read` needs only what says which thing is meant. */
  readonly onlyIdentity: boolean
}

/** What the schema of params says about their presence, and does not hold. */
export function presenceFaults(params: ParamsSchema, presence: Presence): readonly PresenceFault[] {
  return [
    ...missingParams(params, presence),
    ...tooMany(params, presence),
    ...missingChoices(params, presence),
    ...missingBeside(params, presence),
  ]
}

function has({ given, meant }: Presence, name: string): boolean {
  return given.has(name) || meant?.has(name) === true
}

function missingParams(
  { required = [], properties }: ParamsSchema,
  presence: Presence,
): readonly PresenceFault[] {
  return required
    .filter((name) => !has(presence, name))
    .filter((name) => !presence.onlyIdentity || properties[name]?.identity)
    .map((name) => ({
      code: 'param/missing',
      message: `${presence.name} needs '${name}'`,
      hint: `add \`${name}:\` (${properties[name]?.description ?? ''})`,
      param: null,
    }))
}

function tooMany(
  { exactlyOne = [], atMostOne = [] }: ParamsSchema,
  presence: Presence,
): readonly PresenceFault[] {
  return [...exactlyOne, ...atMostOne].flatMap((group): readonly PresenceFault[] => {
    const found = group.filter((name) => has(presence, name))
    if (found.length < 2) return []
    return [
      {
        code: 'param/together',
        message: `${presence.name} takes only one of ${group.join(', ')}`,
        hint: `remove all but one of ${found.join(', ')}`,
        param: found.slice(0, 2).findLast((name) => presence.given.has(name)) ?? null,
      },
    ]
  })
}

function missingChoices(
  { exactlyOne = [], properties }: ParamsSchema,
  presence: Presence,
): readonly PresenceFault[] {
  return exactlyOne
    .filter((group) => !group.some((name) => has(presence, name)))
    .filter((group) => !presence.onlyIdentity || group.every((name) => properties[name]?.identity))
    .map((group) => ({
      code: 'param/missing',
      message: `${presence.name} needs one of ${group.join(', ')}`,
      hint: `add \`${group[0]!}:\``,
      param: null,
    }))
}

function missingBeside({ needs = {} }: ParamsSchema, presence: Presence): readonly PresenceFault[] {
  return Object.entries(needs)
    .filter(([name]) => presence.given.has(name))
    .flatMap(([name, others]) =>
      others
        .filter((other) => !has(presence, other))
        .map((other) => ({
          code: 'param/missing' as const,
          message: `'${name}' needs '${other}' beside it`,
          hint: `add \`${other}:\``,
          param: name,
        })),
    )
}
