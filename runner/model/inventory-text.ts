/** A file of an inventory, and what it is about. */
export interface InventoryFile {
  readonly path: string
  /** What it says; of a program a digest. */
  readonly text: string
  readonly about: { readonly kind: 'inventory' } | ProgramFile | AnswerOf | VarsOf
}
/** A program that prints an inventory. */
export interface ProgramFile {
  readonly kind: 'program'
}
/** What the source of the file with this path answered: a saved plan keeps it beside the file. */
export interface AnswerOf {
  readonly kind: 'answer'
  readonly form: 'ansible' | 'csm'
  /** Milliseconds since the epoch at which it was asked. */
  readonly at: number
}
/** Vars of one group or host. `sure`: it lies in the inventory's own folder, so a name that is not there is a slip. */
export interface VarsOf {
  readonly kind: 'group' | 'host'
  readonly name: string
  readonly sure: boolean
}
