import ssh2 from 'ssh2'

/** A key pair in OpenSSH's formats; `public` is one line without its end. */
export interface SshKeyPair {
  readonly private: string
  readonly public: string
}

/**
 * A fresh ed25519 pair. One in some 300 that ssh2 1.17 makes is malformed (it takes a zero at the beginning of the public
 * point for padding and drops it), so a pair counts when it can be read again.
 */
export function makeKeyPair(comment = ''): SshKeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error))
      return { private: pair.private, public: pair.public.trim() }
  }
}
