import type { ImageContent } from '../image-content.ts'

/** The ways a job of IMS may stand. */
export const jobStatuses = [
  'creating',
  'fetching_image',
  'fetching_recipe',
  'waiting_for_repos',
  'building_image',
  'packaging_artifacts',
  'waiting_on_user',
  'error',
  'success',
] as const

/** One of them. */
export type JobStatus = (typeof jobStatuses)[number]

/** What is asked for in a job, by a user or by CFS. */
export interface JobWish {
  readonly job_type: 'create' | 'customize'
  readonly artifact_id: string
  readonly public_key_id: string
  readonly image_root_archive_name: string
  readonly ssh_containers: readonly { readonly name: string; readonly jail: boolean }[]
  readonly more: Readonly<Record<string, unknown>>
}

/** A job as the lab remembers it. */
export interface JobRecord extends JobWish {
  readonly id: string
  readonly at: number
  readonly arch: 'x86_64' | 'aarch64'
  /** Empty: it runs in Kubernetes. */
  readonly remote_build_node: string
  /** The session of CFS that made it, and that ends it. */
  readonly session: string | null
  status: JobStatus
  resultant_image_id: string | null
  /** Called with each new status, and its time. */
  readonly heard: (job: JobRecord, at: number) => void
  /** What was made of the image's content; null: nothing. */
  content: ImageContent | null
}
