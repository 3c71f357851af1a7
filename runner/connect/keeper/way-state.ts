import { createHash } from 'node:crypto'
import type { Hop } from '../ssh/hop.ts'
import type { KnownHostsReader } from '../ssh/openssh-files/known-hosts-file.ts'
import { stampOf } from './file-stamps.ts'

/** The public keys that an agent holds, as a digest. */
export type AgentState = (socket: string) => Promise<string>

/**
 * What a login over these hops rests on beside the way itself: the lines of known_hosts that may name each host, the key files, and
 * the keys of the agent. When any of it is different, a new login would come to another end, or ask for another proof.
 */
export async function wayState(
  hops: readonly Hop[],
  knownHosts: KnownHostsReader,
  agent: AgentState,
): Promise<string> {
  const digest = createHash('sha256')
  for (const hop of hops) {
    const name = { host: hop.address, port: hop.port, alias: hop.hostKeyAlias }
    const files = [...hop.knownHostsFiles, ...hop.globalKnownHostsFiles]
    for (const { marker, names, type, key } of knownHosts.read(files, name))
      digest.update(`${marker} ${names} ${type} `).update(key)
    for (const file of [...hop.keyFiles, ...hop.defaultKeyFiles])
      for (const each of [file, `${file}.pub`]) digest.update(`${each} ${stampOf(each)}\n`)
    if (hop.agent !== null) digest.update(await agent(hop.agent))
  }
  return digest.digest('base64')
}
