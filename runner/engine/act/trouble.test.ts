import { expect, it } from 'vitest'
import {
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
} from '../../../test/harness/fake-world.ts'
import { exec } from '../../contract/change.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'

// A command that does its work and tells of trouble on the way: the task is true, and the operator hears of it.

const tool = defineResource({
  name: 'tool',
  summary: 'The tool is installed.',
  params: { type: 'object', properties: {} },
  state: { installed: { type: 'boolean', description: 'Whether it is installed.' } },
  probe: () => ({ query: ask(['query'], [0, 1]) }),
  observe: ({ query }) => ({ installed: query.exit === 0 }),
  desire: () => ({ installed: true }),
  change: () => [
    {
      title: 'install it',
      repairs: ['installed'],
      actions: [
        exec(['install'], { exits: [0, 102, 106], warns: { 106: 'a repository was skipped' } }),
      ],
    },
  ],
})

const told = async (exit: number) => {
  const node = machine()
  let installed = false
  node.commands.set('query', () => ({ exit: installed ? 0 : 1 }))
  node.commands.set(
    'install',
    () => ((installed = exit !== 4), { exit, stderr: "Skipping repository 'dead'\n" }),
  )
  const { outcomes, events } = await execute(
    createWorld({ n1: node }),
    [play([task('ensure', 'the tool is there', tool)], { hosts: 'n1' })],
    inventoryOf(['n1']),
  )
  return {
    outcome: outcomes['n1: the tool is there'],
    warnings: events.flatMap((event) => (event.type === 'warning' ? [event.diagnostic] : [])),
  }
}

it('warns of it, with the words of the host', async () => {
  const { outcome, warnings } = await told(106)
  expect(outcome).toBe('changed')
  expect(warnings).toMatchObject([
    {
      code: 'action/trouble',
      severity: 'warning',
      host: 'n1',
      message: expect.stringMatching(
        /install.*a repository was skipped.*Skipping repository 'dead'/,
      ),
    },
  ])
})

it.each([
  [0, 'changed'],
  [102, 'changed'],
  [4, 'failed'],
])('says nothing of the exit %i', async (exit, outcome) => {
  expect(await told(exit)).toEqual({ outcome, warnings: [] })
})
