/** A word that the editor offers at the cursor. */
export interface Offer {
  readonly word: string
  readonly kind: 'key' | 'type' | 'value' | 'host' | 'name' | 'function' | 'file'
  /** What it is, in Markdown. */
  readonly about: string
}
