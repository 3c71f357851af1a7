import type { LocatedEntry } from '../source/located.ts'
import { report, type Loading } from './load-context.ts'
import { readText } from './typed-entries.ts'

/** Checks `requires:` of a playbook: the versions of trueup that it is written for. */
export async function checkRequires(
  loading: Loading,
  entry: LocatedEntry | undefined,
): Promise<void> {
  const range = readText(loading, entry)
  if (!entry || range === undefined) return
  // It compiles its patterns when it is loaded, and few playbooks ask for it.
  const { coerce, satisfies, validRange } = await import('semver')
  const at = entry.value.at
  if (validRange(range) === null)
    report(loading, {
      code: 'playbook/requires',
      message: `'${range}' is not a range of versions`,
      at,
      hint: 'write requires: ">=0.3", or requires: "^1.2"',
    })
  else if (
    !satisfies(coerce(loading.version) ?? loading.version, range, { includePrerelease: true })
  )
    report(loading, {
      code: 'playbook/requires',
      message: `this playbook requires trueup ${range}, and this is ${loading.version}`,
      at,
      hint: 'run it with a version that it is written for: trueup --version',
    })
}
