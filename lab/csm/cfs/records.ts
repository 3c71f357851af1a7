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
    readonly limit: string
    readonly passthrough: string
    readonly verbosity: number
  }
  readonly target: {
    readonly definition: string
    readonly groups: readonly { readonly name: string; readonly members: readonly string[] }[]
    readonly image_map: readonly { readonly source_id: string; readonly result_name: string }[]
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
  readonly desired_config: string
  /** When its configuration has been applied; the lab's nodes have nothing that a layer would change. */
  readonly configured: number
  readonly failed: boolean
}

/** What CFS remembers. */
export interface CfsState {
  readonly configurations: Map<string, CfsConfiguration>
  readonly sessions: Map<string, CfsSession>
  readonly components: Map<string, CfsComponent>
}

/** Nothing yet. */
export function newCfs(): CfsState {
  return { configurations: new Map(), sessions: new Map(), components: new Map() }
}

/** A time as CFS writes it for configurations. */
export function zulu(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** A time as CFS writes it for sessions: without a zone. */
export function zoneless(at: number): string {
  return zulu(at).replace('Z', '')
}
