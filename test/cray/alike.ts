/** What stands for any text of a form in the page's output. */
const forms: Readonly<Record<string, RegExp>> = {
  id: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)?$/,
  etag: /^[0-9a-f]{32}$/,
  hex40: /^[0-9a-f]{40}$/,
  text: /^[^]+$/,
}
const kinds: Readonly<Record<string, string>> = { truth: 'boolean', number: 'number' }

/** Where what was printed is not like what the page shows, in words; null where all that the page shows is there. */
export function unlike(shown: unknown, printed: unknown, place = ''): string | null {
  if (typeof shown === 'string') return unlikeText(shown, printed, place)
  if (Array.isArray(shown)) {
    if (!Array.isArray(printed) || printed.length !== shown.length)
      return says(place, `a list of ${shown.length}`, printed)
    return first(shown.map((each, i) => unlike(each, (printed as unknown[])[i], `${place}.${i}`)))
  }
  if (typeof shown === 'object' && shown !== null) {
    if (typeof printed !== 'object' || printed === null) return says(place, 'a map', printed)
    return first(
      Object.entries(shown).map(([key, each]) =>
        unlike(each, (printed as Readonly<Record<string, unknown>>)[key], `${place}.${key}`),
      ),
    )
  }
  return shown === printed ? null : says(place, JSON.stringify(shown), printed)
}

/** Whether something inside is like this. */
export function holds(shown: unknown, printed: unknown): boolean {
  if (unlike(shown, printed) === null) return true
  return (
    typeof printed === 'object' &&
    printed !== null &&
    Object.values(printed).some((each) => holds(shown, each))
  )
}

/** The value at a place such as `.status.artifacts.0.result_id`. */
export function valueAt(place: string, printed: unknown): unknown {
  return place
    .split('.')
    .slice(1)
    .reduce<unknown>(
      (value, key) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[key],
      printed,
    )
}

function unlikeText(shown: string, printed: unknown, place: string): string | null {
  const form = /^<(\w+)>(.*)$/.exec(shown)
  const kind = kinds[form?.[1] ?? '']
  if (kind !== undefined) return typeof printed === kind ? null : says(place, shown, printed)
  if (typeof printed !== 'string') return says(place, shown, printed)
  if (!form) return shown === printed ? null : says(place, shown, printed)
  const [, name = '', end = ''] = form
  const fits = forms[name]!.test(printed) && printed.endsWith(end)
  return fits ? null : says(place, shown, printed)
}

function says(place: string, shown: string, printed: unknown): string {
  return `${place || 'the output'}: the page has ${shown}, and it is ${JSON.stringify(printed)}`
}

function first(faults: readonly (string | null)[]): string | null {
  return faults.find((each) => each !== null) ?? null
}
