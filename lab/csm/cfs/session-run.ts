import { randomUUID } from 'node:crypto'
import { commitOf } from '../../kubernetes/product-catalog.ts'
import type { CfsSession } from './cfs-records.ts'
import { baked, contentOf, timestamp } from '../contents.ts'
import { makeJob } from '../ims/jobs.ts'
import { type JobRecord } from '../ims/job-record.ts'
import { finishJob, stopJob } from '../ims/job-run.ts'
import { struck } from '../service-faults.ts'
import { type ServiceFault } from '../service-fault-kinds.ts'
import type { System } from '../system.ts'

/** Lets a session take its course: pending, running, complete, forward only. */
export function runSession(system: System, session: CfsSession): void {
  const { agenda, durations } = system
  const fault = struck(system, 'cfs-session')
  agenda.at(session.at + durations.cfsPending, async (at) => {
    if (!isThere(system, session)) return
    session.status = 'running'
    session.job = `cfs-${randomUUID()}`
    if (session.target.definition === 'image') return customize(system, session, at, fault)
    agenda.at(at + durations.cfsPlay, (done) => complete(system, session, done, fault, []))
  })
}

/** Ends a session and its IMS jobs, and forgets it. */
export async function endSession(system: System, session: CfsSession): Promise<void> {
  system.cfs.sessions.delete(session.name)
  for (const job of system.jobs.filter(
    (each) => each.session === session.name && each.status !== 'success',
  ))
    await stopJob(system, job)
}

function isThere(system: System, session: CfsSession): boolean {
  return system.cfs.sessions.get(session.name) === session
}

type Fault = Extract<ServiceFault, { kind: 'cfs-session' }> | null

async function customize(
  system: System,
  session: CfsSession,
  at: number,
  fault: Fault,
): Promise<void> {
  const sources = [...new Set((session.target.groups ?? []).flatMap((group) => group.members))]
  // An image that IMS does not have is waited for, for ever.
  if (sources.some((id) => !system.images.some((image) => image.id === id))) return
  const key = {
    id: randomUUID(),
    created: timestamp(at),
    name: `${session.name}-key`,
    public_key: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 cfs',
  }
  system.publicKeys.push(key)
  const jobs: JobRecord[] = []
  const heard = (_job: JobRecord, when: number): void => {
    if (!isThere(system, session) || jobs.length < sources.length) return
    if (jobs.every((job) => job.status === 'waiting_on_user'))
      system.agenda.at(when + system.durations.cfsPlay, (played) =>
        play(system, session, jobs, played, fault),
      )
    else if (jobs.every((job) => job.status === 'success' || job.status === 'error'))
      complete(system, session, when, fault, jobs)
    // Where one image could not be opened, nothing is done to the others.
    else if (jobs.some((job) => job.status === 'error'))
      for (const job of jobs)
        if (job.status === 'waiting_on_user') finishJob(system, job, 'failed', when)
  }
  for (const id of sources) {
    const image = system.images.find((each) => each.id === id)!
    const name =
      session.target.image_map?.find((each) => each.source_id === id)?.result_name ??
      `${image.name}_cfs_${session.name}`
    const wish = {
      job_type: 'customize' as const,
      artifact_id: id,
      public_key_id: key.id,
      image_root_archive_name: name,
      ssh_containers: [{ name: session.name, jail: true }],
      more: {},
    }
    jobs.push((await makeJob(system, wish, at, { session: session.name, heard }))!)
  }
  session.ims_job = jobs[0]?.id ?? null
}

// Playbooks begin when all images are open.
function play(
  system: System,
  session: CfsSession,
  jobs: readonly JobRecord[],
  at: number,
  fault: Fault,
): void {
  if (!isThere(system, session) || fault?.ends === 'never') return
  const works = plays(system, session) && fault?.ends !== 'false'
  for (const job of jobs) {
    if (works) job.content = worked(system, session, job)
    finishJob(system, job, works ? 'complete' : 'failed', at)
  }
  if (fault?.ends === 'unknown') complete(system, session, at, fault, [])
}

function complete(
  system: System,
  session: CfsSession,
  at: number,
  fault: Fault,
  jobs: readonly JobRecord[],
): void {
  if (!isThere(system, session) || fault?.ends === 'never' || session.status === 'complete') return
  session.status = 'complete'
  session.completed = at
  session.succeeded = fault
    ? (fault.ends as 'false' | 'unknown')
    : jobs.every((job) => job.status === 'success')
      ? 'true'
      : 'false'
  const artifacts = jobs.flatMap((job) =>
    job.resultant_image_id === null
      ? []
      : [
          {
            image_id: job.artifact_id,
            result_id: job.resultant_image_id,
            type: 'ims_customized_image' as const,
          },
        ],
  )
  if (artifacts.length === 0 || struck(system, 'cfs-no-artifacts')) return
  system.agenda.at(at + system.durations.cfsArtifacts, () => {
    session.artifacts = artifacts
  })
}

function layersOf(system: System, session: CfsSession) {
  const layers = system.cfs.configurations.get(session.configuration_name)?.layers ?? []
  const limit = session.configuration_limit.split(',').filter((each) => each !== '')
  return limit.length === 0
    ? layers
    : layers.filter((layer, i) => limit.includes(String(i)) || limit.includes(layer.name ?? ''))
}

// csm-config 1.27.2 wants packages that no repository has.
function plays(system: System, session: CfsSession): boolean {
  const { configuration, commit } = commitOf(system.release)
  return !layersOf(system, session).some(
    (layer) =>
      configuration === '1.27.2' &&
      layer.commit === commit &&
      layer.playbook === 'ims_computes.yml',
  )
}

// The play of ims_computes.yml is for hosts of the groups Application and Compute that are images.
function worked(system: System, session: CfsSession, job: JobRecord): JobRecord['content'] {
  const groups = (session.target.groups ?? [])
    .filter((group) => group.members.includes(job.artifact_id))
    .map((group) => group.name)
  const content = contentOf(system, job.artifact_id)
  if (!groups.some((name) => name === 'Application' || name === 'Compute')) return content
  return layersOf(system, session).some((layer) => layer.playbook === 'ims_computes.yml')
    ? baked(system, content)
    : content
}
