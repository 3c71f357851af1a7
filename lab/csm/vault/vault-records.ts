/** One version of a secret of the second kind of engine. */
export interface SecretVersion {
  readonly data: Readonly<Record<string, unknown>>
  readonly made: number
  deleted: number | null
}

/** A secrets engine: with one value for each path, or with versions. */
export interface Mount {
  readonly version: 1 | 2
  readonly values: Map<string, Readonly<Record<string, unknown>>>
  readonly versions: Map<string, SecretVersion[]>
}

/** What Vault holds, by the names of its mounts. */
export interface VaultState {
  readonly mounts: Map<string, Mount>
}

/** An empty engine. */
export function newMount(version: 1 | 2): Mount {
  return { version, values: new Map(), versions: new Map() }
}

/** What an installation has: the engine `secret`, without versions, with what procedures read. */
export function newVault(isInstalled: boolean): VaultState {
  const secret = newMount(1)
  if (isInstalled) {
    secret.values.set('csm/users/root', { password: '$6$lab$rehearsal', ssh_public_key: '' })
    secret.values.set('reds-creds/defaults', {
      Cray: { username: 'root', password: 'rehearsal-bmc' },
    })
  }
  return { mounts: new Map([['secret', secret]]) }
}
