import { isMap, type Value, type ValueMap } from '../../contract/value.ts'
import { given, textAt, valueAt } from '../service-answers.ts'

/** The params of a task that make an action what it is. */
export interface ActionWish {
  readonly name: string
  readonly xnames?: readonly string[] | undefined
  readonly device_types?: readonly string[] | undefined
  readonly groups?: readonly string[] | undefined
  readonly manufacturer?: string | undefined
  readonly model?: string | undefined
  readonly targets?: readonly string[] | undefined
  readonly image?: string | undefined
  readonly version?: string | undefined
  readonly tag: string
  readonly restore_not_possible_override: boolean
  readonly overwrite_same_image: boolean
}

/** The request for an action. Its description is the name by which it is found again. */
export function actionBody(
  wish: ActionWish,
  { updates, seconds }: { readonly updates: boolean; readonly seconds: number },
): ValueMap {
  return given({
    stateComponentFilter: given({
      xnames: wish.xnames,
      deviceTypes: wish.device_types,
      groups: wish.groups,
    }),
    inventoryHardwareFilter: filledOrNone({ manufacturer: wish.manufacturer, model: wish.model }),
    targetFilter: filledOrNone({ targets: wish.targets }),
    imageFilter: filledOrNone({ imageID: wish.image }),
    command: {
      version: wish.image === undefined ? (wish.version ?? 'latest') : 'explicit',
      tag: wish.tag,
      overrideDryrun: updates,
      restoreNotPossibleOverride: wish.restore_not_possible_override,
      overwriteSameImage: wish.overwrite_same_image,
      timeLimit: seconds,
      description: wish.name,
    },
  })
}

function filledOrNone(fields: { readonly [field: string]: unknown }): ValueMap | undefined {
  const filled = given(fields)
  return Object.keys(filled).length > 0 ? filled : undefined
}

const noImage = '00000000-0000-0000-0000-000000000000'

/** In what an action that FAS has differs from the one that a task means; null where in nothing. */
export function differenceOf(wish: ActionWish, record: ValueMap): string | null {
  const held = record['parameters']
  const said: readonly (readonly [string, Value | undefined, readonly string[] | string])[] = [
    ['xnames', valueAt(held, 'stateComponentFilter', 'xnames'), wish.xnames ?? []],
    ['device_types', valueAt(held, 'stateComponentFilter', 'deviceTypes'), wish.device_types ?? []],
    ['groups', valueAt(held, 'stateComponentFilter', 'groups'), wish.groups ?? []],
    ['targets', valueAt(held, 'targetFilter', 'targets'), wish.targets ?? []],
    [
      'manufacturer',
      valueAt(held, 'inventoryHardwareFilter', 'manufacturer'),
      wish.manufacturer ?? '',
    ],
    ['model', valueAt(held, 'inventoryHardwareFilter', 'model'), wish.model ?? ''],
    ['tag', valueAt(held, 'command', 'tag'), wish.tag],
    ['image', imageIn(held), wish.image ?? ''],
    [
      'version',
      valueAt(held, 'command', 'version'),
      wish.image === undefined ? (wish.version ?? 'latest') : 'explicit',
    ],
  ]
  const other = said.find(([, is, wanted]) => !alike(is, wanted))?.[0]
  if (other !== undefined) return other
  const flags = [
    ['restore_not_possible_override', 'restoreNotPossibleOverride'],
    ['overwrite_same_image', 'overwriteSameImage'],
  ] as const
  return (
    flags.find(([param, key]) => (valueAt(held, 'command', key) === true) !== wish[param])?.[0] ??
    null
  )
}

function imageIn(held: Value | undefined): string {
  const image = textAt(held, 'imageFilter', 'imageID') ?? ''
  return image === noImage ? '' : image
}

// What is empty is left out of an answer, and lists have no order.
function alike(is: Value | undefined, wanted: readonly string[] | string): boolean {
  if (typeof wanted === 'string') return (typeof is === 'string' ? is : '') === wanted
  const held = Array.isArray(is) ? is.map((each) => String(each).toLowerCase()) : []
  const sought = wanted.map((each) => each.toLowerCase())
  return held.length === sought.length && sought.every((each) => held.includes(each))
}

/** The newest action of a list that has this name; `updates`: it overrides the dry run. */
export function newestAction(
  list: Value | undefined,
  name: string,
  updates: boolean,
): ValueMap | undefined {
  const actions = valueAt(list, 'actions')
  return (Array.isArray(actions) ? actions : [])
    .filter(isMap)
    .filter(
      (each) =>
        textAt(each, 'command', 'description') === name &&
        (valueAt(each, 'command', 'overrideDryrun') === true) === updates,
    )
    .toSorted((a, b) =>
      (textAt(a, 'startTime') ?? '') < (textAt(b, 'startTime') ?? '') ? 1 : -1,
    )[0]
}
