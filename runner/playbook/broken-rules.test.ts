import { describe, expect, it } from 'vitest'
import { DiagnosticError } from '../model/diagnostic.ts'
import { load, playbookOf, tasksIn } from './load-playbook.fixture.ts'

async function said(
  params: string,
  verb = 'ensure',
): Promise<readonly (readonly [string, number, string])[]> {
  const { diagnostics } = await load({
    '/b/playbook.yaml': playbookOf(`- ${verb}: a\n  ruled: { ${params} }`),
  })
  return diagnostics.map(({ code, at, message }) => [code, at!.column, message])
}

describe('a param that has no effect beside the others', () => {
  it.each([
    ['beside a value that is written', 'name: a, state: absent, line: x', 'beside `state: absent`'],
    ['beside a default', 'name: a, line: x, deep: true', 'beside `state: present`'],
    ['without the param that it belongs to', 'name: a, line: x, form: f', "without 'kind'"],
  ])('is refused %s', async (_, params, words) => {
    const [fault, ...others] = await said(params)
    expect(others).toEqual([])
    expect(fault![0]).toBe('param/idle')
    expect(fault![2]).toContain(words)
  })

  it('is taken where it says what its absence says, and where it means something', async () => {
    expect(await said('name: a, line: x, deep: false')).toEqual([])
    expect(await said('name: a, state: absent, deep: true')).toEqual([])
    expect(await said('name: a, line: x, kind: b, form: f')).toEqual([])
  })
})

it('a param that is compared only is refused under ensure, where it stands', async () => {
  const inside = (verb: string) => said('name: a, state: absent, held: x', verb)
  expect(await inside('ensure')).toEqual([
    ['param/idle', expect.any(Number), 'ruled.held is compared, and never made true'],
  ])
  for (const verb of ['require', 'wait', 'read']) expect(await inside(verb)).toEqual([])
})

it('a param that the others need is asked for, but not by read', async () => {
  expect(await said('name: a')).toEqual(
    [['param/missing', 57, "ruled needs 'line' for `state: present`"]].map(([code, , message]) => [
      code,
      expect.any(Number),
      message,
    ]),
  )
  expect(await said('name: a', 'read')).toEqual([])
  expect(await said('name: a, state: absent')).toEqual([])
})

describe('a check of the type', () => {
  it('is made when the playbook is loaded, at the param that it is about', async () => {
    const [fault] = await said('name: a, line: "odd line"')
    expect(fault).toEqual(['param/value', expect.any(Number), 'the line is odd'])
  })

  it('waits for a value that is computed, and is made when it is known', async () => {
    const [task] = await tasksIn(
      playbookOf(
        '- ensure: a\n  ruled: { name: a, line: "{{ facts.os }}", state: "{{ host.name }}" }',
      ),
    )
    const check = task!.params!.check!
    expect(() => check({ name: 'a', line: 'fine', state: 'present' })).not.toThrow()
    expect(() => check({ name: 'a', line: 'odd', state: 'present' })).toThrow(DiagnosticError)
    expect(() => check({ name: 'a', line: 'fine', state: 'absent' })).toThrow(/has no effect/)
  })

  it('leaves nothing to the run where all is written', async () => {
    const [task] = await tasksIn(playbookOf('- ensure: a\n  ruled: { name: a, line: x }'))
    expect(task!.params!.check).toBeUndefined()
  })

  it('sees what an input makes of a param before anything runs', async () => {
    const playbook = `playbook: b
inputs:
  word: { default: fine }
  state: { default: present }
plays:
- play: p
  hosts: all
  tasks:
  - ensure: a
    ruled: { name: a, line: "{{ word }}", state: "{{ state }}" }
`
    const faults = async (given: Readonly<Record<string, string>>): Promise<readonly string[]> =>
      (await load({ '/b/playbook.yaml': playbook }, given)).diagnostics.map(
        ({ message }) => message,
      )
    expect(await faults({})).toEqual([])
    expect((await faults({ word: 'odd' })).join()).toContain('the line is odd, by the input word')
    expect((await faults({ state: 'absent' })).join()).toContain(
      'has no effect beside `state: absent`',
    )
  })
})

describe('a text of one line', () => {
  it.each(['x\\ny', 'x\\ry', 'x\\0y', 'x\\n'])('is not %j', async (text) => {
    expect((await said(`name: a, line: "${text}"`)).map(([code]) => code)).toEqual(['param/line'])
  })

  it('is asked of a value that is computed, and of each item and value of a map', async () => {
    const [task] = await tasksIn(
      playbookOf('- ensure: a\n  ruled: { name: a, line: "{{ facts.os }}" }'),
    )
    expect(() => task!.params!.accept('line', 'me\nssh-ed25519 AAAA', task!.at)).toThrow(/line end/)
    expect((await said('name: a, line: x, pairs: { a: "x\\ny" }')).map(([code]) => code)).toEqual([
      'param/line',
    ])
    expect((await said('name: a, line: x, pairs: { "a b": x }')).map(([code]) => code)).toEqual([
      'param/pattern',
    ])
  })
})
