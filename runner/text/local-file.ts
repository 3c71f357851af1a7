/** A local file given as a param (`format: local-file`): hashed at load, checked again when it is sent. */
export interface LocalFile {
  /** Absolute path on the controller. */
  readonly path: string
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
  /** Its text, where it is text and a write could carry it: only for what is shown. */
  readonly text?: string | undefined
}

/** A local folder given as a param (`format: local-folder`), with all that is in it. Its size and hash are those of the whole. */
export interface LocalFolder extends LocalFile {
  /** Paths of the folders in it, below it, each behind the one that holds it. */
  readonly folders: readonly string[]
  readonly files: readonly FolderEntry[]
}

/** A file of a local folder. */
export interface FolderEntry {
  /** Its path below the folder. */
  readonly below: string
  /** Whether its owner may run it. */
  readonly runs: boolean
  readonly file: LocalFile
}
