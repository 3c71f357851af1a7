import type { Secret } from '../contract/secret.ts'
import type { ValueMap } from '../contract/value.ts'

/** How a host is reached. What is absent comes from the user's ssh_config, then from OpenSSH's defaults. */
export interface ConnectionSettings {
  readonly kind: 'ssh' | 'local'
  /** Name or address to connect to; the host's name when absent. */
  readonly address?: string
  readonly port?: number
  readonly user?: string
  readonly keyFiles?: readonly string[]
  readonly password?: Secret
  readonly keyPassphrase?: Secret
  /** `user@host:port`, several joined by commas: nearest to the controller first. */
  readonly jump?: string
  readonly hostKeys?: 'strict' | 'accept-new' | 'off' | 'new-after-boot'
  readonly knownHostsFile?: string
  /** What makes the SSH connection: the package in this process (when absent), or the system's own ssh. */
  readonly transport?: 'ssh2' | 'openssh'
  /** In place of ~/.ssh/config and /etc/ssh/ssh_config; `none`: no file. */
  readonly sshConfig?: string
  /** Seconds for TCP, handshake and login together. */
  readonly connectTimeout?: number
  readonly becomePassword?: Secret
}

/** A name in the inventory, for CSM often an xname. */
export interface Host {
  readonly name: string
  readonly groups: readonly string[]
  /** Merged: `all`, then groups from parents to children, then the host's own. */
  readonly vars: ValueMap
  readonly connection: ConnectionSettings
}

/** An HTTP service of the inventory: a connection like SSH. */
export interface Service {
  readonly name: string
  /** Base URL; a probe's path is appended. */
  readonly url: string
  /** PEM file of the authorities to trust. */
  readonly ca?: string
  /** Loud: certificates are not verified. */
  readonly insecure?: boolean
  /** The host through whose SSH connection it is reached; absent: directly. */
  readonly via?: string
  readonly token?: TokenSource
}
/** One key of a secret of Kubernetes. */
export interface SecretKey {
  readonly namespace: string
  readonly secret: string
  readonly key: string
}
/** Where a service's bearer token comes from, or the keys that its requests are signed with. */
export type TokenSource =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'craycli'; readonly path?: string }
  | {
      /** The client secret is read from a Kubernetes secret on a host, and changed for a token at `url`. */
      readonly from: 'admin-client-auth'
      readonly host: string
      /** Token endpoint, absolute. */
      readonly url: string
      readonly clientId: string
    }
  /** The token is a key of a Kubernetes secret, which is read on a host. */
  | ({ readonly from: 'k8s-secret'; readonly host: string } & SecretKey)
  /** Keys of S3: in a file, or in a Kubernetes secret that is read on a host. */
  | {
      readonly from: 's3-keys'
      readonly path?: string
      readonly host?: string
      readonly namespace: string
      readonly secret?: string
      readonly region: string
    }

/** The hosts, groups and services of a run. */
export interface Inventory {
  /** In the inventory's order: xnames by number. */
  readonly hosts: ReadonlyMap<string, Host>
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly services: ReadonlyMap<string, Service>
  /** The names of the hosts as the inventory is written; absent: nothing says it. */
  readonly written?: readonly string[]
  /** The hosts of a pattern (`@group`, ranges, `!`, `&`, `^`, names), xnames by number. Throws DiagnosticError where nothing matches. */
  select(pattern: string): readonly Host[]
}

/** Whether a host is the machine that the run itself is on. */
export function isWhereTheRunIs({ connection }: Host): boolean {
  return connection.kind === 'local'
}

/** The connection that a host's sessions share. All hosts that are the run's own machine have one. */
export function connectionOf(host: Host): string {
  return isWhereTheRunIs(host) ? 'local' : `host ${host.name}`
}
