import { createContext, Script } from 'node:vm'
import { gunzipSync } from 'node:zlib'
import { marked, type Token } from 'marked'
import { describe, expect, it } from 'vitest'
import { label, storyOf } from '../events.fixture.ts'
import { reportsOf, type EvidenceForm } from './evidence-forms.ts'
import { pageScript } from './page-script.ts'
import { fleetRun, header, nodes, runOf } from './run.fixture.ts'

const nasty = [
  `</script><script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)`,
  `]]><!ENTITY x SYSTEM "file:///etc/passwd">`,
  `\u001b]52;c;aGk=\u0007\u001b[31m\u0000\u0008\ufffe\ud800 \u202etxt`,
  '`` ``` [x](javascript:alert(1)) ![y](https://evil.example/z) <b>@everyone #1</b> | a | **b**',
  '\n# heading\n- list\n```\nfence\n````\n| t |\n| - |\n<div onclick=x>',
  '1. https://evil.example www.evil.example',
]

/** A run in which everything that a host or a playbook can say is hostile. */
function hostileRun(text: string): ReturnType<typeof runOf> {
  const task = label(text, { id: 't' })
  const events = storyOf({ hosts: [`h${text}`, 'b', 'c'], tasks: [task] }, [
    [
      `h${text}`,
      't',
      {
        outcome: 'failed',
        reason: text,
        said: [{ of: text, stdout: text, stderr: text }],
        diff: { [text]: { from: text, to: `${text}\n${text}` } },
        error: {
          code: 'run/required',
          message: text,
          hint: text,
          at: { file: text, line: 1, column: 1, source: text },
        },
      },
    ],
    [
      'b',
      't',
      {
        outcome: 'changed',
        changes: [{ title: text, effect: 'destroys', actions: [text] }],
        items: [{ item: text, outcome: 'changed', diff: { a: { from: text, to: null } } }],
      },
    ],
    ['c', 't', { outcome: 'skipped', reason: text }],
  ])
  return runOf(events, {
    header: {
      ...header,
      user: text,
      controller: text,
      playbook: { ...header.playbook, title: text, sources: [{ file: text, sha256: text }] },
      inputs: { [text]: text },
      groups: { [text]: ['b'] },
      limit: text,
      plan: text,
    },
    owed: new Map([[text, [text]]]),
    begun: [
      {
        type: 'acting',
        at: 0,
        play: 0,
        task: 't',
        host: text,
        on: null,
        actions: [text],
        notify: [],
      },
    ],
    next: text,
  })
}

const make = (text: string, form: EvidenceForm): string => reportsOf(hostileRun(text))(form)

/** The tags of a page in order, read as a browser does: text, quoted attributes, and the raw text of style and script. */
function tagsOf(
  page: string,
): readonly { readonly name: string; readonly names: readonly string[] }[] {
  const tags: { name: string; names: string[] }[] = []
  const tag = /<(!?\/?[a-z][a-z0-9-]*)((?:\s+[a-z-]+(?:="[^"<]*")?)*)\s*\/?>/giy
  for (let at = 0; at < page.length;) {
    if (page[at] !== '<') {
      at += 1
      continue
    }
    tag.lastIndex = at
    const found = tag.exec(page)
    if (!found) throw new Error(`not a tag: ${page.slice(at, at + 80)}`)
    const name = found[1]!.toLowerCase()
    tags.push({
      name,
      names: [...found[2]!.matchAll(/\s+([a-z-]+)(?:="[^"]*")?/gi)].map(([, each]) => each!),
    })
    at = tag.lastIndex
    if (name === 'style' || name === 'script') at = page.indexOf(`</${name}`, at)
  }
  return tags
}

describe('hostile names and outputs', () => {
  it.each(nasty)('are text in the page: %j', (text) => {
    const page = make(text, 'html')
    const tags = tagsOf(page)
    expect(tags.filter(({ name }) => name === 'script')).toHaveLength(2)
    const known =
      /^(?:!?doctype|html|head|meta|title|style|body|header|h[1-3]|p|span|b|i|details|summary|table|tr|th|td|section|div|small|button|label|input|code|pre|svg|rect|ul|li|script)$/
    expect(
      tags.map(({ name }) => name.replace(/^[!/]+/, '')).filter((name) => !known.test(name)),
    ).toEqual([])
    expect(
      tags.flatMap(({ names }) => names).filter((name) => /^(?:on|src|href|style)/i.test(name)),
    ).toEqual([])
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202e]/)
    expect(page).toContain('default-src &#39;none&#39;')
  })

  it.each(nasty)('are text in XML: %j', (text) => {
    const xml = make(text, 'junit')
    const names = tagsOf(xml.replace(/^<\?xml[^>]*\?>/, '')).map(({ name }) =>
      name.replace('/', ''),
    )
    const known = /^(?:testsuites|testsuite|testcase|failure|error|skipped|system-out)$/
    expect(names.filter((name) => !known.test(name))).toEqual([])
    expect(xml).not.toMatch(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|&(?!(?:amp|lt|gt|quot|#\d+);)/,
    )
    expect(Buffer.from(xml).toString()).toBe(xml)
  })

  it.each(nasty)('are text in Markdown: %j', (text) => {
    const seen: Token[] = []
    void marked.walkTokens(marked.lexer(make(text, 'md')), (token) => void seen.push(token))
    expect(seen.filter(({ type }) => ['html', 'link', 'image'].includes(type))).toEqual([])
    const headings = seen
      .filter((token) => token.type === 'heading')
      .map((token) => (token as { text: string }).text)
    expect(headings.slice(1)).toEqual([
      'What went wrong',
      'What changed',
      'Tasks',
      'What is owed',
      'Next',
      'Made from',
    ])
    expect(seen.filter(({ type }) => type === 'table')).toHaveLength(2)
    // Outside code a name behind an @ would be mentioned.
    const leaves = seen.filter((token) => token.type === 'text' && !('tokens' in token))
    expect(leaves.filter(({ raw }) => raw.includes('@everyone'))).toEqual([])
  })

  it.each(nasty)('stay what they are in JSON: %j', (text) => {
    const said = JSON.parse(make(text, 'json')) as { format: string; title: string }
    expect(said).toMatchObject({ format: 'trueup-evidence', version: 1, title: text })
  })
})

describe('the page', () => {
  const run = fleetRun(nodes(2), 20)
  const page = reportsOf(run)('html')

  it('stays below 200 KB for 200 hosts and 20 tasks, and holds the records', () => {
    expect(page.length).toBeLessThan(200_000)
    const held = /id="records"[^>]*>([^<]*)</.exec(page)![1]!
    const lines = gunzipSync(Buffer.from(held, 'base64')).toString().trim().split('\n')
    const records = lines.map((line) => JSON.parse(line) as { type: string })
    expect(records.slice(1)).toEqual(run.records)
    expect(records[0]).toMatchObject({ type: 'header', run: header.run })
  })

  it('needs nothing from elsewhere', () => {
    expect(page).not.toMatch(/https?:\/\/|url\(|@import|<link|<iframe/)
  })

  it('gives a limit that can be copied', () => {
    expect(page).toContain(`data-copy="--limit &#39;x[1000-1001]c[0-4]s3b[0-1]n[0-1]&#39;"`)
  })

  it('stays usable for 10,000 hosts: the map has all of them, and the rest does not grow with them', () => {
    const large = reportsOf(fleetRun(nodes(100), 3))('html')
    const held = /id="records"[^>]*>([^<]*)</.exec(large)![1]!
    expect(large.match(/<i class/g)!.length).toBeGreaterThanOrEqual(10_000)
    expect(large.length - held.length).toBeLessThan(1_000_000)
  })

  it('shows a host from the records that it holds, as text', async () => {
    const shown = await shownBy(page, 'x1000c0s3b0n0')
    expect(shown).toContain('failed  ensure: the node has its part 19 of the release')
    expect(shown).toContain('memory.rc is 1 on x1000c0s3b0n0')
    expect(pageScript).not.toMatch(/innerHTML|insertAdjacent|document\.write|eval/)
  })
})

/** What the script of a page shows when a host is asked for. */
async function shownBy(page: string, host: string): Promise<string> {
  const held = /id="records"[^>]*>([^<]*)</.exec(page)![1]!
  let shown!: (text: string) => void
  const done = new Promise<string>((resolve) => (shown = resolve))
  const change: (() => void)[] = []
  const elements: Record<string, object> = {
    records: { textContent: held, dataset: {} },
    find: { value: host, addEventListener: (_: string, listen: () => void) => change.push(listen) },
    host: {
      hidden: true,
      scrollIntoView: () => undefined,
      replaceChildren: (...parts: { textContent: string }[]) =>
        shown(parts.map(({ textContent }) => textContent).join('\n')),
    },
  }
  const document = {
    getElementById: (id: string) => elements[id],
    createElement: () => ({}),
    querySelectorAll: () => [],
    addEventListener: () => undefined,
  }
  new Script(pageScript).runInContext(
    createContext({ document, atob, Blob, Response, DecompressionStream, Uint8Array, Map, JSON }),
  )
  change.forEach((listen) => listen())
  return done
}

describe('JUnit', () => {
  it('has a case for each task on each host, and one for each task of a large run', () => {
    const small = reportsOf(fleetRun(nodes(1, 20), 2))('junit')
    expect(small).toContain('tests="40" failures="4" errors="0" skipped="0"')
    const large = reportsOf(fleetRun(nodes(100), 3))('junit')
    expect(large).toContain('tests="3" failures="1" errors="0" skipped="0"')
    expect(large).toContain('classname="2000 of 10000 hosts"')
  })
})
