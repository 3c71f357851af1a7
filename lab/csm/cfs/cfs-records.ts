/** Where Ansible content comes from. */
export interface CfsSource {
  readonly clone_url?: string
  readonly source?: string
  readonly commit?: string
  readonly branch?: string
  readonly name?: string
}
/** A layer of a configuration. */
export interface CfsLayer extends CfsSource {
  readonly playbook?: string
  readonly special_parameters?: { readonly ims_require_dkms?: boolean }
}
/** A configuration as version 3 shows it. */
export interface CfsConfiguration {
  readonly name: string
  readonly description?: string
  readonly layers: readonly CfsLayer[]
  readonly additional_inventory?: CfsSource
  readonly last_updated: string
  readonly tenant_name?: string
}

/** How a session has ended; the service writes booleans as texts. */
export type Succeeded = 'none' | 'true' | 'false' | 'unknown'

/** A session as the lab remembers it. */
export interface CfsSession {
  readonly name: string
  readonly configuration_name: string
  readonly configuration_limit: string
  readonly ansible: {
    readonly config: string
    readonly limit: string | null
    readonly passthrough: string | null
    readonly verbosity: number
  }
  /** Groups and names are null where the request had none. */
  readonly target: {
    readonly definition: string
    readonly groups:
      readonly { readonly name: string; readonly members: readonly string[] }[] | null
    readonly image_map:
      readonly { readonly source_id: string; readonly result_name: string }[] | null
  }
  readonly tags: Readonly<Record<string, string>>
  readonly debug_on_failure: boolean
  readonly at: number
  status: 'pending' | 'running' | 'complete'
  succeeded: Succeeded
  completed: number | null
  job: string | null
  ims_job: string | null
  artifacts: readonly {
    readonly image_id: string
    readonly result_id: string
    readonly type: 'ims_customized_image'
  }[]
}

/** A live node as CFS knows it. */
export interface CfsComponent {
  /** As version 3 has it; a writer of the whole record may have left fields out. */
  record: Readonly<Record<string, unknown>>
  /** The end of a configuration that is being applied; the lab's nodes have nothing that a layer would change. */
  pending: { readonly due: number; readonly failed: boolean } | null
}

/** What CFS remembers. */
export interface CfsState {
  readonly configurations: Map<string, CfsConfiguration>
  readonly sessions: Map<string, CfsSession>
  readonly components: Map<string, CfsComponent>
}

/** CFS as it is after its installation: it knows these nodes, and none has a configuration. */
export function newCfs(xnames: readonly string[]): CfsState {
  return {
    configurations: new Map(),
    sessions: new Map(),
    components: new Map(xnames.map((id) => [id, { record: discovered(id), pending: null }])),
  }
}

function discovered(id: string): CfsComponent['record'] {
  return {
    id,
    desired_config: '',
    enabled: false,
    error_count: 0,
    retry_policy: 3,
    state: [],
    tags: {},
  }
}

/** A time as CFS writes it for configurations. */
export function zulu(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** A time as CFS writes it for sessions: without a zone. */
export function zoneless(at: number): string {
  return zulu(at).replace('Z', '')
}
