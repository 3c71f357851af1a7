import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { settled, transcripts, type Recorded } from '../transcripts/steps.ts'
import { startNode, stopNodes, type RealNode } from './nodes.ts'

// What the real programs answer, held against what was recorded of them; `TRUEUP_REAL_RECORD=1` records it anew.

afterAll(stopNodes)
const isRecording = process.env['TRUEUP_REAL_RECORD'] === '1'

async function answers(node: RealNode, name: string): Promise<Recorded[]> {
  const all: Recorded[] = []
  for (const step of transcripts[name]!) {
    if ('lock' in step) {
      node.sh(step.lock === 'held' ? '(sleep 100000) >/dev/null 2>&1 & echo $! >/run/zypp.pid' : 'rm /run/zypp.pid')
      continue
    }
    const { exit, stdout, stderr } = node.as(step.user ?? 'root', step.run, step.stdin ?? '')
    all.push({ ...step, exit, stdout: settled(stdout), stderr: settled(stderr) })
  }
  return all
}

describe('the programs of a real node', () => {
  it.each(Object.keys(transcripts).map((name, i) => [name, i] as const))('%s: answer as they were recorded', async (name, i) => {
    const path = new URL(`../transcripts/${name}.yaml`, import.meta.url)
    const found = await answers(await startNode({ name: `x3000c0s51b${i}n0`, at: 51 + i }), name)
    if (isRecording) {
      const before = recordedIn(path)
      writeFileSync(path, `# Recorded on a real node by \`TRUEUP_REAL_RECORD=1 npm run test:real\`; only \`differs\` is written by hand.\n${stringify(found.map((each, at) => ({ ...each, ...(before[at]?.run === each.run && before[at].differs ? { differs: before[at].differs } : {}) })), { lineWidth: 0 })}`)
    }
    expect(found.map(bare)).toEqual(recordedIn(path).map(bare))
  })
})

function bare({ run, user, exit, stdout, stderr }: Recorded): unknown {
  return { run, user, exit, stdout, stderr }
}

function recordedIn(path: URL): Recorded[] {
  try {
    return parse(readFileSync(path, 'utf8')) as Recorded[]
  } catch (error) {
    if (isRecording && (error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
