/** What an image has inside, as far as a node shows it that boots it. */
export interface ImageContent {
  readonly packages: readonly string[]
  /** Public keys that root's authorized_keys has. */
  readonly rootKeys: readonly string[]
  /** Service pack of SLES 15. */
  readonly servicePack: number
}
