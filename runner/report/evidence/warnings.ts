import type { Event } from '../../model/event.ts'
import { compareNames } from '../../text/xname.ts'
import { anyAddress, anyHost } from '../kinds.ts'
import { cleanText } from '../screen-text.ts'

/** A warning, with all hosts that it came for. */
export interface Warned {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly hosts: readonly string[]
}

/** The warnings of a run, each kind once. */
export function warningsOf(
  warnings: readonly Extract<Event, { type: 'warning' }>[],
): readonly Warned[] {
  const kinds = new Map<string, { readonly said: Warned; readonly hosts: Set<string> }>()
  for (const { diagnostic } of warnings) {
    const { code, message, hint, host } = diagnostic
    const shared = (text: string): string =>
      cleanText(host === undefined ? text : anyAddress(anyHost(text, host)))
    const said = { code, message: shared(message), hint: hint === undefined ? null : shared(hint) }
    const key = JSON.stringify(said)
    const held = kinds.get(key) ?? { said: { ...said, hosts: [] }, hosts: new Set<string>() }
    if (host !== undefined) held.hosts.add(host)
    kinds.set(key, held)
  }
  return [...kinds.values()].map(({ said, hosts }) => ({
    ...said,
    hosts: [...hosts].sort(compareNames),
  }))
}
