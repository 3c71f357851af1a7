import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed } from '../cli/io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-manual-'))
const root = join(import.meta.dirname, '../..')
const at = { cwd: folder, stateFolder: join(folder, 'state') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
async function pageOf(plays: string): Promise<string> {
  const file = join(folder, `playbook-${files++}.yaml`)
  writeFileSync(file, `playbook: t\nplays:\n${plays}`)
  const { out, err } = await typed(['docs', file], at)
  expect(err).toBe('')
  return out
}
const onePlay = (tasks: string): string =>
  `  - play: p\n    hosts: localhost\n    vars: { wanted: false }\n    tasks:\n${tasks}`

/** A step of a page by its sentence. */
function step(page: string, sentence: string): string {
  const found = page.split(/^### /m).find((part) => part.includes(`. ${sentence}\n`))
  expect(found).toBeDefined()
  return found!
}

describe('the page of a playbook', () => {
  it('says at each step of a block when it is done, nested blocks, rescue and always included', async () => {
    const page = await pageOf(
      onePlay(`      - when: wanted
        block:
          - when: facts.sp > 5
            block:
              - ensure: the node is booted
                copy: { dest: /tmp/x, content: x }
                when: facts.arch == "x86_64"
        rescue:
          - read: why
            command: { argv: [dmesg] }
        always:
          - read: after it
            command: { argv: [date] }
`),
    )
    expect(step(page, 'the node is booted')).toContain(
      'only when `wanted` and `facts.sp > 5` and `facts.arch == "x86_64"`',
    )
    expect(step(page, 'why')).toContain('only when `wanted`')
    expect(step(page, 'after it')).toContain('only when `wanted`')
    expect(page).toContain('In this play `wanted` is `false`.')
  })

  it('of the whole procedure says that image and boot are done only when they are wanted', async () => {
    const { out } = await typed(['docs', join(root, 'playbooks/whole.yaml')], at)
    for (const sentence of [
      'the builder image is made',
      'the node is booted into the builder image',
    ])
      expect(step(out, sentence)).toContain('only when `wanted`')
    expect(out).toMatch(/In this play .*`wanted` is `false`/)
  })

  it('says how long, how often, what spares a step, and what its failure means', async () => {
    const page = await pageOf(
      onePlay(`      - wait: it is complete
        http: { url: "http://127.0.0.1:1/x" }
        that: json.status == "complete"
        failed_when: json.status == "failed"
        for: 30m
        every: 15s
      - run: it is made
        command: { argv: [make] }
        creates: /tmp/made
        unless: test -e /tmp/other
        ignore_errors: true
        retries: 3
        delay: 10s
        timeout: 5m
        register: made
`),
    )
    const wait = step(page, 'it is complete')
    expect(wait).toContain('failed when `json.status == "failed"`')
    expect(wait).toContain('for at most 30m 00s; looked at every 15s')
    expect(wait).toContain('What it reads must say:\n\n- `json.status == "complete"`')
    const made = step(page, 'it is made')
    for (const words of [
      'not when `/tmp/made` is there',
      'not when `test -e /tmp/other` succeeds',
      'a failure does not stop the host',
      'tried again up to 3 times after a failure, 10s apart',
      'at most 5m 00s for each command',
      'what it gives is called `made` below',
    ])
      expect(made).toContain(words)
  })

  it('says how hosts come to a play', async () => {
    const page = await pageOf(
      `  - play: p\n    hosts: masters\n    order: reverse\n    serial: [1, 25%]\n    max_fail_percentage: 10\n    tasks:\n      - read: it\n        print: { value: 1 }\n`,
    )
    expect(page).toContain(
      'On `masters`. Hosts begin from the last to the first. In passes: 1, 25%. It ends when more than 10 percent of the hosts fail.',
    )
  })

  it('shows the body of a request', async () => {
    const page = await pageOf(
      onePlay(
        `      - run: it\n        http: { url: "http://127.0.0.1:1/x", method: POST, body: { name: a, list: [1, "{{ host.name }}"] } }\n`,
      ),
    )
    expect(step(page, 'it')).toContain('- `body`: `{ name: a, list: [1, {{ host.name }}] }`')
    expect(step(page, 'it')).toContain('The service of the URL: Run with `http`')
  })

  it('shows what the playbook teaches, as it is written', async () => {
    const page = await pageOf(`  - play: p
    hosts: localhost
    why: Nodes need it.
    when_it_fails: Ask the site.
    tasks:
      - run: it
        command: { argv: [date] }
        warning: |
          This stops the nodes.
          All of them.
        why: The image is old.
        example_output: |
          status: running
            indented
        when_it_fails: |
          Look at the operators:
          kubectl -n services get pods
      - block:
          - read: inside
            command: { argv: [date] }
        why: These belong together.
`)
    expect(page).toContain('## p\n\nNodes need it.\n')
    expect(step(page, 'it')).toContain(
      '> **Warning:** This stops the nodes.\n> All of them.\n\nThe image is old.\n',
    )
    expect(step(page, 'it')).toContain(
      'For example:\n\n```text\nstatus: running\n  indented\n```\n\n**When it fails:** Look at the operators:\nkubectl -n services get pods\n',
    )
    expect(page).toContain('These belong together.')
    expect(page.trimEnd().endsWith('**When it fails:** Ask the site.')).toBe(true)
  })

  it('has a list of contents whose links lead to its headings', async () => {
    const { out } = await typed(['docs', join(root, 'playbooks/storage.yaml')], at)
    const links = [...out.matchAll(/^ *- \[.*\]\(#(.*)\)$/gm)].map(([, link]) => link!)
    const anchors = [...out.matchAll(/^#{2,3} (.*)$/gm)].map(([, text]) =>
      text!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    )
    expect(links.length).toBeGreaterThan(10)
    for (const link of links) expect(anchors).toContain(link)
  })
})

describe('when_it_fails', () => {
  const ran = async (tasks: string, play = '') => {
    const file = join(folder, `playbook-${files++}.yaml`)
    writeFileSync(
      file,
      `playbook: t\nplays:\n  - play: p\n    hosts: localhost\n${play}    tasks:\n${tasks}`,
    )
    return typed(['run', file], at)
  }
  const failing = (more = ''): string =>
    `      - require: it\n        command: { cmd: "exit 1" }\n${more}`

  it('is shown with the failure: that of the task, else of its block, else of its play', async () => {
    const own = '        when_it_fails: Look at the task.\n'
    const play = '    when_it_fails: Look at the play.\n'
    expect((await ran(failing(own), play)).out).toContain('look: Look at the task.')
    expect((await ran(failing(), play)).out).toContain('look: Look at the play.')
    const block = `      - block:\n          - require: it\n            command: { cmd: "exit 1" }\n        when_it_fails: Look at the block.\n`
    const { out } = await ran(block, play)
    expect(out).toContain('look: Look at the block.')
    expect(out).not.toContain('Look at the play.')
  })

  it('is not shown where nothing fails', async () => {
    const { out } = await ran(
      `      - require: it\n        command: { cmd: "exit 0" }\n        when_it_fails: Look.\n`,
    )
    expect(out).not.toContain('Look.')
  })

  it.each(['why: 5', 'warning: "{{ host.name }}"', 'example_output: [a]'])(
    '%s is refused: it is a text',
    async (key) => {
      const { exit, err } = await ran(failing(`        ${key}\n`))
      expect(exit).toBe(3)
      expect(err).toContain(`${key.split(':')[0]!} wants a text`)
    },
  )
})
