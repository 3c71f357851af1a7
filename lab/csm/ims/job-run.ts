import { randomBytes, randomUUID } from 'node:crypto'
import { addImage, contentOf } from '../contents.ts'
import { remoteBuildNodeStatus } from './status.ts'
import type { JobRecord, JobStatus } from './job-record.ts'
import { struck } from '../service-faults.ts'
import type { System } from '../system.ts'
import type { Machine } from '../system-model.ts'

/**
 * The node that a job of this architecture is given to, or an empty text for Kubernetes: every registered node is asked
 * again, the one with the fewest jobs wins, the first of several (ims:src/server/models/jobs.py).
 */
export async function remoteNodeFor(arch: JobRecord['arch'], system: System): Promise<string> {
  let best: { readonly xname: string; readonly jobs: number } | null = null
  for (const xname of system.remoteBuildNodes) {
    const status = await remoteBuildNodeStatus(xname, system)
    if (!status?.ableToRunJobs || status.nodeArch !== arch) continue
    const jobs = status.numCurrentJobs < 0 ? 10_000 : status.numCurrentJobs
    if (best === null || jobs < best.jobs) best = { xname, jobs }
  }
  return best?.xname ?? ''
}

/** Lets a job take its course. One that a session of CFS has made is ended by the session. */
export function runJob(system: System, job: JobRecord): void {
  const {
    agenda,
    durations: { imsStep },
  } = system
  const step = (due: number, status: JobStatus, then: (at: number) => void | Promise<void>): void =>
    agenda.at(due, async (at) => {
      if (!isLive(system, job)) return
      tell(job, status, at)
      await then(at)
    })
  const fails = struck(system, 'ims-job') !== null
  step(
    job.at + imsStep,
    job.job_type === 'create' ? 'fetching_recipe' : 'fetching_image',
    async (at) => {
      if (fails || !(await settleIn(system, job))) return end(system, job, 'error', at)
      if (job.job_type === 'customize')
        return step(at + imsStep, 'waiting_on_user', (open) =>
          job.session === null ? watch(system, job, open) : undefined,
        )
      step(at + imsStep, 'waiting_for_repos', (ready) =>
        step(ready + imsStep, 'building_image', (built) =>
          step(built + imsStep, 'packaging_artifacts', (packed) => packLater(system, job, packed)),
        ),
      )
    },
  )
}

/** What the worker on the image of an open job leaves at its end. */
export function finishJob(
  system: System,
  job: JobRecord,
  mark: 'complete' | 'failed',
  at: number,
): void {
  const { agenda, durations } = system
  agenda.at(at + durations.imsPoll, async (looked) => {
    if (!isLive(system, job)) return
    if (!(await lookAt(system, job)).isThere) return lost(system, job, looked)
    if (mark === 'failed') return end(system, job, 'error', looked)
    tell(job, 'packaging_artifacts', looked)
    packLater(system, job, looked)
  })
}

/** Ends a job before its time and forgets it. */
export async function stopJob(system: System, job: JobRecord): Promise<void> {
  system.jobs.splice(system.jobs.indexOf(job), 1)
  await moveOut(system, job)
}

// An open job is looked at until its worker has left a mark, also when that takes days.
function watch(system: System, job: JobRecord, at: number): void {
  system.agenda.at(Math.max(at, system.now()) + system.durations.imsPoll, async (looked) => {
    if (!isLive(system, job)) return
    const { mark, isThere } = await lookAt(system, job)
    if (mark !== null) return finishJob(system, job, mark, looked)
    if (!isThere) await lost(system, job, looked)
    if (isLive(system, job)) watch(system, job, looked)
  })
}

// Since 3.32 a heartbeat notices that the container is gone; before, the job waits for ever.
async function lost(system: System, job: JobRecord, at: number): Promise<void> {
  if (system.release === '1.7') await end(system, job, 'error', at)
}

function packLater(system: System, job: JobRecord, at: number): void {
  system.agenda.at(at + system.durations.imsStep, (packed) =>
    isLive(system, job) ? pack(system, job, packed) : undefined,
  )
}

async function pack(system: System, job: JobRecord, at: number): Promise<void> {
  const content = job.content ?? contentOf(system, job.artifact_id)
  const image = addImage(system, {
    id: randomUUID(),
    name: job.image_root_archive_name,
    arch: job.arch,
    etag: randomBytes(16).toString('hex'),
    at,
    content,
  })
  job.resultant_image_id = image.id
  await end(system, job, 'success', at)
}

async function end(
  system: System,
  job: JobRecord,
  status: 'success' | 'error',
  at: number,
): Promise<void> {
  await moveOut(system, job)
  tell(job, status, at)
}

function tell(job: JobRecord, status: JobStatus, at: number): void {
  job.status = status
  job.heard(job, at)
}

function isLive(system: System, job: JobRecord): boolean {
  return system.jobs.includes(job) && job.status !== 'error' && job.status !== 'success'
}

function machineOf(system: System, job: JobRecord): Machine | null {
  if (job.remote_build_node === '') return null
  return (
    [...system.components.values()].find(
      (each) =>
        each.xname === job.remote_build_node || each.aliases.includes(job.remote_build_node),
    )?.machine ?? null
  )
}

async function succeeds(machine: Machine, command: string): Promise<boolean> {
  return machine.run(command).then(
    (ran) => ran.exit === 0,
    () => false,
  )
}

// What a remote job leaves on its node while it runs: the folder that is counted, and a container.
async function settleIn(system: System, job: JobRecord): Promise<boolean> {
  const machine = machineOf(system, job)
  if (!machine) return true
  const folder = `/tmp/ims_${job.id}`
  return (
    (await succeeds(machine, `mkdir -p ${folder}/image/`)) &&
    (await succeeds(
      machine,
      `podman run -p 2022:22 -v ${folder}/image:/mnt/image:U,Z --name ims-${job.id} --privileged --detach ims-remote-${job.id}:1.0.0`,
    ))
  )
}

async function moveOut(system: System, job: JobRecord): Promise<void> {
  const machine = machineOf(system, job)
  if (!machine) return
  for (const command of [
    `podman stop ims-${job.id}`,
    `podman rm ims-${job.id}`,
    `podman rmi localhost/ims-remote-${job.id}:1.0.0`,
    'podman volume prune -f',
    `rm -rf /tmp/ims_${job.id}/`,
  ])
    await succeeds(machine, command)
}

async function lookAt(
  system: System,
  job: JobRecord,
): Promise<{ readonly mark: 'complete' | 'failed' | null; readonly isThere: boolean }> {
  const machine = machineOf(system, job)
  if (!machine) return { mark: null, isThere: true }
  const ran = await machine
    .run(`podman ps -a; ls /tmp/ims_${job.id}/image`)
    .catch(() => ({ exit: 255, stdout: '', stderr: '' }))
  const lines = ran.stdout.split('\n')
  return {
    mark: lines.includes('complete') ? 'complete' : lines.includes('failed') ? 'failed' : null,
    isThere: ran.stdout.includes(`ims-${job.id}`),
  }
}
