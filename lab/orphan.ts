import { randomUUID } from 'node:crypto'
import { DiagnosticError } from '../runner/model/diagnostic.ts'
import type { LabNode } from './node/node-model.ts'

/** Leaves on a node what a job of IMS leaves that ended without its clean-up: a folder, and a container where there is podman. */
export async function leaveOrphan(node: LabNode): Promise<void> {
  if (!node.up)
    throw new DiagnosticError({
      code: 'lab/fault',
      message: `${node.spec.name} is not up`,
      hint: `trueup lab fault ${node.spec.name} on`,
    })
  const id = randomUUID()
  const run = (command: string) => node.run(command, { user: 'root' })
  await run(`mkdir -p /tmp/ims_${id}/image`)
  await run(`podman run --name ims-${id} --detach ims-remote-${id}:1.0.0`)
}
