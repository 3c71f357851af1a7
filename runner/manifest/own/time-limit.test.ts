import { describe, expect, it } from 'vitest'
import type { AnyResourceType } from '../../contract/resource.ts'
import type { DiagnosticError } from '../../model/diagnostic.ts'
import { NotYet } from '../../model/signal.ts'
import { callWithin, withTimeLimit } from './time-limit.ts'

const at = { file: '/types/site.resource.js', line: 3, column: 1 }
const forEver = (): never => {
  for (;;);
}

describe('a function of an own type', () => {
  it('gives what it gives, and throws what it throws', () => {
    expect(callWithin(5, () => 7)).toEqual({ value: 7 })
    expect(callWithin(5, () => callWithin(5, () => 'inner'))).toEqual({ value: { value: 'inner' } })
    const signal = new NotYet()
    let thrown: unknown
    try {
      callWithin(5, () => {
        throw signal
      })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBe(signal)
  })

  it.each([null, undefined, 'a text', 7])('may throw %j, which is passed on as it is', (thrown) => {
    let caught: unknown = 'nothing'
    try {
      callWithin(5, () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- a type may throw anything
        throw thrown
      })
    } catch (error) {
      caught = error
    }
    expect(caught).toBe(thrown)
  })

  it('is stopped where it does not return, also in a pattern and behind a catch', () => {
    expect(callWithin(0.05, forEver)).toBeNull()
    expect(callWithin(0.05, () => /^(a+)+$/.test(`${'a'.repeat(50)}!`))).toBeNull()
    const stubborn = (): never => {
      for (;;) {
        try {
          forEver()
        } catch {
          // It may not go on.
        }
      }
    }
    expect(callWithin(0.05, stubborn)).toBeNull()
    expect(callWithin(5, () => 'the next one runs')).toEqual({ value: 'the next one runs' })
  })

  it('fails with the name of its type and file, wherever it stands in the type', () => {
    const type = withTimeLimit(
      {
        name: 'site.slow',
        probe: forEver,
        observe: () => ({ n: 1 }),
        settle: { for: 1, every: 1, progress: forEver },
        checks: { n: forEver },
      } as unknown as AnyResourceType,
      at,
      0.05,
    )
    expect(type.name).toBe('site.slow')
    expect(type.observe({}, {})).toEqual({ n: 1 })
    for (const [name, act] of [
      ['probe', () => type.probe({}, {})],
      ['settle.progress', () => type.settle!.progress({})],
      ['checks.n', () => type.checks!['n']!({})],
    ] as const) {
      let error: unknown
      try {
        act()
      } catch (thrown) {
        error = thrown
      }
      expect((error as DiagnosticError).diagnostics).toMatchObject([
        {
          code: 'type/too-long',
          message: expect.stringContaining(`'${name}' of the type site.slow`),
          at,
        },
      ])
    }
  })
})
