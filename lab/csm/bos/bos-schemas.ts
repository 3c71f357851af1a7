import type { Schema } from '../connexion/json-schema.ts'
import type { Release } from '../system-model.ts'

/** Bodies and parameters as the description of BOS's API has them (bos:api/openapi.yaml.in). */

/** The first version has hardly a limit; the newest names more values. */
type Era = 'first' | 'middle' | 'newest'

function eraOf(release: Release): Era {
  return release === '1.5' ? 'first' : release === '1.7' ? 'newest' : 'middle'
}

const truth: Schema = { type: 'boolean' }
const readOnly: Schema = { readOnly: true, type: 'string' }
const attempts: Schema = { maximum: 1048576, minimum: 0, type: 'integer' }
const name: Schema = {
  maxLength: 127,
  minLength: 1,
  pattern: '^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,125}[a-zA-Z0-9])?$',
  type: 'string',
}

function closed(properties: Schema['properties'], more: Schema = {}): Schema {
  return { additionalProperties: false, properties: properties!, type: 'object', ...more }
}

/** A text of these lengths; the first version does not limit it. */
function text(era: Era, most: number, least?: number): Schema {
  if (era === 'first') return { type: 'string' }
  return { maxLength: most, ...(least === undefined ? {} : { minLength: least }), type: 'string' }
}

function names(era: Era, most: number): Schema {
  return {
    items: text(era, 127, 1),
    ...(era === 'first' ? {} : { maxItems: most }),
    minItems: 1,
    type: 'array',
  }
}

function cfs(era: Era): Schema {
  return closed({ configuration: text(era, 127) })
}

function bootSets(era: Era): Schema {
  const set = closed(
    {
      name: era === 'first' ? { type: 'string' } : name,
      path: text(era, 4095, 1),
      cfs: cfs(era),
      type: text(era, 127, 1),
      etag: text(era, 65536),
      kernel_parameters: text(era, 4096),
      node_list: names(era, 65535),
      node_roles_groups: names(era, 1023),
      node_groups: names(era, 4095),
      arch: { enum: ['X86', 'ARM', 'Other', 'Unknown'], type: 'string' },
      rootfs_provider: text(era, 511, 1),
      rootfs_provider_passthrough: text(era, 4096),
    },
    { required: ['path', 'type'] },
  )
  return {
    additionalProperties: set,
    ...(era === 'first' ? {} : { maxProperties: 127, minProperties: 1 }),
    type: 'object',
  }
}

/** A session template as it is written. */
export function template(release: Release): Schema {
  const era = eraOf(release)
  return closed(
    {
      name: era === 'first' ? { minLength: 1, ...readOnly } : { ...name, readOnly: true },
      tenant: { ...text(era, 127), nullable: true, readOnly: true },
      description: text(era, 1023, 1),
      enable_cfs: truth,
      cfs: cfs(era),
      boot_sets: bootSets(era),
      links: {
        items: closed({ href: { type: 'string' }, rel: { type: 'string' } }),
        readOnly: true,
        type: 'array',
      },
    },
    era === 'first' ? {} : { required: ['boot_sets'] },
  )
}

/** What may be changed of a template: before the newest version it has to be whole. */
export function templatePatch(release: Release): Schema {
  const era = eraOf(release)
  return era === 'newest'
    ? closed({
        description: text(era, 1023, 1),
        enable_cfs: truth,
        cfs: cfs(era),
        boot_sets: bootSets(era),
      })
    : template(release)
}

/** The name of a boot set, which is checked once more when a template is kept. */
export const bootSetName: Schema = {
  ...name,
  description:
    'The Boot Set name.\n\n* Boot Set names must use only letters, digits, periods (.), dashes (-), and underscores (_).\n* Boot Set names must begin and end with a letter or digit.\n',
  title: 'BootSetName',
  writeOnly: true,
}

const firstName: Schema = {
  maxLength: 45,
  minLength: 1,
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
  type: 'string',
}

/** What a session is made of. */
export function session(release: Release): Schema {
  const era = eraOf(release)
  const isFirst = era === 'first'
  return closed(
    {
      name: isFirst ? firstName : name,
      operation: { enum: ['boot', 'reboot', 'shutdown'], type: 'string' },
      template_name: isFirst ? { minLength: 1, type: 'string' } : name,
      limit: { ...text(era, 524288), ...(isFirst ? {} : { nullable: true }) },
      stage: truth,
      include_disabled: truth,
    },
    { required: ['operation', 'template_name'] },
  )
}

const phases = ['configuring', 'powering_off', 'powering_on', '']
const actions = [
  'actual_state_cleanup',
  'apply_staged',
  'newly_discovered',
  'powering_off_forcefully',
  'powering_off_gracefully',
  'powering_on',
  'session_setup',
]

/** A component as it is written. */
export function component(release: Release): Schema {
  const era = eraOf(release)
  const isNewest = era === 'newest'
  const artifacts = closed({
    kernel: text(era, 4095),
    kernel_parameters: text(era, 4096),
    initrd: text(era, 4095),
  })
  const sessionName: Schema = {
    oneOf: [era === 'first' ? firstName : name, { enum: [''], maxLength: 0, type: 'string' }],
  }
  const state = { boot_artifacts: artifacts, last_updated: readOnly }
  return closed(
    {
      id: text(era, 127, 1),
      actual_state: closed({ ...state, bss_token: text(era, 65535) }),
      desired_state: closed({
        ...state,
        configuration: text(era, 127),
        bss_token: text(era, 65535),
      }),
      staged_state: closed({ ...state, configuration: text(era, 127), session: sessionName }),
      last_action: closed({
        last_updated: readOnly,
        action: isNewest ? { enum: actions, type: 'string' } : text(era, 1024),
        failed: truth,
      }),
      event_stats: closed({
        power_on_attempts: attempts,
        power_off_graceful_attempts: attempts,
        power_off_forceful_attempts: attempts,
      }),
      status: closed({
        phase: isNewest ? { enum: phases, type: 'string' } : text(era, 128),
        status: readOnly,
        status_override: text(era, 65536),
      }),
      enabled: truth,
      error: text(era, 65536),
      session: sessionName,
      retry_policy: attempts,
    },
    era === 'first' ? {} : { minProperties: 1 },
  )
}

const age: Schema = {
  maxLength: 8,
  minLength: 1,
  pattern: '^(0|0[mMhHdDwW]|[1-9][0-9]*[mMhHdDwW])$',
  type: 'string',
}
const timeout: Schema = { maximum: 86400, minimum: 10, type: 'integer' }
const levels = ['debug', 'info', 'warning', 'error', 'critical']
  .map((word) => word.replace(/./g, (each) => `[${each}${each.toUpperCase()}]`))
  .join('|')

/** The options that may be set; others are kept without a check. */
export function options(release: Release): Schema {
  const era = eraOf(release)
  const more: Schema['properties'] =
    era === 'newest'
      ? {
          bss_read_timeout: timeout,
          hsm_read_timeout: timeout,
          ims_read_timeout: timeout,
          pcs_read_timeout: timeout,
        }
      : { disable_components_on_completion: truth }
  return {
    additionalProperties: true,
    maxProperties: 1024,
    minProperties: 1,
    // In the order of the description: what is wrong first is said.
    properties: byName({
      ...more,
      cfs_read_timeout: timeout,
      cleanup_completed_session_ttl: age,
      clear_stage: truth,
      component_actual_state_ttl:
        era === 'newest'
          ? { maxLength: 8, minLength: 2, pattern: '^[1-9][0-9]*[hHdDwW]$', type: 'string' }
          : age,
      default_retry_policy: attempts,
      discovery_frequency: { maximum: 33554432, minimum: 0, type: 'integer' },
      ims_errors_fatal: truth,
      ims_images_must_exist: truth,
      logging_level: { pattern: `^(${levels})$`, type: 'string' },
      max_boot_wait_time: attempts,
      max_component_batch_size: { maximum: 131071, minimum: 0, type: 'integer' },
      max_power_off_wait_time: attempts,
      max_power_on_wait_time: attempts,
      polling_frequency: attempts,
      reject_nids: truth,
      session_limit_required: truth,
    }),
    type: 'object',
  }
}

function byName(properties: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function named(what: string, example: string, title: string): Schema {
  return {
    ...name,
    description: `Name of the ${what}.\n\nThe name must:\n* Use only letters, digits, periods (.), dashes (-), and underscores (_).\n* Begin and end with a letter or digit.\n`,
    example,
    title,
  }
}
const sessionId = named('Session', 'session-20190728032600', 'name')
const componentId: Schema = {
  description: "The Component's ID. (e.g. xname for hardware Components)",
  maxLength: 127,
  minLength: 1,
  title: 'V2ComponentId',
  type: 'string',
}

/** The nodes whose staged session is to be applied. */
export function stagedNodes(release: Release): Schema {
  const era = eraOf(release)
  return closed({ xnames: { ...names(era, 250_000), minItems: 0 } })
}

/** The name of a template in the path. */
export const templatePath = { name: named('Session Template', 'cle-1.0.0', 'template_name') }
/** The name of a session in the path. */
export function sessionPath(release: Release): Readonly<Record<string, Schema>> {
  return { name: release === '1.5' ? { type: 'string' } : sessionId }
}
/** The name of a component in the path. */
export function componentPath(release: Release): Readonly<Record<string, Schema>> {
  return { xname: release === '1.5' ? { type: 'string' } : componentId }
}

/** How the list of sessions, and its deletion, is filtered. */
export function sessionQuery(release: Release): Readonly<Record<string, Schema>> {
  const shownAge: Schema = {
    ...age,
    description:
      'Age in minutes (e.g. "3m"), hours (e.g. "5h"), days (e.g. "10d"), or weeks (e.g. "2w").',
    example: '3d',
  }
  const ages: Schema = release === '1.5' ? { type: 'string' } : shownAge
  return {
    min_age: ages,
    max_age: ages,
    status: {
      description: 'The status of a Session.',
      enum: ['pending', 'running', 'complete'],
      title: 'V2SessionStatusLabel',
      type: 'string',
    },
  }
}

/** How the list of components is filtered; only the newest version has pages. */
export function componentQuery(release: Release): Readonly<Record<string, Schema>> {
  const era = eraOf(release)
  const description = 'The current phase of the Component in the boot process.'
  const any: Schema = { type: 'string' }
  const isFirst = era === 'first'
  return {
    ids: isFirst ? any : componentId,
    session: isFirst ? any : sessionId,
    staged_session: isFirst ? any : sessionId,
    enabled: truth,
    phase:
      era === 'newest'
        ? { description, enum: phases, title: 'V2ComponentPhase', type: 'string' }
        : isFirst
          ? any
          : { description, maxLength: 128, title: 'phase', type: 'string' },
    status: isFirst ? any : { maxLength: 512, type: 'string' },
    ...(era === 'newest'
      ? {
          start_after_id: componentId,
          page_size: { maximum: 1048576, minimum: 0, type: 'integer' },
        }
      : {}),
  }
}
