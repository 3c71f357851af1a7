import {
  isFailed,
  type FailedReading,
  type HttpProbe,
  type HttpReading,
  type ReadFault,
} from '../../contract/probe.ts'
import { isMap, type Value } from '../../contract/value.ts'
import { withoutEnd } from '../../text/trim-end.ts'
import { plainText } from '../ssh/plain-text.ts'
import { bodyCap } from './client.ts'
import { climbs } from './message.ts'

/**
 * Read a list page by page and join it: the reading is the first page's, with the whole list in it. All pages lie below the path `base`, so
 * that an answer takes the token nowhere else.
 */
export async function readPages(
  first: URL,
  pages: NonNullable<HttpProbe['pages']>,
  read: (url: URL) => Promise<HttpReading | FailedReading>,
  what: string,
  base: string,
): Promise<HttpReading | FailedReading> {
  const fail = (code: ReadFault, message: string): FailedReading => ({
    failed: { code, message: `${what}: ${message}` },
  })
  const items: Value[] = []
  const asked = new Set<string>()
  let start: HttpReading | null = null
  let size = 0
  for (let url: URL | null = first; url !== null;) {
    if (asked.has(url.href)) return fail('io', `its pages lead in a circle at ${url.search}`)
    asked.add(url.href)
    const page: HttpReading | FailedReading = await read(url)
    if (isFailed(page)) return page
    // An accepted answer that is not a list (a 404) is the answer.
    if (start === null && page.status >= 300) return page
    start ??= page
    size += page.body.length
    if (size > bodyCap)
      return fail('too-large', `its pages are larger than ${bodyCap} bytes together`)
    const list: Value | undefined = isMap(page.json) ? page.json[pages.list] : undefined
    if (!isMap(page.json) || !Array.isArray(list))
      return fail('io', `the answer has no list "${pages.list}"`)
    items.push(...(list as readonly Value[]))
    const next = nextPage(url, page.json[pages.next], base)
    if (typeof next === 'string') return fail('io', next)
    url = next
  }
  const joined = {
    ...(start!.json as { readonly [key: string]: Value }),
    [pages.list]: items,
    [pages.next]: null,
  }
  return { status: start!.status, body: JSON.stringify(joined), json: joined }
}

/** The address of the next page: a map of query fields, a query, or an address of the same service. Null: this is the last page; text: what is wrong. */
function nextPage(url: URL, next: Value | undefined, base: string): URL | null | string {
  if (next === null || next === undefined || next === '') return null
  const there = new URL(url)
  if (isMap(next)) {
    for (const [name, value] of Object.entries(next))
      if (value !== null) there.searchParams.set(name, String(value))
    return there
  }
  if (typeof next !== 'string') return 'its next page is neither a map nor a text'
  if (!/^(?:https?:)?\//.test(next)) {
    for (const [name, value] of new URLSearchParams(next.replace(/^\?/, '')))
      there.searchParams.set(name, value)
    return there
  }
  const target = new URL(next, url)
  // A service must not send its token elsewhere.
  if (target.origin !== url.origin) return `its next page lies at another server (${target.origin})`
  return `${target.pathname}/`.startsWith(`${withoutEnd(base, '/')}/`) && !climbs(target.pathname)
    ? target
    : `its next page lies outside the service (${plainText(target.pathname, 80)})`
}
