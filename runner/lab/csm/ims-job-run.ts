import { randomBytes, randomUUID } from 'node:crypto'
import { addImage, contentOf } from './contents.ts'
import { remoteBuildNodeStatus } from './ims-status.ts'
import type { JobRecord, JobStatus } from './ims-jobs.ts'
import { struck } from './service-faults.ts'
import type { Machine, System } from './system.ts'

/**
 * The node that a job of this architecture is given to, or an empty text for Kubernetes: every registered node is asked
 * anew, the one with the fewest jobs wins, the first of several (ims:src/server/models/jobs.py).
 */
export async function remoteNodeFor(arch: JobRecord['arch'], system: System): Promise<string> {
  let best: { readonly xname: string; readonly jobs: number } | null = null
  for (const xname of system.remoteBuildNodes) {
    const status = await remoteBuildNodeStatus(xname, system)
    if (!status.ableToRunJobs || status.nodeArch !== arch) continue
    const jobs = status.numCurrentJobs < 0 ? 10_000 : status.numCurrentJobs
    if (best === null || jobs < best.jobs) best = { xname, jobs }
  }
  return best?.xname ?? ''
}

/** Lets a job take its course. */
export function runJob(system: System, job: JobRecord): void {
  const { agenda, durations: { imsStep } } = system
  const step = (due: number, status: JobStatus, then: (at: number) => void | Promise<void>): void =>
    agenda.at(due, async (at) => {
      if (!isLive(system, job)) return
      job.status = status
      await then(at)
    })
  const fails = struck(system, 'ims-job') !== null
  step(job.at + imsStep, job.job_type === 'create' ? 'fetching_recipe' : 'fetching_image', async (at) => {
    if (fails || !(await settleIn(system, job))) return end(system, job, 'error')
    if (job.job_type === 'customize') return step(at + imsStep, 'waiting_on_user', (open) => watch(system, job, open))
    step(at + imsStep, 'waiting_for_repos', (ready) => step(ready + imsStep, 'building_image', (built) => step(built + imsStep, 'packaging_artifacts', (packed) => pack(system, job, packed))))
  })
}

/** Ends a job before its time and forgets it. */
export async function stopJob(system: System, job: JobRecord): Promise<void> {
  system.jobs.splice(system.jobs.indexOf(job), 1)
  await moveOut(system, job)
}

// An open job is looked at until somebody has left a mark, also when nobody does for days.
function watch(system: System, job: JobRecord, at: number): void {
  const { agenda, durations } = system
  agenda.at(Math.max(at, system.now()) + durations.imsPoll, async (looked) => {
    if (!isLive(system, job)) return
    const [left, isThere] = await lookAt(system, job)
    job.ended ??= left
    if (!isThere) {
      // Since 3.32 a heartbeat notices that the container is gone; before, the job waits for ever.
      if (system.release === '1.7') return end(system, job, 'error')
      return watch(system, job, looked)
    }
    if (job.ended === null) return watch(system, job, looked)
    if (job.ended === 'failed') return end(system, job, 'error')
    job.status = 'packaging_artifacts'
    agenda.at(looked + durations.imsStep, (packed) => (isLive(system, job) ? pack(system, job, packed) : undefined))
  })
}

async function pack(system: System, job: JobRecord, at: number): Promise<void> {
  const image = addImage(system, {
    id: randomUUID(),
    name: job.image_root_archive_name,
    arch: job.arch,
    etag: randomBytes(16).toString('hex'),
    at: at + system.durations.imsStep,
    content: job.content ?? contentOf(system, job.artifact_id),
  })
  job.resultant_image_id = image.id
  await end(system, job, 'success')
}

async function end(system: System, job: JobRecord, status: 'success' | 'error'): Promise<void> {
  job.status = status
  await moveOut(system, job)
}

function isLive(system: System, job: JobRecord): boolean {
  return system.jobs.includes(job) && job.status !== 'error' && job.status !== 'success'
}

function machineOf(system: System, job: JobRecord): Machine | null {
  if (job.remote_build_node === '') return null
  return [...system.components.values()].find((each) => each.xname === job.remote_build_node || each.aliases.includes(job.remote_build_node))?.machine ?? null
}

async function succeeds(machine: Machine, command: string): Promise<boolean> {
  return machine.run(command).then((ran) => ran.exit === 0, () => false)
}

// What a remote job leaves on its node while it runs: the folder that is counted, and a container.
async function settleIn(system: System, job: JobRecord): Promise<boolean> {
  const machine = machineOf(system, job)
  if (!machine) return true
  const folder = `/tmp/ims_${job.id}`
  return (
    (await succeeds(machine, `mkdir -p ${folder}/image/`)) &&
    (await succeeds(machine, `podman run -p 2022:22 -v ${folder}/image:/mnt/image:U,Z --name ims-${job.id} --privileged --detach ims-remote-${job.id}:1.0.0`))
  )
}

async function moveOut(system: System, job: JobRecord): Promise<void> {
  const machine = machineOf(system, job)
  if (!machine) return
  for (const command of [`podman stop ims-${job.id}`, `podman rm ims-${job.id}`, `podman rmi localhost/ims-remote-${job.id}:1.0.0`, 'podman volume prune -f', `rm -rf /tmp/ims_${job.id}/`]) await succeeds(machine, command)
}

async function lookAt(system: System, job: JobRecord): Promise<readonly [left: 'complete' | 'failed' | null, isThere: boolean]> {
  const machine = machineOf(system, job)
  if (!machine) return [null, true]
  const ran = await machine.run(`podman ps -a; ls /tmp/ims_${job.id}/image`).catch(() => ({ exit: 255, stdout: '', stderr: '' }))
  const marks = ran.stdout.split('\n')
  const left = marks.includes('complete') ? 'complete' : marks.includes('failed') ? 'failed' : null
  return [left, ran.stdout.includes(`ims-${job.id}`)]
}
