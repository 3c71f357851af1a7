import { problem, type Asked, type Reply } from '../service-route.ts'
import { mapOf } from '../problems.ts'

/** A refusal of SLS for networks and searches: the blank in its type, and the path, are its own. */
export function searchProblem(asked: Asked, status: number, title: string, detail: string): Reply {
  return problem(status, {
    type: 'about: blank',
    title,
    detail,
    instance: `/v1${decodeURIComponent(asked.path.slice('/apis/sls/v1'.length))}`,
    status,
  })
}

/** When a record was written last, in the two forms of SLS. */
export function stamped(at: number): { LastUpdated: number; LastUpdatedTime: string } {
  const [date, time] = new Date(at).toISOString().replace('Z', '').split('T')
  return {
    LastUpdated: Math.floor(at / 1000),
    LastUpdatedTime: `${date} ${time!.replace(/0+$/, '')} +0000 UTC`.replace('. ', ' '),
  }
}

/** A property that is searched for: a text is compared, a list holds at least one of these. */
export type Property = readonly [name: string, wanted: string | readonly string[]]

/** The properties that a query asks for, beside those that have parameters of their own; null: one has no name. */
export function propertiesIn(
  query: URLSearchParams,
  own: Readonly<Record<string, string | readonly string[]>> = {},
): readonly Property[] | null {
  const properties = new Map<string, string | readonly string[]>(
    Object.entries(own).filter(([, wanted]) => wanted[0] !== undefined && wanted[0] !== ''),
  )
  for (const key of new Set(query.keys())) {
    if (!key.startsWith('extra_properties.')) continue
    const name = key.slice('extra_properties.'.length)
    if (name === '') return null
    const wanted = query.getAll(key)
    properties.set(name, wanted.length === 1 ? wanted[0]! : wanted)
  }
  return [...properties]
}

/** Whether the properties of a record are these, as the database compares them. */
export function withProperties(held: unknown, properties: readonly Property[]): boolean {
  return properties.every(([name, wanted]) => {
    const value = mapOf(held)?.[name]
    if (value === undefined || value === null) return false
    if (typeof wanted === 'string') return textOf(value) === wanted
    const names = Array.isArray(value)
      ? value
      : typeof value === 'object'
        ? Object.keys(value)
        : [value]
    return wanted.some((each) => names.includes(each))
  })
}

// The text of a JSON value as PostgreSQL writes it.
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map(quoted).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, held]) => `${JSON.stringify(name)}: ${quoted(held)}`)
      .join(', ')}}`
  return String(value)
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : textOf(value)
}
