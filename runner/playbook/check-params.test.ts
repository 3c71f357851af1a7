import { expect, it } from 'vitest'
import type { Value } from '../contract/value.ts'
import { load } from './load-playbook.fixture.ts'

// What inputs and vars make of a param is known before anything runs.

const inputs = `inputs:
  name: { default: fine }
  names: { type: list, default: [a] }
  wanted: { type: boolean, default: true }
  word: { type: string, required: false, secret: true }`

async function said(
  tasks: string,
  given: Readonly<Record<string, Value>> = {},
  more = '',
): Promise<readonly (readonly [string, number, number])[]> {
  const playbook = `playbook: b\n${inputs}\nplays:\n- play: p\n  hosts: all\n${more}  tasks:\n${tasks.replace(/^/gm, '  ')}\n`
  const { diagnostics, playbook: loaded } = await load({ '/b/playbook.yaml': playbook }, given)
  expect(loaded === null).toBe(diagnostics.length > 0)
  for (const { hint, message } of diagnostics) {
    expect(hint).toBeTruthy()
    expect(message).not.toContain('hunter2')
  }
  return diagnostics.map(({ code, at }) => [code, at!.line, at!.column])
}

const ensured = (name: string, more = ''): string =>
  `- ensure: a\n  thing: { name: ${name}, level: 1, content: x }${more}`

it('refuses an input that a param cannot be, at the param', async () => {
  expect(await said(ensured('"{{ name }}"'))).toEqual([])
  expect(await said(ensured('"{{ name }}"'), { name: 'a b; reboot' })).toEqual([
    ['param/pattern', 12, 20],
  ])
  expect(await said(ensured('"x-{{ name }}"'), { name: '$(id)' })).toEqual([
    ['param/pattern', 12, 20],
  ])
})

it('says which input it was and how to give another', async () => {
  const { diagnostics } = await load(
    {
      '/b/playbook.yaml': `playbook: b\n${inputs}\nplays:\n- play: p\n  hosts: all\n  tasks:\n${ensured('"{{ name }}"').replace(/^/gm, '  ')}\n`,
    },
    { name: 'A B' },
  )
  expect(diagnostics.map(({ message, hint }) => `${message} ${hint}`)).toEqual([
    expect.stringMatching(/by the input name .*-e name=/),
  ])
})

it('follows vars and the items of a loop', async () => {
  expect(
    await said(ensured('"{{ full }}"'), { name: 'A' }, '  vars: { full: "{{ name }}.local" }\n'),
  ).toEqual([['param/pattern', 13, 20]])
  expect(
    await said(ensured('"{{ item }}"', '\n  loop: "{{ names }}"'), { names: ['ok', 'not ok'] }),
  ).toEqual([['param/pattern', 12, 20]])
  expect(await said(ensured('"{{ item }}"', '\n  loop: "{{ names }}"'), { names: [] })).toEqual([])
})

it('leaves to its turn what a condition may leave out, and what only a host knows', async () => {
  expect(await said(ensured('"{{ name }}"', '\n  when: name != ""'), { name: '' })).toEqual([])
  expect(
    await said(ensured('"{{ name }}"', '\n  when: wanted'), { name: 'A', wanted: false }),
  ).toEqual([])
  expect(await said(ensured('"{{ name }}"', '\n  when: wanted'), { name: 'A' })).toEqual([
    ['param/pattern', 12, 20],
  ])
  expect(await said(ensured('"{{ name }}"', '\n  when: facts.sp == 5'), { name: 'A' })).toEqual([])
  expect(
    await said(
      `- when: wanted\n  block:\n  - ensure: a\n    thing: { name: "{{ name }}", level: 1, content: x }`,
      { name: 'A', wanted: false },
    ),
  ).toEqual([])
  expect(await said(ensured('"{{ name }}-{{ host.name }}"'), { name: 'A' })).toEqual([])
})

it('says nothing of a secret', async () => {
  expect(await said(ensured('"{{ word }}"'), { word: 'hunter2 and more' })).toEqual([
    [expect.stringMatching(/^param\//), 12, 20],
  ])
})
