import { shortName, type ApiObject } from '../../kubernetes/api-object.ts'
import { isWorkload } from '../../kubernetes/workloads.ts'
import { mergePatch } from '../../kubernetes/merge-patch.ts'
import { fail, ok, type Call, type Output, type Parsed } from '../command.ts'
import { findOne, isOutput, targetOf } from './find-objects.ts'

/** `kubectl rollout restart` and `kubectl rollout status`. */
export async function rollOut(
  call: Call,
  [verb, ...operands]: readonly string[],
  options: Parsed,
): Promise<Output> {
  if (verb !== 'restart' && verb !== 'status')
    return fail(
      1,
      `error: the rehearsal lab knows rollout restart and rollout status, not ${verb ?? ''}\n`,
    )
  const target = targetOf(operands, options)
  if (isOutput(target)) return target
  const found = findOne(call, target)
  if (isOutput(found)) return found
  const word = target.kind.kind.toLowerCase()
  if (!isWorkload(found))
    return fail(
      1,
      `error: ${target.kind.plural} "${found.metadata.name}" ${verb === 'restart' ? 'restarting' : 'status'} is not supported\n`,
    )
  if (verb === 'restart') {
    const patch = {
      spec: {
        template: {
          metadata: {
            annotations: { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() },
          },
        },
      },
    }
    call.machine.world.kubernetes.write(mergePatch(found, patch) as ApiObject, 'kubectl-rollout')
    return ok(`${shortName(target.kind, found.metadata.name)} restarted\n`)
  }
  let said = ''
  for (let now: ApiObject | Output = found; !isOutput(now); now = findOne(call, target)) {
    const { wanted, updated } = progressOf(now)
    if (updated >= wanted)
      return ok(`${said}${word} "${now.metadata.name}" successfully rolled out\n`)
    if (said === '')
      said = `Waiting for ${word} "${now.metadata.name}" rollout to finish: ${updated} out of ${wanted} new replicas have been updated...\n`
    if (call.signal.aborted) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return fail(1, 'error: the object was deleted\n', said)
}

function progressOf(each: ApiObject): { readonly wanted: number; readonly updated: number } {
  const status = each['status'] as Readonly<Record<string, number>>
  return each.kind === 'DaemonSet'
    ? {
        wanted: status['desiredNumberScheduled'] ?? 0,
        updated: status['updatedNumberScheduled'] ?? 0,
      }
    : {
        wanted: (each['spec'] as { replicas: number }).replicas,
        updated: status['updatedReplicas'] ?? 0,
      }
}
