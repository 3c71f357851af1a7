/** A component as SLS keeps it. */
export interface Hardware {
  readonly Xname: string
  readonly Class: string
  readonly ExtraProperties: unknown
  readonly at: number
}

/** A network as SLS keeps it; its properties may be anything. */
export interface Network {
  readonly Name: string
  readonly FullName: string
  /** Null where it was written without. */
  readonly IPRanges: readonly string[] | null
  readonly Type: string
  readonly ExtraProperties: unknown
  readonly at: number
}

/** What SLS remembers. */
export interface Layout {
  readonly hardware: Hardware[]
  readonly networks: Network[]
  /** How often something was written. */
  changes: number
  changedAt: number
}
