import { afterEach, describe, expect, it } from 'vitest'
import {
  DiagnosticSeverity,
  type CompletionItem,
  type Diagnostic,
} from 'vscode-languageserver/node'
import { startEditor, type Editor } from './editor.fixture.ts'

let editor: Editor
afterEach(() => editor.close())

const head =
  'playbook: p\ninputs:\n  release: { type: string, default: a, description: r }\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n'
const words = (offers: readonly CompletionItem[]): readonly string[] =>
  offers.map(({ label }) => label)

/** What is offered at `¦` in the tasks of a playbook. */
async function offeredIn(tasks: string): Promise<readonly CompletionItem[]> {
  await editor.type('p.yaml', head + tasks)
  return editor.offered()
}

describe('completion', () => {
  it('offers verbs first, and beside a verb the keywords and types that go with it', async () => {
    editor = await startEditor()
    const start = words(await offeredIn('      - ¦\n'))
    expect(start).toEqual(expect.arrayContaining(['ensure', 'confirm', 'block', 'include']))
    const read = words(await offeredIn('      - read: x\n        ¦\n'))
    expect(read).toEqual(expect.arrayContaining(['file', 'register', 'disk_space', 'failed_when']))
    expect(read).not.toEqual(expect.arrayContaining(['creates']))
    expect(read).not.toContain('ensure')
    const ensure = words(await offeredIn('      - ensure: x\n        di¦\n'))
    expect(ensure).not.toContain('disk_space')
    const run = words(await offeredIn('      - { run: x, ¦ }\n'))
    expect(run).toEqual(expect.arrayContaining(['creates', 'command', 'http']))
    expect(run).not.toContain('copy')
    const beside = words(
      await offeredIn('      - ensure: x\n        copy: { dest: /x }\n        ¦\n'),
    )
    expect(beside).toContain('notify')
    expect(beside).not.toContain('template')
  })

  it('offers params, in a block and in braces, and none that is written already', async () => {
    editor = await startEditor()
    const flow = await offeredIn('      - ensure: x\n        file: { path: /x, mo¦, owner: a }\n')
    expect(words(flow)).toContain('mode')
    expect(words(flow)).not.toContain('owner')
    expect(
      editor.edited('p.yaml', [flow.find(({ label }) => label === 'mode')!.textEdit as never]),
    ).toContain('file: { path: /x, mode: , owner: a }')
    expect(
      words(await offeredIn('      - ensure: x\n        file:\n          path: /x\n          ¦\n')),
    ).toContain('state')
    expect(
      words(await offeredIn('      - ensure: x\n        file: { path: /x, state: ¦ }\n')),
    ).toEqual(expect.arrayContaining(['directory', 'absent']))
  })

  it('offers names, fields and functions in templates and expressions', async () => {
    editor = await startEditor()
    const read = '      - read: x\n        file: { path: /x }\n        register: seen\n'
    const text = words(
      await offeredIn(`${read}      - ensure: x\n        copy: { dest: "/{{ ¦ }}", content: a }\n`),
    )
    expect(text).toEqual(expect.arrayContaining(['seen', 'release', 'facts', 'host', 'upper']))
    const fields = words(
      await offeredIn(
        `${read}      - ensure: x\n        copy: { dest: "/{{ seen.¦ }}", content: a }\n`,
      ),
    )
    expect(fields).toEqual(expect.arrayContaining(['kind', 'mode']))
    expect(words(await offeredIn(`${read}      - require: x\n        that: facts.¦\n`))).toContain(
      'arch',
    )
    expect(
      words(await offeredIn('      - ensure: x\n        copy: { dest: "/a¦", content: a }\n')),
    ).not.toContain('facts')
  })

  it('offers handlers, tags, hosts of the inventory, and files', async () => {
    editor = await startEditor({
      'inventory/hosts.yaml':
        'hosts:\n  x1000c0s0b0n0: {}\ngroups:\n  builders: { hosts: [x1000c0s0b0n0] }\n',
      'tasks/more.yaml': '- ensure: x\n  file: { path: /x }\n',
    })
    const rest = '    handlers:\n      - run: it is loaded again\n        command: { argv: [a] }\n'
    const notify = await offeredIn(
      `      - ensure: x\n        tags: [slow]\n        file: { path: /x }\n        notify: it is¦\n${rest}`,
    )
    expect(words(notify)).toEqual(['it is loaded again'])
    expect(editor.edited('p.yaml', [notify[0]!.textEdit as never])).toContain(
      'notify: it is loaded again\n',
    )
    expect(
      words(
        await offeredIn(
          '      - ensure: x\n        tags: [slow]\n        file: { path: /x }\n      - ensure: y\n        tags:\n          - ¦\n',
        ),
      ),
    ).toEqual(['slow'])
    await editor.type('p.yaml', 'playbook: p\nplays:\n  - play: p\n    hosts: "@bui¦"\n')
    const hosts = await editor.offered()
    expect(words(hosts)).toEqual(expect.arrayContaining(['@builders', 'x1000c0s0b0n0']))
    expect(
      editor.edited('p.yaml', [
        hosts.find(({ label }) => label === '@builders')!.textEdit as never,
      ]),
    ).toContain('hosts: "@builders"')
    expect(words(await offeredIn('      - include: tasks/¦\n'))).toEqual(['more.yaml'])
  })
})

describe('mistakes', () => {
  it('are shown as they are typed, with those of included files, and go when they are corrected', async () => {
    editor = await startEditor({ 'more.yaml': '- ensure: x\n  file: { path: /x, stat: absent }\n' })
    await editor.type(
      'p.yaml',
      `${head}      - include: more.yaml\n      - ensure: x\n        fiel: {}\n`,
    )
    const mine = await editor.shown('p.yaml', (found) => found.length > 0)
    expect(mine).toMatchObject([
      { code: 'task/unknown-key', range: { start: { line: 9, character: 8 } } },
    ])
    const other = await editor.shown('more.yaml', (found) => found.length > 0)
    expect(other[0]!.message).toMatch(/has no param 'stat'\nhint: did you mean 'state'\?/)
    await editor.type('p.yaml', `${head}      - ensure: x\n        file: { path: /x }\n`)
    const isRight = (found: readonly Diagnostic[]): boolean =>
      found.every(({ severity }) => severity !== DiagnosticSeverity.Error)
    expect(await editor.shown('p.yaml', isRight)).toMatchObject([{ code: 'advice/unused-input' }])
    expect(await editor.shown('more.yaml', (found) => found.length === 0)).toEqual([])
  })

  it('have fixes: what is certain, and what was perhaps meant', async () => {
    editor = await startEditor()
    const text = `${head}      - ensure: x\n        copy: { dest: /x, content: a, mode: ¦0644, onwer: b }\n`
    await editor.type('p.yaml', text)
    await editor.shown('p.yaml', (found) => found.length === 2)
    const fixes = await editor.fixes()
    expect(fixes.map(({ title, isPreferred }) => [title, isPreferred])).toEqual([
      ['write "0644"', true],
      ['write owner', false],
    ])
    const edits = fixes.flatMap(({ edit }) => Object.values(edit!.changes!).flat())
    expect(editor.edited('p.yaml', edits)).toContain('mode: "0644", owner: b }')
  })
})

describe('hover and definitions', () => {
  it('show the manual of a type, a param, a keyword, and what is known of a name', async () => {
    editor = await startEditor()
    const hover = async (tasks: string): Promise<string | null> => {
      await editor.type('p.yaml', head + tasks)
      return editor.hover()
    }
    expect(await hover('      - ensure: x\n        co¦py: { dest: /x }\n')).toMatch(
      /^# copy\n[^]*## Params/,
    )
    expect(await hover('      - ensure: x\n        copy: { de¦st: /x }\n')).toContain('copy.dest')
    expect(await hover('      - en¦sure: x\n        copy: { dest: /x }\n')).toContain(
      'What is to be true',
    )
    expect(await hover('      - require: x\n        that: fac¦ts.sp > 1\n')).toMatch(
      /A map with .*arch/,
    )
    expect(await hover('      - ensure: a sent¦ence\n')).toBe(null)
  })

  it('lead to includes, handlers, registers and inputs', async () => {
    editor = await startEditor({ 'more.yaml': '- ensure: x\n  file: { path: /x }\n' })
    const tasks =
      '      - read: x\n        file: { path: "/{{ release }}" }\n        register: seen\n      - require: y\n        that: seen.kind == "file"\n        notify: again\n      - include: more.yaml\n    handlers:\n      - run: again\n        command: { argv: [a] }\n'
    const leads = async (word: string): Promise<readonly string[]> => {
      await editor.type(
        'p.yaml',
        head + tasks.replace(word, `${word.slice(0, 2)}¦${word.slice(2)}`),
      )
      // An included file is a part of the playbook once the playbook was checked.
      return editor.definition()
    }
    expect(await leads('seen.kind')).toEqual(['p.yaml:10'])
    expect(await leads('release')).toEqual(['p.yaml:3'])
    expect(await leads('again')).toEqual(['p.yaml:16'])
    expect(await leads('more.yaml')).toEqual(['more.yaml:1'])
  })
})

describe('renaming a register', () => {
  const tasks =
    '      - read: x\n        file: { path: /x }\n        register: se¦en\n      - include: more.yaml\n      - require: y\n        that: seen.kind == "file" && "seen" != host.seen\n'

  it('changes each place where it is registered and read, in all files', async () => {
    editor = await startEditor({
      'more.yaml':
        '- ensure: x\n  when: seen.kind == "absent"\n  copy: { dest: /x, content: "{{ seen.mode }} seen {{upper seen.owner}}" }\n',
    })
    await editor.type('p.yaml', head + tasks.replace(' != host.seen', ' != "x"'))
    expect(await editor.renamed()).toBe('seen')
    const { changes } = (await editor.rename('found'))!
    await editor.type(
      'more.yaml',
      '- ensure: x\n  when: seen.kind == "absent"\n  copy: { dest: /x, content: "{{ seen.mode }} seen {{upper seen.owner}}" }\n',
    )
    const uris = Object.keys(changes!)
    expect(uris.map((uri) => uri.split('/').at(-1))).toEqual(['p.yaml', 'more.yaml'])
    expect(editor.edited('p.yaml', changes![uris[0]!]!)).toContain(
      'register: found\n      - include: more.yaml\n      - require: y\n        that: found.kind == "file" && "seen" != "x"\n',
    )
    expect(editor.edited('more.yaml', changes![uris[1]!]!)).toBe(
      '- ensure: x\n  when: found.kind == "absent"\n  copy: { dest: /x, content: "{{ found.mode }} seen {{upper found.owner}}" }\n',
    )
  })

  it('is refused for a name that is taken or is none, and while the playbook has mistakes', async () => {
    editor = await startEditor({ 'more.yaml': '[]\n' })
    const right =
      head + tasks.replace(' != host.seen', ' != "x"').replace('      - include: more.yaml\n', '')
    await editor.type('p.yaml', right)
    await expect(editor.rename('release')).rejects.toThrow("another 'release'")
    await expect(editor.rename('a-b')).rejects.toThrow('is not a name')
    await editor.type('p.yaml', right.replace('file:', 'fiel:'))
    await expect(editor.rename('found')).rejects.toThrow('correct them first')
    await editor.type('p.yaml', right.replace('se¦en', 'seen').replace('read: x', 'read: ¦x'))
    expect(await editor.renamed()).toBe(null)
  })
})
