import { appendKnownHost } from './openssh-files/known-hosts-file.ts'
import { parseKnownHosts, type KnownKey } from './openssh-files/known-hosts.ts'
import type { BootKeys } from './host-key.ts'

/** Keys of hosts that this run boots. With a file, they are also written there, so that they can be looked at afterwards. */
export function bootKeys(file?: string): BootKeys {
  const allowed = new Set<string>()
  const held = new Map<string, readonly KnownKey[]>()
  return {
    allow(hop) {
      allowed.add(hop)
    },
    mayBeNew: (hop) => allowed.has(hop),
    take(hop, line) {
      allowed.delete(hop)
      held.set(hop, parseKnownHosts(line, file ?? 'this run'))
      return file === undefined ? null : appendKnownHost(file, line)
    },
    taken: (hop) => held.get(hop) ?? null,
  }
}
