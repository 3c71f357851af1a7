import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import { get, isFailed, type Probe } from '../../contract/probe.ts'
import { Unreachable, type Connections, type Interrupt } from '../../model/session.ts'
import type { Value } from '../../contract/value.ts'
import { componentsPath, condense } from './csm-answer.ts'
import type { CsmQuestion, Source } from './source.ts'

/** Asks HSM and SLS at the same time; gives the answer in the form of the cache, or why none came. */
export async function askCsm(
  source: Source,
  question: CsmQuestion,
  connections: Connections,
  signal: Interrupt | undefined,
): Promise<string | readonly Diagnostic[]> {
  const options = { timeout: source.timeout }
  const bodies = async (
    service: string,
    probes: readonly Probe[],
  ): Promise<readonly (Value | undefined)[]> => {
    const session = await connections.session({ service }, null)
    const { readings } = await session.exchange({ probes, ...(signal ? { signal } : {}) })
    return readings.map((reading) => {
      if (isFailed(reading))
        throw new DiagnosticError(
          failed(source, `${service}: ${reading.failed.message}`, reading.failed.hint),
        )
      // SLS says 404 where nothing matches; there is nothing to say then.
      return 'json' in reading && reading.status === 200 ? reading.json : undefined
    })
  }
  try {
    const [[components, groups, partitions], [hardware]] = await Promise.all([
      bodies(question.hsm, [
        get(question.hsm, componentsPath(question), [200], options),
        get(question.hsm, '/groups', [200], options),
        get(question.hsm, '/partitions', [200], options),
      ]),
      question.sls === null
        ? [undefined]
        : bodies(question.sls, [
            get(question.sls, '/search/hardware?type=comptype_node', [200, 404], options),
          ]),
    ])
    const answer = condense(question, { components, groups, partitions, hardware })
    return typeof answer === 'string' ? [failed(source, answer)] : JSON.stringify(answer)
  } catch (error) {
    if (error instanceof DiagnosticError)
      return error.diagnostics.map((each) => ({ at: source.at, ...each }))
    if (error instanceof Unreachable) return [failed(source, error.message, error.hint)]
    throw error
  }
}

function failed(source: Source, message: string, hint?: string): Diagnostic {
  return {
    code: 'inventory/source-failed',
    message,
    at: source.at,
    ...(hint === undefined ? {} : { hint }),
  }
}
