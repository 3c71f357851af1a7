/** A local file given as a param (`format: local-file`): hashed at load, checked again when it is sent. */
export interface LocalFile {
  /** Absolute path on the controller. */
  readonly path: string
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
}
