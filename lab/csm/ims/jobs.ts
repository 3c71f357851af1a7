import { randomUUID } from 'node:crypto'
import { ageIn } from '../age.ts'
import { timestamp } from '../contents.ts'
import { remoteNodeFor, runJob, stopJob } from './job-run.ts'
import { badRequest, brokenInside, inputOf, noResource } from './ims-problems.ts'
import { job as jobFields } from './ims-schemas.ts'
import { remoteBuildNodeStatus } from './status.ts'
import { numberIn } from '../python.ts'
import { empty, json, sorted, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import type { ImageRecord } from '../system-model.ts'
import { type JobWish, type JobRecord, jobStatuses, type JobStatus } from './job-record.ts'

const source = 'ims:src/server/v3/resources/jobs.py'

/** The routes of IMS's jobs below a version's prefix; the one without a version is v2, over the same jobs. */
export function jobRoutes(prefix: string): readonly Route[] {
  return [
    {
      method: 'GET',
      path: `${prefix}/jobs`,
      source,
      answer: (_asked, system) => json(200, sorted(system.jobs.map(jobAnswer))),
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

async function create(asked: Asked, system: System): Promise<Reply> {
  // IMS looks for fields before it checks them, and breaks where it cannot look into the body.
  const input = inputOf(asked, jobFields, (value) =>
    value === true || numberIn(value) !== null ? undefined : value,
  )
  if (input.refused) return input.refused
  const { job_type, artifact_id, public_key_id, image_root_archive_name, ssh_containers, ...more } =
    input.given as Record<string, unknown> & JobWish
  const containers = ssh_containers ?? []
  if (containers.length > 0 && job_type === 'create')
    return badRequest(
      'User defined ssh containers during image create are not currently supported. Determine the specific information that is missing or invalid and then re-run the request with valid information.',
    )
  if (containers.length > 1)
    return badRequest(
      'Only one SSH container is currently supported. Please remove additional containers, determine the specific information that is missing or invalid and then re-run the request with valid information.',
    )
  const wrong = wrongArtifact(job_type, artifact_id, system) ?? wrongKey(public_key_id, system)
  if (wrong) return wrong
  for (const xname of system.remoteBuildNodes)
    if (!(await remoteBuildNodeStatus(xname, system))) return brokenInside
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
  return json(201, sorted(jobAnswer(job!)))
}

function wrongArtifact(type: JobWish['job_type'], id: string, system: System): Reply | null {
  const kind = type === 'create' ? 'recipe' : 'image'
  const records: readonly Pick<ImageRecord, 'id' | 'link'>[] =
    type === 'create' ? system.recipes : system.images
  const found = records.find((each) => each.id === id)
  if (!found)
    return badRequest(
      `Invalid artifact_id value in job request. No IMS ${kind} record found matching id=${id}. Determine the specific information that is missing or invalid and then re-run the request with valid information.`,
    )
  return found.link
    ? null
    : badRequest(
        `The IMS ${kind} does not have an artifact_link for ${kind}_id=${id}. Please determine the specific information that is missing or invalid and then re-run the request with valid information.`,
      )
}

function wrongKey(id: string, system: System): Reply | null {
  return system.publicKeys.some((each) => each.id === id)
    ? null
    : badRequest(
        `Invalid public_key_id value in job request. No IMS public-key record found matching id=${id}`,
      )
}

function describe(asked: Asked, system: System): Reply {
  const job = system.jobs.find((each) => each.id === asked.params['id'])
  return job ? json(200, sorted(jobAnswer(job))) : noResource
}

async function remove(asked: Asked, system: System): Promise<Reply> {
  const job = system.jobs.find((each) => each.id === asked.params['id'])
  if (!job) return noResource
  await stopJob(system, job)
  return empty(204, 'application/json')
}

// Only a deletion knows filters; `age` is `3d`, `12h`, `30m` or a mixture: jobs that are older.
async function removeSome(asked: Asked, system: System): Promise<Reply> {
  const statuses = asked.query.getAll('status').map((each) => each.toLowerCase())
  const [type, age] = [asked.query.get('job_type'), asked.query.get('age')]
  const badStatus = statuses.find((each) => !jobStatuses.includes(each as JobStatus))
  if (badStatus !== undefined) return unsupported('status', badStatus)
  if (type && type !== 'create' && type !== 'customize') return unsupported('job_type', type)
  const oldest = age === null ? Infinity : system.now() - ageIn(age)
  for (const job of [...system.jobs])
    if (
      (statuses.length === 0 || statuses.includes(job.status)) &&
      (!type || job.job_type === type) &&
      job.at < oldest
    )
      await stopJob(system, job)
  return empty(204, 'application/json')
}

// IMS puts this sentence in the place of the title.
function unsupported(parameter: string, value: string): Reply {
  return badRequest(
    null,
    `Unsupported ${parameter} ${value} in query parameters. Determine the specific information that is missing or invalid and then re-run the request with valid information.`,
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
