import type { Release, Component, ImageRecord, RecipeRecord } from './system-model.ts'
import { type Durations, labDurations } from './durations.ts'
import { imagesOf, recipesOf, type Artifact } from '../kubernetes/product-catalog.ts'
import { makeCluster } from '../kubernetes/kubernetes-cluster.ts'
import { newCfs } from './cfs/cfs-records.ts'
import { newBss } from './bss/boot-records.ts'
import { newBos } from './bos/bos-records.ts'
import { newFas } from './fas/fas-records.ts'
import { newVault } from './vault/vault-records.ts'
import { artifactsIn, newS3 } from './s3/s3-records.ts'
import { makeAgenda } from './agenda.ts'
import type { Part } from './hsm/hsm-records.ts'
import { installedInventory } from './hsm/installed-inventory.ts'
import { partsAround } from './hsm/parts.ts'
import { installedLayout, emptyLayout } from './sls/layout.ts'
import type { System } from './system.ts'

/** A fresh system around these nodes. */
export function makeSystem(
  options: {
    release?: Release
    now?: () => number
    components?: readonly Component[]
    durations?: Durations
    /** What the services hold beside the nodes: a system that was installed, or nothing. */
    content?: 'installed' | 'none'
  } = {},
): System {
  const release = options.release ?? '1.6'
  const now = options.now ?? Date.now
  const components = options.components ?? []
  const isInstalled = options.content !== 'none'
  const parts = isInstalled ? partsAround(components) : new Map<string, Part>()
  const images = imagesOf(release).map(image)
  const recipes = recipesOf(release).map(recipe)
  if (!isInstalled) for (const records of [images, recipes]) records.length = 0
  const s3 = newS3(now())
  const artifacts = artifactsIn(s3, now)
  for (const { link } of [...images, ...recipes]) if (link) artifacts.add(link.path, link.etag)
  return {
    release,
    now,
    cluster: makeCluster(release),
    components: new Map(components.map((component) => [component.xname, component])),
    remoteBuildNodes: new Set(),
    images,
    publicKeys: [],
    recipes,
    deletedImages: [],
    deletedPublicKeys: [],
    s3,
    vault: newVault(isInstalled),
    artifacts,
    jobs: [],
    contents: new Map(),
    cfs: newCfs(isInstalled ? components.map((each) => each.xname) : []),
    bos: newBos(isInstalled ? components : [], now(), release),
    fas: newFas(isInstalled, now()),
    transitions: new Map(),
    bss: newBss(isInstalled ? components : []),
    agenda: makeAgenda(now),
    durations: options.durations ?? labDurations,
    faults: [],
    locks: new Map(),
    reservations: new Map(),
    groups: new Map(),
    partitions: new Map(),
    order: [...parts.keys(), ...tableOf(components, isInstalled)],
    disabled: new Set(),
    parts,
    roles: new Map(),
    inventory: installedInventory(isInstalled ? components : [], parts, now()),
    emptied: new Set(),
    layout: isInstalled ? installedLayout(components, now()) : emptyLayout(now()),
    tokens: new Map(),
  }
}

// PostgreSQL promises no order: in a table that has lived, the newest row may stand where an older one was.
function tableOf(components: readonly Component[], hasLived: boolean): string[] {
  const xnames = components.map((each) => each.xname)
  const newest = hasLived ? xnames.splice(-1) : []
  return [...newest, ...xnames]
}

function image({ id, name, arch }: Artifact): ImageRecord {
  return {
    id,
    created: '2024-03-22T12:47:14.937124',
    name,
    link: {
      path: `s3://boot-images/${id}/manifest.json`,
      etag: id.replaceAll('-', ''),
      type: 's3',
    },
    arch,
    metadata: {},
  }
}

function recipe({ id, name, arch }: Artifact): RecipeRecord {
  return {
    id,
    created: '2024-03-22T12:40:01.512411',
    name,
    arch,
    recipe_type: 'kiwi-ng',
    linux_distribution: 'sles15',
    require_dkms: false,
    template_dictionary: [],
    link: {
      path: `s3://ims/recipes/${id}/recipe.tar.gz`,
      etag: id.replaceAll('-', ''),
      type: 's3',
    },
  }
}
