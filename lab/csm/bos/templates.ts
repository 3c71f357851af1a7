import { bad, noResource } from './problem.ts'
import type { BootSet, Template } from './records.ts'
import { mapOf } from '../problems.ts'
import { empty, json, parsed, sorted, type Asked, type Reply, type Route } from '../route.ts'
import type { System } from '../system.ts'

const source = 'bos:src/bos/server/controllers/v2/sessiontemplates.py'
const namePattern = '^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,125}[a-zA-Z0-9])?$'

/** BOS's session templates. */
export const templateRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v2/sessiontemplates',
    source,
    answer: (_asked, system) =>
      json(200, sorted([...system.bos.templates.values()].map((each) => shown(each, system)))),
  },
  { method: 'GET', path: '/v2/sessiontemplates/:name', source, answer: one },
  { method: 'PUT', path: '/v2/sessiontemplates/:name', source, answer: put },
  { method: 'PATCH', path: '/v2/sessiontemplates/:name', source, answer: patch },
  { method: 'DELETE', path: '/v2/sessiontemplates/:name', source, answer: remove },
  { method: 'GET', path: '/v2/sessiontemplatesvalid/:name', source, answer: validate },
  {
    method: 'GET',
    path: '/v2/sessiontemplatetemplate',
    source,
    answer: () => json(200, sorted(example)),
  },
]

function notFound(name: string): Reply {
  return noResource(`Session template '${name}' does not exist`)
}

// Older releases show no tenant as an empty text.
function shown(template: Template, system: System): unknown {
  return { ...template, tenant: system.release === '1.5' ? '' : template.tenant }
}

function one(asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  const found = system.bos.templates.get(name)
  return found ? json(200, sorted(shown(found, system))) : notFound(name)
}

function put(asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  if (!new RegExp(namePattern).test(name))
    return bad(
      `The session template could not be created: '${name}' does not match '${namePattern}'`,
    )
  return save(name, parsed(asked.body), system)
}

function patch(asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  const found = system.bos.templates.get(name)
  if (!found) return notFound(name)
  const given = mapOf(parsed(asked.body))
  if (!given) return bad('The session template could not be updated: the body is not a JSON object')
  return save(name, merged(found as unknown as Readonly<Record<string, unknown>>, given), system)
}

function merged(
  held: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const both: Record<string, unknown> = { ...held }
  for (const [key, value] of Object.entries(given)) {
    const [before, after] = [mapOf(held[key]), mapOf(value)]
    both[key] = before && after ? merged(before, after) : value
  }
  return both
}

function save(name: string, body: unknown, system: System): Reply {
  const given = mapOf(body)
  const trouble = given ? wrong(given, name) : 'the body is not a JSON object'
  if (trouble !== null) return bad(`The session template could not be created: ${trouble}`)
  const template = filledUp(given!, name)
  const mismatch = archTrouble(template, system)
  if (mismatch !== null) return bad(`The session template could not be created: ${mismatch}`)
  system.bos.templates.set(name, template)
  return json(200, sorted(shown(template, system)))
}

const setFields = [
  'name',
  'path',
  'type',
  'etag',
  'kernel_parameters',
  'node_list',
  'node_roles_groups',
  'node_groups',
  'arch',
  'cfs',
  'rootfs_provider',
  'rootfs_provider_passthrough',
]

function wrong(given: Readonly<Record<string, unknown>>, name: string): string | null {
  const unknown = Object.keys(given).find(
    (key) =>
      !['name', 'description', 'enable_cfs', 'cfs', 'boot_sets', 'tenant', 'links'].includes(key),
  )
  if (unknown) return `Additional properties are not allowed ('${unknown}' was unexpected)`
  if (given['name'] !== undefined && given['name'] !== name)
    return `the name in the body, '${String(given['name'])}', differs from that in the URL, '${name}'`
  const sets = mapOf(given['boot_sets'])
  if (!sets || Object.keys(sets).length === 0)
    return `Session template '${name}' requires at least 1 boot set`
  for (const [key, value] of Object.entries(sets)) {
    const set = mapOf(value)
    if (!set) return `${JSON.stringify(value)} is not of type 'object' - 'boot_sets.${key}'`
    const odd = Object.keys(set).find((field) => !setFields.includes(field))
    if (odd)
      return `Additional properties are not allowed ('${odd}' was unexpected) - 'boot_sets.${key}'`
    for (const field of ['path', 'type'])
      if (typeof set[field] !== 'string')
        return `'${field}' is a required property - 'boot_sets.${key}'`
    const parameters = set['kernel_parameters']
    if (typeof parameters === 'string' && parameters.length > 4096)
      return `'kernel_parameters' is too long - 'boot_sets.${key}'`
    if (
      set['arch'] !== undefined &&
      !['X86', 'ARM', 'Other', 'Unknown'].includes(String(set['arch']))
    )
      return `'${String(set['arch'])}' is not one of ['X86', 'ARM', 'Other', 'Unknown'] - 'boot_sets.${key}.arch'`
    const hardware = ['node_list', 'node_roles_groups', 'node_groups'].filter(
      (field) => set[field] !== undefined,
    )
    if (hardware.some((field) => !Array.isArray(set[field])))
      return `a list of nodes is not of type 'array' - 'boot_sets.${key}'`
    if (!hardware.some((field) => (set[field] as readonly unknown[]).length > 0))
      return `boot set '${key}' has no non-empty hardware-specifier fields: node_list, node_roles_groups, node_groups`
  }
  return null
}

function filledUp(given: Readonly<Record<string, unknown>>, name: string): Template {
  const sets = Object.entries(mapOf(given['boot_sets'])!).map(
    ([key, set]) =>
      [
        key,
        {
          ...withoutEmptyCfs(mapOf(set)!),
          name: key,
          arch: mapOf(set)!['arch'] ?? 'X86',
        } as unknown as BootSet,
      ] as const,
  )
  const { description } = given as { description?: string }
  return {
    ...(description === undefined ? {} : { description }),
    ...withoutEmptyCfs({ cfs: given['cfs'] }),
    name,
    enable_cfs: given['enable_cfs'] !== false,
    boot_sets: Object.fromEntries(sets),
    tenant: null,
  }
}

function withoutEmptyCfs(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { cfs, ...rest } = given
  return mapOf(cfs)?.['configuration'] ? { ...rest, cfs } : rest
}

/** Id of the image that a boot set's manifest belongs to; null where the path is none of IMS's. */
export function imageOf(set: Pick<BootSet, 'path'>): string | null {
  return /^s3:\/\/boot-images\/([^/]+)\/manifest\.json$/.exec(set.path)?.[1] ?? null
}

function archTrouble(template: Template, system: System): string | null {
  for (const set of Object.values(template.boot_sets)) {
    const image = system.images.find((each) => each.id === imageOf(set))
    const wanted = ({ X86: 'x86_64', ARM: 'aarch64' } as const)[set.arch as 'X86' | 'ARM']
    if (!image) {
      if (system.bos.options['ims_images_must_exist'] === true)
        return `Boot set '${set.name}': the image of ${set.path} does not exist in IMS`
    } else if (wanted && image.arch !== wanted)
      return `Boot set arch '${set.arch}' means IMS image arch should be '${wanted}', but actual IMS image arch is '${image.arch}'`
  }
  return null
}

/** Why a template cannot be booted now, or null: its manifests must lie in S3. */
export function templateTrouble(template: Template, system: System): string | null {
  const missing = Object.values(template.boot_sets).find(
    (set) => !system.images.some((image) => image.id === imageOf(set) && image.link !== null),
  )
  if (missing)
    return `Session template: '${template.name}' boot set: '${missing.name}' could not locate its boot artifacts. Error: ${missing.path} does not exist`
  return archTrouble(template, system)
}

function validate(asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  const template = system.bos.templates.get(name)
  return template ? json(200, templateTrouble(template, system) ?? 'Valid') : notFound(name)
}

function remove(asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  return system.bos.templates.delete(name) ? empty(204) : notFound(name)
}

const example = {
  boot_sets: {
    name_your_boot_set: {
      etag: 'your_boot_image_etag',
      kernel_parameters: 'your-kernel-parameters',
      node_groups: ['optional-group'],
      node_list: ['xname1', 'xname2', 'xname3'],
      node_roles_groups: ['Compute'],
      path: 's3://boot-images/YOUR_IMAGE_ID/manifest.json',
      rootfs_provider: 'cpss3',
      rootfs_provider_passthrough: 'dvs:api-gw-service-nmn.local:300:hsn0,nmn0:0',
      type: 's3',
    },
  },
  cfs: { configuration: 'desired-cfs-config' },
  enable_cfs: true,
  name: 'name-your-template',
}
