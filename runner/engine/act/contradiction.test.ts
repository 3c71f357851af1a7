import { describe, expect, it } from 'vitest'
import type { Task } from '../../model/playbook.ts'
import { defineResource } from '../../contract/resource.ts'
import { text } from '../../contract/probe.ts'
import { random } from '../../../test/harness/random.ts'
import { setting } from '../../../test/harness/toys.ts'
import {
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
} from '../../../test/harness/fake-world.ts'

const one = inventoryOf(['n1'])
const set = (sentence: string, value: string, line: number, more: object = {}): Task =>
  task('ensure', sentence, setting, {
    params: { name: '/a', value },
    at: { file: 'b.yaml', line, column: 3 },
    ...more,
  })

/** A file has this word among others: two tasks of it edit one file, and leave each other alone. */
const among = defineResource({
  name: 'among',
  summary: 'A file has a word.',
  params: {
    type: 'object',
    required: ['name', 'word'],
    properties: {
      name: { type: 'string', identity: true, description: 'Path.' },
      word: { type: 'string', description: 'Word.' },
    },
  },
  state: { text: { type: 'string', description: 'Content.' } },
  probe: ({ name }) => ({ file: text(name) }),
  observe: ({ file }) => ({ text: file.exists ? file.text : '' }),
  desire: ({ word }, { text }) => ({ text: text!.includes(word) ? text : `${text} ${word}` }),
  change: (diff, { name }) => [
    {
      title: 'add it',
      repairs: ['text'],
      actions: [{ do: 'write', path: name, content: String(diff.text!.to) }],
    },
  ],
})

describe('a task that undoes another', () => {
  it('fails, with both places', async () => {
    const told = await execute(
      createWorld({ n1: machine() }),
      [play([set('it is x', 'x', 4), set('it is y', 'y', 7)])],
      one,
    )
    expect(told.outcomes).toEqual({ 'n1: it is x': 'changed', 'n1: it is y': 'failed' })
    const failed = told.events.find(
      (event) => event.type === 'outcome' && event.outcome === 'failed',
    )
    expect(failed).toMatchObject({
      error: {
        code: 'run/undone',
        at: { line: 7 },
        message: expect.stringContaining('"it is x" (b.yaml:4:3)'),
      },
    })
  })

  it('is not tried again, for it would then be true', async () => {
    expect(
      (
        await execute(
          createWorld({ n1: machine() }),
          [play([set('it is x', 'x', 4), set('it is y', 'y', 7, { retries: 3 })])],
          one,
        )
      ).exit,
    ).toBe(1)
  })

  it('fails among the items of one loop, too', async () => {
    const looped = task('ensure', 'it is both', setting, {
      params: { name: '/a', value: (scope: { item: string }) => scope.item },
      loop: ['x', 'y'],
    } as never)
    const told = await execute(createWorld({ n1: machine() }), [play([looped])], one)
    expect(told.outcomes).toEqual({ 'n1: it is both': 'failed' })
  })

  it('may do so where the playbook allows it, and in another play', async () => {
    expect(
      (
        await execute(
          createWorld({ n1: machine() }),
          [
            play([
              set('it is x', 'x', 4),
              set('it is y', 'y', 7, { mayUndo: true }),
              set('it is y still', 'y', 9),
            ]),
          ],
          one,
        )
      ).exit,
    ).toBe(0)
    expect(
      (
        await execute(
          createWorld({ n1: machine() }),
          [play([set('it is x', 'x', 4)]), play([set('it is y', 'y', 7)])],
          one,
        )
      ).exit,
    ).toBe(0)
  })

  it('is not one that edits what another edits, nor one that finds what another left', async () => {
    const add = (word: string): Task =>
      task('ensure', `it has ${word}`, among, { params: { name: '/a', word } })
    expect(
      (await execute(createWorld({ n1: machine() }), [play(['one', 'two', 'three'].map(add))], one))
        .exit,
    ).toBe(0)
    const world = createWorld({ n1: machine({ '/a': 'x' }) })
    expect(
      (await execute(world, [play([set('it is x', 'x', 4), set('it is y', 'y', 7)])], one))
        .outcomes,
    ).toEqual({ 'n1: it is x': 'ok', 'n1: it is y': 'changed' })
  })

  it('is found in random playbooks as a model finds it, in whatever way they are read', async () => {
    const below = random(20261123)
    const pick = (from: readonly string[]): string => from[below(from.length)]!
    for (let round = 0; round < 150; round++) {
      const names = ['/a', '/b']
      const start = Object.fromEntries(names.map((name) => [name, pick(['x', 'y'])]))
      const steps = Array.from({ length: below(6) + 1 }, () => ({
        name: pick(names),
        value: pick(['x', 'y']),
      }))
      const now = new Map(Object.entries(start))
      const made = new Set<string>()
      const expected: string[] = []
      for (const { name, value } of steps) {
        const differs = now.get(name) !== value
        expected.push(!differs ? 'ok' : made.has(name) ? 'failed' : 'changed')
        if (expected.at(-1) === 'failed') break
        if (differs) made.add(name)
        now.set(name, value)
      }
      const tasks = steps.map(({ name, value }, i) =>
        task('ensure', `step ${i}`, setting, { params: { name, value } }),
      )
      for (const batch of [true, false]) {
        const told = await execute(createWorld({ n1: machine(start) }), [play(tasks)], one, {
          batch,
        })
        expect({ start, steps, batch, outcomes: Object.values(told.outcomes) }).toEqual({
          start,
          steps,
          batch,
          outcomes: expected,
        })
      }
    }
  })
})
