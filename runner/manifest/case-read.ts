import { isFailed, type Probe, type Seen } from '../contract/probe.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import { canonical } from '../contract/value.ts'
import { answerOf, frozen, secretsOf, type CaseReading } from './case-reading.ts'

/** What the probes of a type asked and got in a case. */
export interface CaseRead {
  readonly asked: ReadonlyMap<string, Probe>
  readonly readings: Readonly<Record<string, unknown>>
  /** Code of the first failed read. */
  readonly failed?: string
  /** Texts that must not be shown. */
  readonly secrets: readonly string[]
}

/** How often `probe` may ask for more. */
const rounds = 3

/** Asks a type's probes as the engine does, and answers from a case. */
export function readCase(
  type: AnyResourceType,
  params: object,
  reads: { readonly [probe: string]: CaseReading },
  outputs: object,
  fault: (words: string) => void,
): CaseRead {
  const asked = new Map<string, Probe>()
  const secrets: string[] = []
  const readings: Record<string, unknown> = {}
  for (let round = 1; ; round++) {
    const seen = frozen({ ...outputs, ...readings }) as Seen
    const probes = type.probe(params, seen)
    if (canonical(probes) !== canonical(type.probe(params, seen)))
      fault('probe does not say the same twice')
    for (const [name, probe] of asked)
      if (canonical(probes[name]) !== canonical(probe))
        fault(`the probe '${name}' is another one in round ${round}`)
    const more = Object.entries(probes).filter(
      (entry): entry is [string, Probe] => entry[1] !== undefined && !asked.has(entry[0]),
    )
    if (more.length === 0) return { asked, readings, secrets }
    if (round > rounds)
      fault(`probe asks for more after ${rounds} rounds: ${more.map(([name]) => name).join(', ')}`)
    for (const [name, probe] of more) {
      asked.set(name, probe)
      const reading = reads[name]
      if (!reading) {
        fault(`the case has no answer for the probe '${name}': ${canonical(probe)}`)
        return { asked, readings, secrets, failed: 'case/no-answer' }
      }
      secrets.push(...secretsOf(probe, reading))
      const answer = answerOf(probe, reading)
      if (isFailed(answer))
        return { asked, readings, secrets, failed: `read/${answer.failed.code}` }
      readings[name] = frozen(answer)
    }
  }
}
