import { didYouMean, nearest } from '../source/suggest.ts'
import { taskHints } from './keywords.ts'

/** The hint for an unknown type: the type that does what a module of Ansible does, else a type with a similar name. */
export function typeHint(name: string, types: ReadonlyMap<string, unknown>): string {
  const module = name.slice(name.lastIndexOf('.') + 1)
  const meant = types.has(module) ? module : typeNamedFor(module)
  if (meant !== null && types.has(meant)) return `trueup types ${meant}`
  return nearest(name, types.keys()) === null
    ? 'trueup types lists them all'
    : didYouMean(name, types.keys())
}

/** The type that the hint for a module names, beside the keywords that it may name too. */
function typeNamedFor(module: string): string | null {
  if (!Object.hasOwn(taskHints, module)) return null
  const withoutKeywords = taskHints[module]!.replace(
    /`(?:ensure|require|wait|read|run|confirm|include|vars|loop)\b[^`]*`/g,
    '',
  )
  return /`(\w+):[ `]/.exec(withoutKeywords)?.[1] ?? null
}
