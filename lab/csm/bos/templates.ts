import { keptBootSets, templateTrouble, withoutEmptyCfs } from './boot-sets.ts'
import { notFound, noTemplate } from './bos-problems.ts'
import type { Template } from './bos-records.ts'
import { template as templateFields, templatePatch, templatePath } from './bos-schemas.ts'
import { brokenInside, described, doneEmpty, type Call } from '../connexion/described-routes.ts'
import { mapOf } from '../problems.ts'
import { json, sorted, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import type { Release } from '../system-model.ts'

const source = 'bos:src/bos/server/controllers/v2/sessiontemplates.py'
const all = { path: '/v2/sessiontemplates', source }
const one = { path: '/v2/sessiontemplates/:name', source }

/** BOS's session templates. */
export const templateRoutes: readonly Route[] = [
  described({
    method: 'GET',
    ...all,
    operation: () => ({}),
    answer: (_call, system) => json(200, sorted([...system.bos.templates.values()])),
  }),
  described({ method: 'GET', ...one, operation: () => ({ path: templatePath }), answer: describe }),
  described({
    method: 'PUT',
    ...one,
    operation: (release) => ({ path: templatePath, body: templateFields(release) }),
    answer: put,
  }),
  described({
    method: 'PATCH',
    ...one,
    operation: (release) => ({ path: templatePath, body: templatePatch(release) }),
    answer: patch,
  }),
  described({
    method: 'DELETE',
    ...one,
    operation: () => ({ path: templatePath }),
    answer: remove,
  }),
  described({
    method: 'GET',
    path: '/v2/sessiontemplatesvalid/:name',
    source,
    operation: () => ({ path: templatePath }),
    answer: validate,
  }),
  described({
    method: 'GET',
    path: '/v2/sessiontemplatetemplate',
    source,
    operation: () => ({}),
    answer: (_call, system) => json(200, sorted(example(system.release))),
  }),
]

function describe(call: Call, system: System): Reply {
  const name = call.params['name']!
  const found = system.bos.templates.get(name)
  return found ? json(200, sorted(found)) : notFound(system.release, 'Session template', name)
}

type Fields = Readonly<Record<string, unknown>>
type GivenSets = Parameters<typeof keptBootSets>[0]

function put(call: Call, system: System): Reply {
  const name = call.params['name']!
  return save(name, call.body as Fields, 'created', system)
}

function patch(call: Call, system: System): Reply {
  const name = call.params['name']!
  const found = system.bos.templates.get(name)
  if (!found) return notFound(system.release, 'Session template', name)
  const [held, given] = [found as unknown as Fields, call.body as Fields]
  if (system.release === '1.7') return save(name, merged(held, given), 'patched', system)
  // Before the newest version what is given is filled up before it is merged.
  const kept = keptBootSets(given['boot_sets'] as GivenSets, system)
  if ('refusal' in kept) return noTemplate(system.release, 'patched', kept.refusal)
  const filled = merged(held, { ...given, boot_sets: kept.sets }) as unknown as Template
  system.bos.templates.set(name, filled)
  return json(200, sorted(filled))
}

function merged(held: Fields, given: Fields): Fields {
  const both: Record<string, unknown> = { ...held }
  for (const [key, value] of Object.entries(given)) {
    const after = mapOf(value)
    both[key] = after ? merged(mapOf(held[key]) ?? {}, after) : value
  }
  return both
}

function save(name: string, given: Fields, deed: 'created' | 'patched', system: System): Reply {
  const { release } = system
  const kept = keptBootSets(given['boot_sets'] as GivenSets, system)
  if ('refusal' in kept) return noTemplate(release, deed, kept.refusal)
  const template = {
    ...withoutEmptyCfs(given, release),
    name,
    boot_sets: kept.sets,
    // Older versions show no tenant as an empty text.
    tenant: release === '1.7' ? null : '',
  } as unknown as Template
  system.bos.templates.set(name, template)
  return json(200, sorted(template))
}

function validate(call: Call, system: System): Reply {
  const name = call.params['name']!
  const found = system.bos.templates.get(name)
  // Before the newest version BOS breaks over its own refusal.
  if (!found)
    return system.release === '1.7'
      ? notFound(system.release, 'Session template', name)
      : brokenInside
  return json(200, templateTrouble(found, 'boot', system)?.message ?? 'Valid')
}

function remove(call: Call, system: System): Reply {
  const name = call.params['name']!
  return system.bos.templates.delete(name)
    ? doneEmpty
    : notFound(system.release, 'Session template', name)
}

function example(release: Release): Fields {
  const isNewest = release === '1.7'
  return {
    boot_sets: {
      name_your_boot_set: {
        cfs: { configuration: 'bootset-specific-cfs-override' },
        etag: 'boot-image-s3-etag',
        kernel_parameters: 'your-kernel-parameters',
        node_list: ['xname1', 'xname2', 'xname3'],
        path: 's3://boot-images/boot-image-ims-id/manifest.json',
        rootfs_provider: isNewest ? 'sbps' : 'cpss3',
        rootfs_provider_passthrough: isNewest
          ? 'sbps:v1:iqn.2023-06.csm.iscsi:_sbps-hsn._tcp.my-system.my-site-domain:300'
          : 'dvs:api-gw-service-nmn.local:300:hsn0,nmn0:0',
        type: 's3',
      },
    },
    cfs: { configuration: 'default-sessiontemplate-cfs-config' },
    enable_cfs: true,
    ...(isNewest ? {} : { name: 'name-your-template' }),
  }
}
