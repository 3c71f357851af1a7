import { randomUUID } from 'node:crypto'
import { textOf } from '../kubernetes/kubernetes-cluster.ts'
import type { System } from './system.ts'
import type { ImageRecord, Release } from './system-model.ts'
import type { ImageContent } from './image-content.ts'

const servicePacks: Readonly<Record<Release, number>> = { '1.5': 5, '1.6.0': 6, '1.6': 6, '1.7': 7 }

/** What an image holds; one of which the lab knows nothing is a bare SLES. */
export function contentOf(system: System, id: string): ImageContent {
  return (
    system.contents.get(id) ?? {
      packages: [],
      rootKeys: [],
      servicePack: servicePacks[system.release],
    }
  )
}

/** What csm-config's ims_computes.yml makes of an image: its packages, and the key of IMS as it is at that moment. */
export function baked(system: System, content: ImageContent): ImageContent {
  // From 1.28 on the list of packages has no podman: the node needs it from a repository.
  const packages =
    system.release === '1.7'
      ? ['bos-reporter']
      : [
          'podman',
          'conmon',
          'runc',
          'libcontainers-common',
          'cni-plugins',
          'cfs-state-reporter',
          'bos-reporter',
        ]
  const key = textOf(
    system.cluster,
    'ConfigMap',
    'services',
    'cray-ims-remote-keys',
    'public_key',
  ).trim()
  return {
    ...content,
    packages: [...new Set([...content.packages, ...packages])],
    rootKeys: content.rootKeys.includes(key) ? content.rootKeys : [...content.rootKeys, key],
  }
}

/** Adds an image with its artifacts in S3 to IMS. */
export function addImage(
  system: System,
  made: {
    readonly id: string
    readonly name: string
    readonly arch: ImageRecord['arch']
    readonly etag: string
    readonly at: number
    readonly content: ImageContent
  },
): ImageRecord {
  const record: ImageRecord = {
    id: made.id,
    created: timestamp(made.at),
    name: made.name,
    link: { path: `s3://boot-images/${made.id}/manifest.json`, etag: made.etag, type: 's3' },
    arch: made.arch,
    metadata: {},
  }
  system.images.push(record)
  system.artifacts.add(record.link!.path, made.etag)
  system.contents.set(made.id, made.content)
  return record
}

/** Gives IMS a second image of each name that it has, a day older, with other artifacts. */
export function duplicateImages(system: System): void {
  for (const image of [...system.images]) {
    const id = randomUUID()
    addImage(system, {
      id,
      name: image.name,
      arch: image.arch,
      etag: id.replaceAll('-', ''),
      at: Date.parse(`${image.created}Z`) - 86_400_000,
      content: contentOf(system, image.id),
    })
  }
}

/** A time as IMS writes it. */
export function timestamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '000')
}
