import { expect, it } from 'vitest'
import type { Change } from '../../contract/change.ts'
import { draftOf } from './repairs.ts'

const [mine, other] = ['x3000c0s19b1n0', 'x3000c0s19b2n0']

function draftOn(name: string, kind: 'local' | 'ssh', boots: readonly string[] | undefined) {
  const change: Change = {
    title: 'boot it',
    repairs: ['booted'],
    kind: 'boot',
    ...(boots ? { boots } : {}),
    actions: [{ do: 'exec', argv: ['boot'] }],
  }
  const where = { endpoint: { host: { name, connection: { kind } } } }
  const judged = { diff: { booted: { from: false, to: true } }, state: {}, asked: new Map(), where }
  return draftOf({ type: { change: () => [change] } } as never, judged as never, {} as never)
}

it.each([
  ['the machine of the run, by no name', 'ncn-m001', 'local', undefined, true, true],
  ['the machine of the run, by its own xname', mine, 'local', [mine], true, true],
  ['another node, from the machine of the run', 'ncn-m001', 'local', [other], false, false],
  ['another node, from a node', mine, 'ssh', [other], false, false],
  ['the node itself', mine, 'ssh', [mine.toUpperCase(), mine], true, false],
  ['a node that may be the host, whose name says nothing', 'builder', 'ssh', [other], true, false],
] as const)('a boot of %s', (_, name, kind, boots, isOfHost, isRefused) => {
  const draft = draftOn(name, kind, boots)
  expect([draft.boots, draft.refusal !== null]).toEqual([isOfHost, isRefused])
})
