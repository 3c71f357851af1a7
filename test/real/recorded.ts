import { readFileSync, writeFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import type { Recorded } from '../transcripts/steps.ts'

const isRecording = process.env['TRUEUP_REAL_RECORD'] === '1'

/** What was recorded under this name; with `TRUEUP_REAL_RECORD=1` what was found is recorded first. */
export function recorded(name: string, found: readonly Recorded[]): readonly Recorded[] {
  const path = new URL(`../transcripts/${name}.yaml`, import.meta.url)
  if (isRecording) {
    const before = recordedIn(path)
    const rows = found.map((each, at) => ({
      ...each,
      ...(before[at]?.run === each.run && before[at].differs
        ? { differs: before[at].differs }
        : {}),
    }))
    writeFileSync(
      path,
      `# Recorded on a real node by \`TRUEUP_REAL_RECORD=1 npm run test:real\`; only \`differs\` is written by hand.\n${stringify(rows, { lineWidth: 0 })}`,
    )
  }
  return recordedIn(path)
}

/** What is compared of a command. */
export function bare({ run, user, exit, stdout, stderr }: Recorded): unknown {
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
