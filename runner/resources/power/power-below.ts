import type { Value } from '../../contract/value.ts'
import { mapsAt, textAt } from '../service-answers.ts'
import { powerOf } from './power-transitions.ts'

/** The kinds of components that feed others with power. */
export const feederTypes: ReadonlySet<string> = new Set([
  'Chassis',
  'ComputeModule',
  'RouterModule',
])

/** What a slot or a chassis feeds. */
interface Fed {
  readonly power: Readonly<Record<string, string>>
  /** Those that have power. */
  readonly on: readonly string[]
  readonly locked: readonly string[]
}

/** The names of what lies below a component in HSM's answer, sorted. */
export function namesBelow(json: Value | undefined, xname: string): readonly string[] {
  return mapsAt(json, 'Components')
    .map((each) => textAt(each, 'ID') ?? '')
    .filter((each) => each !== '' && each !== xname)
    .toSorted()
}

/**
 * What a component feeds, by the answers of HSM and PCS; null where they were not asked. Where the feeder is off, the controllers
 * below it do not answer: what PCS cannot tell is off too. HSM holds for Empty what was taken out, and also what runs below a controller
 * that it does not ask: PCS alone says whether that has power, and nothing is to be switched on there.
 */
export function fedFrom(
  below: Value | undefined,
  status: Value | undefined,
  xname: string,
  isOff: boolean,
): Fed | null {
  if (below === undefined) return null
  const names = namesBelow(below, xname)
  const states = mapsAt(status, 'status')
  const powers = Object.fromEntries(
    names.map((each) => {
      const state = states.find((row) => textAt(row, 'xname') === each)
      const its = powerOf(textAt(state, 'powerState'))
      return [each, isOff && its === 'undefined' ? 'off' : its]
    }),
  )
  const isRow = (xnameOf: string, field: string, value: Value): boolean =>
    mapsAt(below, 'Components').some((row) => row['ID'] === xnameOf && row[field] === value)
  return {
    power: Object.fromEntries(
      Object.entries(powers).filter(
        ([each, its]) => its === 'on' || !isRow(each, 'State', 'Empty'),
      ),
    ),
    on: names.filter((each) => powers[each] === 'on'),
    locked: names.filter((each) => isRow(each, 'Locked', true)),
  }
}
