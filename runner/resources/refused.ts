import { refuse, type Change, type RefuseAction } from '../contract/change.ts'

/** The one change of a drift that a type does not repair: why, and what to do instead. */
export function refused<const F extends string>(
  title: string,
  repairs: readonly F[],
  because: string,
  instead: string,
): readonly (Change<F> & { readonly actions: readonly [RefuseAction] })[] {
  return [{ title, repairs, actions: [refuse(because, instead)] }]
}
