import type { Component, Release } from '../system-model.ts'

/** What a node boots, in the words of BOS. */
export interface Artifacts {
  readonly kernel: string
  readonly kernel_parameters: string
  readonly initrd: string
}
/** A boot set of a template, as it was written and filled up. */
export interface BootSet {
  readonly path: string
  readonly type: string
  readonly arch: 'X86' | 'ARM' | 'Other' | 'Unknown'
  readonly etag?: string
  readonly kernel_parameters?: string
  readonly node_list?: readonly string[]
  readonly node_roles_groups?: readonly string[]
  readonly node_groups?: readonly string[]
  readonly rootfs_provider?: string
  readonly rootfs_provider_passthrough?: string
  readonly cfs?: { readonly configuration?: string }
}
/** A session template. */
export interface Template {
  readonly name: string
  readonly description?: string
  /** True where it is absent. */
  readonly enable_cfs?: boolean
  readonly cfs?: { readonly configuration?: string }
  readonly boot_sets: Readonly<Record<string, BootSet>>
  readonly tenant: string | null
}

/** A session. */
export interface BosSession {
  readonly name: string
  readonly operation: 'boot' | 'reboot' | 'shutdown'
  readonly template_name: string
  readonly limit: string
  readonly stage: boolean
  readonly include_disabled: boolean
  readonly at: number
  components: string
  status: 'pending' | 'running' | 'complete'
  ended: number | null
  error: string | null
}

/** A node as BOS knows it. */
export interface BosComponent {
  readonly id: string
  enabled: boolean
  error: string
  session: string
  retry_policy: number
  actual: { readonly artifacts: Artifacts; readonly at: number }
  desired: { readonly artifacts: Artifacts; readonly configuration: string; readonly at: number }
  staged: {
    readonly session: string
    readonly artifacts: Artifacts
    readonly configuration: string
  } | null
  last: { readonly action: string; readonly failed: boolean; readonly at: number }
  attempts: { on: number; graceful: number; forceful: number }
  phase: '' | 'powering_on' | 'powering_off' | 'configuring'
  status: string
  override: string
  /** The transition of PCS that it waits for. */
  transition: string | null
  /** The last boot that was seen, and since when. */
  seenBoot: { readonly id: string; readonly at: number } | null
  /** The boots that bos-reporter has reported to BOS, and BOS to CFS. */
  reportedBoot: string | null
  configuredBoot: string | null
  /** The fields that the writer of the whole component gave it; absent: it has all. */
  only?: readonly string[]
}

/** What BOS remembers. */
export interface BosState {
  readonly templates: Map<string, Template>
  readonly sessions: Map<string, BosSession>
  readonly components: Map<string, BosComponent>
  readonly options: Record<string, string | number | boolean>
}

/** Nothing to boot. */
export const noArtifacts: Artifacts = { kernel: '', kernel_parameters: '', initrd: '' }

/** BOS as it is after its installation: it knows the nodes, and wants nothing of them. */
export function newBos(components: readonly Component[], now: number, release: Release): BosState {
  return {
    templates: new Map(),
    sessions: new Map(),
    components: new Map(components.map((each) => [each.xname, discovered(each.xname, now)])),
    options: {
      ...usualOptions,
      ...(release === '1.7' ? newestOptions : { disable_components_on_completion: true }),
    },
  }
}

/** A node that BOS has just found in HSM. */
export function discovered(id: string, at: number): BosComponent {
  return {
    id,
    enabled: false,
    error: '',
    session: '',
    retry_policy: 3,
    actual: { artifacts: noArtifacts, at },
    desired: { artifacts: noArtifacts, configuration: '', at },
    staged: null,
    last: { action: 'newly_discovered', failed: false, at },
    attempts: { on: 0, graceful: 0, forceful: 0 },
    phase: '',
    status: 'stable',
    override: '',
    transition: null,
    seenBoot: null,
    reportedBoot: null,
    configuredBoot: null,
  }
}

const usualOptions = {
  cfs_read_timeout: 20,
  cleanup_completed_session_ttl: '7d',
  clear_stage: false,
  component_actual_state_ttl: '4h',
  default_retry_policy: 3,
  discovery_frequency: 300,
  ims_errors_fatal: false,
  ims_images_must_exist: false,
  logging_level: 'INFO',
  max_boot_wait_time: 1200,
  max_component_batch_size: 2800,
  max_power_off_wait_time: 300,
  max_power_on_wait_time: 120,
  polling_frequency: 15,
  reject_nids: false,
  session_limit_required: false,
}

const newestOptions = {
  bss_read_timeout: 20,
  hsm_read_timeout: 20,
  ims_read_timeout: 20,
  pcs_read_timeout: 20,
}
