import { refuse, type Change, type RefuseAction } from '../../contract/change.ts'
import type { ValueMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { given } from '../service-answers.ts'
import { jobChanges, type Stage } from '../service-job.ts'

type Field = 'outcome' | 'remote_build_node'

interface Wish {
  readonly job_type: 'create' | 'customize'
  readonly artifact_id: string
  readonly image_root_archive_name: string
  readonly public_key_id?: string | undefined
  readonly enable_debug?: boolean | undefined
  readonly build_env_size?: number | undefined
  readonly job_mem_size?: number | undefined
  readonly require_dkms?: boolean | undefined
  readonly kernel_file_name?: string | undefined
  readonly initrd_file_name?: string | undefined
  readonly kernel_parameters_file_name?: string | undefined
  readonly ssh_containers?: readonly object[] | undefined
}
interface Current {
  readonly outcome: Stage | null
  readonly id: string | null
  readonly status: string | null
  readonly kubernetes_job: string | null
  readonly remote_build_node: string | null
}
type Differences = { readonly [F in Field]?: unknown }

/** What creates a job and waits for it; or why that is refused. */
export function imageJobChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { job_type, image_root_archive_name } = wish
  const { outcome, id, status, kubernetes_job } = current
  const called = `the job ${id ?? `of ${image_root_archive_name}`}`
  const remove = `\`cray ims jobs delete ${id}\``
  return jobChanges({
    called,
    title: `${job_type === 'create' ? 'build' : 'customize'} ${image_root_archive_name}`,
    repairs: drifted(diff, ['outcome', 'remote_build_node']),
    stage: outcome!,
    create: {
      do: 'http',
      service: 'ims',
      method: 'POST',
      path: '/v3/jobs',
      body: bodyOf(wish),
      statuses: [201],
    },
    objection: objectionTo(diff, wish, current, called, remove),
    trouble: `${called} has failed (${status})`,
    remedy: `look at it with \`kubectl --namespace ims logs job/${kubernetes_job} --all-containers\`, fix the cause, then ${remove}, and run again`,
  })
}

function objectionTo(
  diff: Differences,
  { image_root_archive_name, public_key_id }: Wish,
  { id, remote_build_node }: Current,
  called: string,
  remove: string,
): RefuseAction | null {
  const where =
    remote_build_node === ''
      ? 'in Kubernetes and not on a remote build node'
      : `on ${remote_build_node}`
  if (id !== null && diff.remote_build_node !== undefined)
    return refuse(
      `IMS runs ${called} ${where}`,
      `see why with the playbook troubleshoot.yaml; then ${remove}, and run again`,
    )
  return id === null && public_key_id === undefined
    ? refuse(
        `IMS has no job of ${image_root_archive_name}, and the task gives no public key`,
        'add `public_key_id:` to the task',
      )
    : null
}

function bodyOf(wish: Wish): ValueMap {
  return {
    job_type: wish.job_type,
    artifact_id: wish.artifact_id,
    image_root_archive_name: wish.image_root_archive_name,
    public_key_id: wish.public_key_id ?? '',
    ...given({
      enable_debug: wish.enable_debug,
      build_env_size: wish.build_env_size,
      job_mem_size: wish.job_mem_size,
      require_dkms: wish.require_dkms,
      kernel_file_name: wish.kernel_file_name,
      initrd_file_name: wish.initrd_file_name,
      kernel_parameters_file_name: wish.kernel_parameters_file_name,
      ssh_containers: wish.ssh_containers,
    }),
  }
}
