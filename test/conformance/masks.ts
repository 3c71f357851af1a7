/** A value in which what differs from run to run is replaced by its form, as in the transcripts. */
export function masked(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return maskedText(value, ids)
  if (Array.isArray(value)) return value.map((each) => masked(each, ids))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [
      maskedText(key, ids),
      key === 'LastUpdated' && typeof held === 'number' ? '<seconds>' : masked(held, ids),
    ]),
  )
}

/** The same for one text; `ids` names the ids that are known. */
function maskedText(text: string, ids: ReadonlyMap<string, string>): string {
  return text
    .replace(
      /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi,
      (id) => ids.get(id.toLowerCase()) ?? `<unknown id ${id}>`,
    )
    .replace(
      /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|( ?)([+-])(\d\d)(:?)(\d\d))?/g,
      (
        _whole,
        fraction?: string,
        zone?: string,
        blank = '',
        sign = '',
        _hours = '',
        colon = '',
      ) => {
        const offset =
          zone === undefined ? '' : zone === 'Z' ? ':Z' : `:${blank}${sign}00${colon}00`
        return `<time${fraction === undefined ? '' : '.f'}${offset}>`
      },
    )
    .replace(/\b\d+:\d\d:\d\d\.\d{6}\b/g, '<duration>')
}

/** A request with the lab's own ids in the place of `<uuidN>`. */
export function filled(text: string, ids: ReadonlyMap<string, string>): string {
  return text.replace(/<uuid\d+>/g, (name) => ids.get(name) ?? nobodysId(name))
}

/** An id that nothing has, the same for the same name. */
export function nobodysId(name: string): string {
  return `00000000-0000-4000-8000-${name.replace(/\D/g, '').padStart(12, '0')}`
}
