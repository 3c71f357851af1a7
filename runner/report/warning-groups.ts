import type { Diagnostic } from '../model/diagnostic.ts'
import { foldNames } from '../text/host-ranges.ts'
import { compareNames } from '../text/xname.ts'
import { anyAddress, anyHost } from './kinds.ts'

/** Warnings of one kind, and the hosts that they came for. */
interface Kind {
  /** The one that is said: the first, or where all are said later that of the first host by name. */
  first: Diagnostic
  readonly hosts: Set<string>
}

/** Warnings by kind: what two hundred hosts have in common is said once. */
export interface WarningGroups {
  /** The warning as it is to be said now; null where one of its kind was said, or where all are said later. */
  hear(warning: Diagnostic): Diagnostic | null
  /** What was not said yet: a warning for each kind, with all its hosts. */
  rest(): readonly Diagnostic[]
}

/** Groups warnings. With `later`, none is said before `rest`, and that in an order that does not depend on the hosts' haste. */
export function createWarningGroups({ later }: { readonly later: boolean }): WarningGroups {
  let kinds = new Map<string, Kind>()
  return {
    hear(warning) {
      const key = keyOf(warning)
      const held = kinds.get(key)
      if (held) {
        if (warning.host === undefined) return null
        held.hosts.add(warning.host)
        if (later && compareNames(warning.host, held.first.host ?? '') < 0) held.first = warning
        return null
      }
      kinds.set(key, {
        first: warning,
        hosts: new Set(warning.host === undefined ? [] : [warning.host]),
      })
      return later ? null : warning
    },
    rest() {
      const all = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))
      kinds = new Map()
      return all.flatMap(([, kind]) => (later ? [together(kind)] : others(kind)))
    },
  }
}

/** Numbers are left out: they name a run, a process or a moment. */
function keyOf({ code, message, host, at }: Diagnostic): string {
  const text =
    host === undefined ? message : anyAddress(anyHost(message, host)).replace(/\d+/g, '#')
  return JSON.stringify([code, text, at?.file, at?.line])
}

function together({ first, hosts }: Kind): Diagnostic {
  if (hosts.size < 2) return first
  const { host, ...rest } = first
  return {
    ...rest,
    message: `${namesOf(hosts)}: ${anyAddress(anyHost(first.message, host ?? ''))}`,
  }
}

/** What is said of the hosts behind the first one. */
function others({ first, hosts }: Kind): readonly Diagnostic[] {
  if (hosts.size < 2) return []
  const { code } = first
  const more = new Set([...hosts].filter((host) => host !== first.host))
  return [{ code, severity: 'warning', message: `the same on ${namesOf(more)} (${more.size})` }]
}

function namesOf(hosts: ReadonlySet<string>): string {
  return foldNames([...hosts].sort(compareNames), 300)
}
