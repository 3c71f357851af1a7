import { describe, expect, it } from 'vitest'
import { valueOf } from '../model/value-tree.ts'
import { load, playbookOf, tasksIn } from './load-playbook.fixture.ts'

const templates = {
  '/b/a.hbs': 'a {{ host.name }}\n',
  '/b/b.hbs': 'b {{ host.name }}\n',
  '/b/bad.hbs': 'x {{ typo }}\n',
}

const looped = (path: string, loop: string): Readonly<Record<string, string>> => ({
  ...templates,
  '/b/playbook.yaml': playbookOf(
    `- ensure: a\n  thing: { name: a, level: 1, tmpl: "${path}" }\n  loop: ${loop}`,
  ),
})

describe('the file of a template', () => {
  it.each([
    ['[a, b]', ['a', 'b']],
    [
      '{ one: a, two: b }',
      [
        { key: 'one', value: 'a' },
        { key: 'two', value: 'b' },
      ],
    ],
  ])('may hold the item of a loop that is written out: %s', async (loop, items) => {
    const path = `{{ ${loop.startsWith('[') ? 'item' : 'item.value'} }}.hbs`
    const [task] = await tasksIn(looped(path, loop))
    const texts = items.map((item) =>
      valueOf(task!.params!.fields['tmpl']!, { item, host: { name: 'x1' } }),
    )
    expect(texts).toEqual(['a x1\n', 'b x1\n'])
  })

  it.each([
    ['one that is not there', '{{ item }}.hbs', '[a, c]', 'param/template'],
    ['a mistake in one of them', '{{ item }}.hbs', '[a, bad]', 'template/unknown-name'],
    ['a loop that is computed', '{{ item }}.hbs', '"{{ host.groups }}"', 'param/template'],
    ['a path of a fact', '{{ facts.arch }}.hbs', '[a]', 'param/template'],
  ])('is refused at load: %s', async (_, path, loop, code) => {
    expect((await load(looped(path, loop))).diagnostics).toMatchObject([{ code }])
  })
})

describe('a map of vars', () => {
  it('keeps the order in which it is written, also of keys that look like numbers', async () => {
    const [task] = await tasksIn(
      playbookOf(
        `- ensure: a
  thing: { name: a, level: 1, content: "{{#each m}}{{@key}} {{/each}}{{ json m }}" }
  vars: { m: { b: 1, "10": x, "2": "{{ host.name }}" } }`,
      ),
    )
    const m = valueOf(task!.vars['m']!, { host: { name: 'x1' } })
    expect(valueOf(task!.params!.fields['content']!, { m })).toBe(
      'b 10 2 {"b":1,"10":"x","2":"x1"}',
    )
  })

  it('warns of a word that Ansible takes for a truth', async () => {
    const { playbook, diagnostics } = await load(
      playbookOf(
        '- ensure: a\n  thing: { name: a, level: 1, content: x }',
        '  vars: { tls: no }\n',
      ),
    )
    expect(playbook).not.toBeNull()
    expect(diagnostics).toMatchObject([{ code: 'yaml/truth-word', severity: 'warning' }])
  })
})
