import { noResource, unprocessable } from './ims-problems.ts'
import { repr } from '../python.ts'
import { json, sorted, type Asked, type Reply } from '../service-route.ts'
import type { System } from '../system.ts'

/** Where a record's artifacts lie in S3. */
export interface Link {
  readonly path: string
  readonly etag?: string
  readonly type: 's3'
}

/** One of these records by the id in the path. */
export function one(records: readonly { readonly id: string }[], asked: Asked): Reply {
  const record = records.find((each) => each.id === asked.params['id'])
  return record ? json(200, sorted(record)) : noResource
}

/** Why a link may not be an image's, or null: it is another one's, or its manifest does not lie in the lab's S3. */
export function wrongLink(link: Link, system: System): Reply | null {
  const other = system.images.find((image) => image.link?.path === link.path)
  if (other)
    return unprocessable(
      `The link path ${link.path} matches the link path for the IMS image record ${other.id}. The link value must be unique and cannot be duplicated. Determine the specific information that is missing or invalid and then re-run the request with valid information.`,
    )
  return missingArtifact(link, system)
}

/** The refusal of a link to what does not lie in the lab's S3, or null. */
export function missingArtifact(link: Link, system: System): Reply | null {
  return system.artifacts.has(link.path)
    ? null
    : unprocessable(
        `The s3 artifact ${repr(link)} cannot be validated. Please determine the specific information that is missing or invalid and then re-run the request with valid information.`,
      )
}

/** A link in the order and with the defaults that IMS keeps it with. */
export function keptLink(link: Link): Required<Link> {
  return { path: link.path, etag: link.etag ?? '', type: link.type }
}
