import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import type { Release } from '../../lab/csm/system-model.ts'
import { listedDifferences } from './differences.ts'
import { play, type Played, type Stage } from './play-transcript.ts'
import { recordedStage } from './stage.ts'
import { isCompared, serviceTranscripts, type Transcript } from './transcripts.ts'

// What real services answered, the lab answers too. docs/conformance.md lists where it does not, with reasons.

const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
const labs: Lab[] = []
afterAll(async () => {
  for (const lab of labs) await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A lab as `trueup lab up` raises it; its clock stands still but for the waits of the transcript. */
async function wholeLab(release: Release): Promise<Stage> {
  let now = Date.now()
  const lab = await raiseLab({
    folder: join(folder, String(labs.length)),
    release,
    now: () => now,
  })
  labs.push(lab)
  return {
    hasContent: true,
    port: lab.gateway.port,
    authority: lab.gateway.authority,
    token() {
      lab.system.tokens.set('token', Number.MAX_SAFE_INTEGER)
      return 'token'
    },
    async wait(seconds) {
      now += seconds * 1000
    },
  }
}

function unlisted(transcript: Transcript, played: readonly Played[]): readonly string[] {
  return played.flatMap(({ id, difference }) =>
    difference === null || listedDifferences.has(`${transcript.name} ${id}`)
      ? []
      : [`${id}: ${difference}`],
  )
}

describe.each(serviceTranscripts.map((each) => [each.name, each] as const))(
  'the transcript %s',
  (_, transcript) => {
    it('is answered by the lab as by the real service', async () => {
      const stage = await recordedStage(transcript)
      const played = await play(transcript, stage)
      await stage.close()
      expect(played.length).toBe(transcript.facts.filter(isCompared).length)
      expect(played.filter((each) => each.isFalseYes)).toEqual([])
      expect(unlisted(transcript, played)).toEqual([])
    })

    // The nodes of the status and the manifest of the session were made for their records, and edges count on an empty service.
    it.skipIf(/-(status|session|edges)$/.test(transcript.name))(
      'is answered so by a lab with content of its own',
      async () => {
        const played = await play(transcript, await wholeLab(transcript.lab_release))
        expect(played.filter((each) => each.isFalseYes)).toEqual([])
        expect(unlisted(transcript, played)).toEqual([])
      },
    )
  },
)

describe('the list of differences', () => {
  it('names records that exist, with a reason each, and few of them', () => {
    const records = serviceTranscripts.flatMap((transcript) =>
      transcript.facts.filter(isCompared).map((fact) => `${transcript.name} ${fact.id}`),
    )
    for (const [record, reason] of listedDifferences) {
      expect(records).toContain(record)
      expect(reason).toMatch(/\w+ \w+/)
    }
    expect(listedDifferences.size).toBeLessThanOrEqual(records.length * 0.02)
  })
})
