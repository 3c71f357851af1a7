import type { Schema } from '../connexion/json-schema.ts'
import type { Release } from '../system-model.ts'

/** Bodies and parameters as the description of CFS's API has them (config-framework-service:api/openapi.yaml). */

const text: Schema = { type: 'string' }
const truth: Schema = { type: 'boolean' }
const number: Schema = { type: 'integer' }
const oneWord: Schema = { pattern: '^[^\\s;]*$', type: 'string' }
const commit: Schema = { pattern: '^[a-f0-9]{40}$', type: 'string' }
const readOnly: Schema = { readOnly: true, type: 'string' }
const age: Schema = {
  example: '24h',
  maxLength: 10,
  minLength: 0,
  pattern: '^(?:[0-9]+[mMhHdDwW]){0,1}$',
  type: 'string',
}
const tags: Schema = { additionalProperties: text, type: 'object' }

function closed(properties: Schema['properties'], required: readonly string[] = []): Schema {
  return {
    additionalProperties: false,
    properties: properties!,
    ...(required.length > 0 ? { required } : {}),
    type: 'object',
  }
}
function listOf(items: Schema): Schema {
  return { items, type: 'array' }
}

const layerName: Schema = { maxLength: 45, minLength: 1, type: 'string' }
const layerV3 = closed(
  {
    name: layerName,
    clone_url: oneWord,
    source: text,
    playbook: oneWord,
    commit,
    branch: oneWord,
    special_parameters: closed({ ims_require_dkms: truth }),
  },
  ['playbook'],
)
const layerV2 = closed(
  {
    name: text,
    cloneUrl: oneWord,
    playbook: oneWord,
    commit,
    branch: oneWord,
    specialParameters: closed({ imsRequireDkms: truth }),
  },
  ['cloneUrl'],
)

/** A configuration in version 3; the newest may name a tenant, and lets an inventory come from a source. */
export function configurationV3(release: Release): Schema {
  const isNewest = release === '1.7'
  return closed({
    name: readOnly,
    description: text,
    ...(isNewest ? { tenant_name: text } : {}),
    last_updated: readOnly,
    layers: listOf(layerV3),
    additional_inventory: closed(
      { name: layerName, clone_url: oneWord, source: text, commit, branch: oneWord },
      isNewest ? [] : ['clone_url'],
    ),
  })
}

/** A configuration in version 2. */
export const configurationV2 = closed({
  name: readOnly,
  description: text,
  lastUpdated: readOnly,
  layers: listOf(layerV2),
  additional_inventory: closed({ name: text, cloneUrl: oneWord, commit, branch: oneWord }, [
    'cloneUrl',
  ]),
})

const sessionName: Schema = {
  maxLength: 45,
  minLength: 1,
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
  type: 'string',
}
const target: Schema = {
  properties: {
    definition: { enum: ['image', 'spec', 'repo', 'dynamic'], type: 'string' },
    groups: listOf({
      properties: { name: text, members: listOf(text) },
      required: ['members', 'name'],
      type: 'object',
    }),
    image_map: listOf({
      properties: { source_id: text, result_name: text },
      required: ['result_name', 'source_id'],
      type: 'object',
    }),
  },
  type: 'object',
}
const verbosity: Schema = { maximum: 4, minimum: 0, type: 'integer' }

/** What a session is made of in version 3. */
export const sessionV3 = closed(
  {
    name: sessionName,
    configuration_name: { maxLength: 60, minLength: 1, type: 'string' },
    configuration_limit: text,
    ansible_limit: oneWord,
    ansible_config: text,
    ansible_verbosity: verbosity,
    ansible_passthrough: text,
    target,
    tags,
    debug_on_failure: truth,
  },
  ['configuration_name', 'name'],
)
/** What a session is made of in version 2. */
export const sessionV2 = closed(
  {
    name: sessionName,
    configurationName: text,
    configurationLimit: text,
    ansibleLimit: oneWord,
    ansibleConfig: text,
    ansibleVerbosity: verbosity,
    ansiblePassthrough: text,
    target,
    tags,
  },
  ['configurationName', 'name'],
)

const layerStatus: Schema = { enum: ['applied', 'failed', 'skipped'], type: 'string' }
const configurationStatus: Schema = {
  enum: ['unconfigured', 'pending', 'failed', 'configured'],
  readOnly: true,
  type: 'string',
}

/** A component in version 3. */
export function componentV3(release: Release): Schema {
  const isNewest = release === '1.7'
  const layer = { clone_url: text, playbook: text, commit: text, status: layerStatus }
  const stateLayer = closed(
    { ...layer, last_updated: readOnly, session_name: text },
    isNewest ? ['clone_url', 'commit', 'last_updated', 'playbook', 'session_name', 'status'] : [],
  )
  return closed({
    id: isNewest ? { minLength: 1, type: 'string' } : text,
    state: listOf(stateLayer),
    state_append: closed({ ...layer, session_name: text }),
    desired_state: { ...listOf(stateLayer), readOnly: true },
    desired_config: { maxLength: 60, minLength: 0, type: 'string' },
    error_count: number,
    retry_policy: number,
    enabled: truth,
    configuration_status: configurationStatus,
    tags,
    logs: readOnly,
  })
}
/** A component in version 2. */
export function componentV2(release: Release): Schema {
  const isNewest = release === '1.7'
  const stateLayer = closed(
    {
      cloneUrl: text,
      playbook: text,
      commit: isNewest ? { pattern: '^[^_]*(_(applied|failed|skipped))?$', type: 'string' } : text,
      lastUpdated: readOnly,
      sessionName: text,
    },
    isNewest ? ['cloneUrl', 'commit', 'lastUpdated', 'playbook', 'sessionName'] : [],
  )
  return closed({
    id: isNewest ? { minLength: 1, type: 'string' } : text,
    state: listOf(stateLayer),
    stateAppend: closed({ cloneUrl: text, playbook: text, commit: text, sessionName: text }),
    desiredConfig: text,
    desiredState: { ...listOf(stateLayer), readOnly: true },
    errorCount: number,
    retryPolicy: number,
    enabled: truth,
    configurationStatus,
    tags,
  })
}

const limit: Schema = { minimum: 1, type: 'integer' }
const sessionStatus = ['pending', 'running', 'complete']
const succeeded = ['none', 'true', 'false', 'unknown']

/** The parameters of the lists. */
export const queries = {
  configurationsV3: { limit, after_id: text, in_use: truth },
  configurationsV2: { in_use: truth },
  sessionsV3: sessionFilters([...sessionStatus, ''], [...succeeded, ''], {}),
  sessionsV2: { age, ...sessionFilters(sessionStatus, succeeded, {}) },
  // Without a status only what is complete is deleted.
  deletionV3: sessionFilters([...sessionStatus, ''], [...succeeded, ''], { default: 'complete' }),
  deletionV2: { age, ...sessionFilters(sessionStatus, succeeded, { default: 'complete' }) },
  componentsV3: {
    limit,
    after_id: text,
    ids: text,
    status: { enum: ['unconfigured', 'failed', 'pending', 'configured', ''], type: 'string' },
    enabled: truth,
    config_name: text,
    state_details: truth,
    config_details: truth,
    tags: text,
  },
  componentsV2: {
    ids: text,
    status: { enum: ['unconfigured', 'failed', 'pending', 'configured'], type: 'string' },
    enabled: truth,
    configName: text,
    configDetails: truth,
    tags: text,
  },
  componentV3: { state_details: truth, config_details: truth },
  componentV2: { configDetails: truth },
  put: { drop_branches: { default: false, type: 'boolean' } },
  page: { limit, after_id: text },
} satisfies Record<string, Readonly<Record<string, Schema>>>

function sessionFilters(
  statuses: readonly string[],
  ends: readonly string[],
  more: Schema,
): Readonly<Record<string, Schema>> {
  return {
    min_age: age,
    max_age: age,
    status: { ...more, enum: statuses, type: 'string' },
    name_contains: text,
    succeeded: { enum: ends, type: 'string' },
    tags: text,
  }
}

/** The name of a configuration in the path, which only version 3 checks. */
export const configurationId: Schema = { maxLength: 60, minLength: 1, type: 'string' }
