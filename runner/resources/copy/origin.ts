import { sha256, stat, type Readings, type Seen } from '../../contract/probe.ts'

/** What is asked of the file of the host that is copied: what it is, and, where it is a plain file, its hash. */
export function originProbes(path: string | undefined, seen: Seen) {
  if (path === undefined) return { origin: undefined, originHash: undefined }
  return {
    origin: stat(path),
    originHash:
      seen['origin']?.kind === 'file' ? sha256(path, { ahead: false, timeout: 600 }) : undefined,
  }
}

/** What is seen of it. */
export function originFields({ origin, originHash }: Readings<ReturnType<typeof originProbes>>) {
  return {
    source: origin?.exists ? origin.kind : null,
    source_sha256: originHash?.exists ? originHash.sha256 : null,
  }
}
