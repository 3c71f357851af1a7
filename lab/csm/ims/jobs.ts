import { randomUUID } from 'node:crypto'
import { timestamp, type ImageContent } from '../contents.ts'
import { badRequest, invalid, noInput, noResource, notJson } from './problem.ts'
import { remoteNodeFor, runJob, stopJob } from './job-run.ts'
import { empty, json, parsed, sorted, type Asked, type Reply, type Route } from '../route.ts'
import { mapOf } from '../problems.ts'
import type { System } from '../system.ts'

const source = 'ims:src/server/v3/resources/jobs.py'

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

/** What is asked for in a job, whoever asks. */
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
  /** Told of each new status, with its time. */
  readonly heard: (job: JobRecord, at: number) => void
  /** What was made of the image's content; null: nothing. */
  content: ImageContent | null
}

/** The routes of IMS's jobs below a version's prefix; the one without a version is v2, over the same jobs. */
export function jobRoutes(prefix: string): readonly Route[] {
  return [
    {
      method: 'GET',
      path: `${prefix}/jobs`,
      source,
      answer: (asked, system) => json(200, sorted(chosen(asked.query, system).map(jobAnswer))),
    },
    { method: 'POST', path: `${prefix}/jobs`, source, answer: create },
    { method: 'DELETE', path: `${prefix}/jobs`, source, answer: removeSome },
    { method: 'GET', path: `${prefix}/jobs/:id`, source, answer: describe },
    { method: 'DELETE', path: `${prefix}/jobs/:id`, source, answer: remove },
  ]
}

/** Makes a job; null where its artifact is unknown. */
export async function makeJob(
  system: System,
  wish: JobWish,
  at: number,
  by: { readonly session: string; readonly heard: JobRecord['heard'] } | null = null,
): Promise<JobRecord | null> {
  const artifact =
    wish.job_type === 'create'
      ? system.recipes.find((each) => each.id === wish.artifact_id)
      : system.images.find((each) => each.id === wish.artifact_id)
  if (!artifact) return null
  const job: JobRecord = {
    ...wish,
    id: randomUUID(),
    at,
    arch: artifact.arch,
    remote_build_node: await remoteNodeFor(artifact.arch, system),
    session: by?.session ?? null,
    heard: by?.heard ?? (() => {}),
    status: 'creating',
    resultant_image_id: null,
    content: null,
  }
  system.jobs.push(job)
  runJob(system, job)
  return job
}

const lengths = {
  build_env_size: 'integer',
  job_mem_size: 'integer',
  enable_debug: 'boolean',
  require_dkms: 'boolean',
  kernel_file_name: 'string',
  initrd_file_name: 'string',
  kernel_parameters_file_name: 'string',
} as const

async function create(asked: Asked, system: System): Promise<Reply> {
  const input = parsed(asked.body)
  if (input === undefined && asked.body.trim() !== '') return notJson
  if (!input || (typeof input === 'object' && Object.keys(input).length === 0)) return noInput
  const given = mapOf(input)
  const errors = given ? wrongFields(given) : { _schema: ['Invalid input type.'] }
  if (errors) return invalid(errors)
  const { job_type, artifact_id, public_key_id, image_root_archive_name, ssh_containers, ...more } =
    given as Record<string, unknown> & JobWish
  const containers = ssh_containers ?? []
  if (containers.length > 1) return badRequest('Only one ssh container may be given.')
  if (containers.length > 0 && job_type === 'create')
    return badRequest('ssh containers are only for customize jobs.')
  if (!system.publicKeys.some((each) => each.id === public_key_id))
    return badRequest(
      'Invalid public_key_id value in job request. No IMS public key record matches the given public_key_id.',
    )
  const image = system.images.find((each) => each.id === artifact_id)
  if (job_type === 'customize' && image && image.link === null)
    return invalid({ artifact_id: ['The image has no artifacts in S3.'] })
  const job = await makeJob(
    system,
    {
      job_type,
      artifact_id,
      public_key_id,
      image_root_archive_name,
      ssh_containers: containers,
      more,
    },
    system.now(),
  )
  if (!job)
    return badRequest(
      `Invalid artifact_id value in job request. No IMS ${job_type === 'create' ? 'recipe' : 'image'} record matches the given artifact_id.`,
    )
  return json(201, sorted(jobAnswer(job)))
}

function wrongFields(given: Readonly<Record<string, unknown>>): Record<string, string[]> | null {
  const errors: Record<string, string[]> = {}
  const texts = ['job_type', 'artifact_id', 'public_key_id', 'image_root_archive_name']
  for (const name of texts) {
    const value = given[name]
    if (value === undefined) errors[name] = ['Missing data for required field.']
    else if (typeof value !== 'string') errors[name] = ['Not a valid string.']
    else if (value === '') errors[name] = [`${name} field must not be blank`]
  }
  const type = given['job_type']
  if (typeof type === 'string' && type !== '' && type !== 'create' && type !== 'customize')
    errors['job_type'] = ['Must be one of: create, customize.']
  for (const name of ['artifact_id', 'public_key_id'])
    if (!errors[name] && !uuid.test(String(given[name]))) errors[name] = ['Not a valid UUID.']
  for (const [name, value] of Object.entries(given)) {
    if (texts.includes(name)) continue
    const kind = lengths[name as keyof typeof lengths]
    if (name === 'ssh_containers') {
      if (!Array.isArray(value) || value.some((each) => typeof mapOf(each)?.['name'] !== 'string'))
        errors[name] = ['Invalid input type.']
    } else if (!kind) errors[name] = ['Unknown field.']
    else if (kind === 'integer' ? !Number.isInteger(value) : typeof value !== kind)
      errors[name] = [`Not a valid ${kind}.`]
  }
  return Object.keys(errors).length > 0 ? errors : null
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function describe(asked: Asked, system: System): Reply {
  const job = system.jobs.find((each) => each.id === asked.params['id'])
  return job ? json(200, sorted(jobAnswer(job))) : noResource
}

async function remove(asked: Asked, system: System): Promise<Reply> {
  const job = system.jobs.find((each) => each.id === asked.params['id'])
  if (!job) return noResource
  await stopJob(system, job)
  return empty(204)
}

async function removeSome(asked: Asked, system: System): Promise<Reply> {
  for (const job of chosen(asked.query, system)) await stopJob(system, job)
  return empty(204)
}

// `age` is `3d`, `12h`, `30m` or a mixture: jobs that are older.
function chosen(query: URLSearchParams, system: System): readonly JobRecord[] {
  const [status, type, age] = [query.getAll('status'), query.get('job_type'), query.get('age')]
  const oldest = age === null ? Infinity : system.now() - millisecondsIn(age)
  return system.jobs.filter(
    (job) =>
      (status.length === 0 || status.includes(job.status)) &&
      (type === null || job.job_type === type) &&
      job.at <= oldest,
  )
}

function millisecondsIn(age: string): number {
  const units = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000 } as const
  return [...age.matchAll(/(\d+)([wdhm])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units],
    0,
  )
}

/** A job as IMS shows it. */
function jobAnswer(job: JobRecord): Record<string, unknown> {
  const service = `cray-ims-${job.id}-service`
  return {
    build_env_size: 60,
    job_mem_size: 8,
    enable_debug: false,
    require_dkms: true,
    kernel_file_name: job.arch === 'aarch64' ? 'Image' : 'vmlinuz',
    initrd_file_name: 'initrd',
    kernel_parameters_file_name: 'kernel-parameters',
    ...job.more,
    id: job.id,
    created: timestamp(job.at),
    job_type: job.job_type,
    artifact_id: job.artifact_id,
    public_key_id: job.public_key_id,
    image_root_archive_name: job.image_root_archive_name,
    arch: job.arch,
    status: job.status,
    remote_build_node: job.remote_build_node,
    resultant_image_id: job.resultant_image_id,
    kubernetes_job: `cray-ims-${job.id}-${job.job_type}`,
    kubernetes_service: service,
    kubernetes_configmap: `cray-ims-${job.id}-configmap`,
    kubernetes_pvc: `cray-ims-${job.id}-job-claim`,
    kubernetes_namespace: 'ims',
    ssh_containers: job.ssh_containers.map((each) => ({
      ...each,
      status: 'pending',
      connection_info: {
        'cluster.local': { host: `${service}.ims.svc.cluster.local`, port: 22 },
        customer_access: { host: `${job.id}.ims.cmn.lab.local`, port: 22 },
      },
    })),
  }
}
