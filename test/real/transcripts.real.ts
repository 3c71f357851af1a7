import { afterAll, describe, expect, it } from 'vitest'
import { settled, transcripts, type Recorded } from '../transcripts/steps.ts'
import { startNode, stopNodes, type RealNode } from './nodes.ts'
import { bare, recorded } from './recorded.ts'

// What the real programs answer, held against what was recorded of them; `TRUEUP_REAL_RECORD=1` records it anew.

afterAll(stopNodes)

async function answers(node: RealNode, name: string): Promise<Recorded[]> {
  const all: Recorded[] = []
  for (const step of transcripts[name]!) {
    if ('lock' in step) {
      node.sh(
        step.lock === 'held'
          ? '(sleep 100000) >/dev/null 2>&1 & echo $! >/run/zypp.pid'
          : 'rm /run/zypp.pid',
      )
      continue
    }
    const { exit, stdout, stderr } = node.as(step.user ?? 'root', step.run, step.stdin ?? '')
    all.push({ ...step, exit, stdout: settled(stdout), stderr: settled(stderr) })
  }
  return all
}

describe('the programs of a real node', () => {
  it.each(Object.keys(transcripts).map((name, i) => [name, i] as const))(
    '%s: answer as they were recorded',
    async (name, i) => {
      const found = await answers(await startNode({ name: `x3000c0s51b${i}n0`, at: 51 + i }), name)
      expect(found.map(bare)).toEqual(recorded(name, found).map(bare))
    },
  )
})
