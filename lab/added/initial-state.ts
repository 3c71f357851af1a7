import { DiagnosticError } from '../../runner/model/diagnostic.ts'
import type { Gateway } from '../csm/gateway.ts'
import { sendToGateway } from '../gateway-request.ts'
import { issueToken } from '../csm/keycloak.ts'
import type { System } from '../csm/system.ts'
import type { ApiObject } from '../kubernetes/api-object.ts'
import { kubernetesState } from '../kubernetes/kubernetes-api.ts'
import type { AddedRequest } from './additions.ts'

/** Puts objects into the lab's Kubernetes. */
export function addObjects(system: System, objects: readonly ApiObject[]): void {
  const kubernetes = kubernetesState(() => system.cluster)
  for (const object of objects) kubernetes.write(object, 'lab.yaml')
}

/** Sends the requests that set what the services hold at first, one after the other. Throws DiagnosticError where one is refused. */
export async function sendRequests(
  system: System,
  gateway: Gateway,
  requests: readonly AddedRequest[],
): Promise<void> {
  for (const each of requests) {
    const { status, text } = await send(gateway, issueToken(system).access_token, each)
    if (status >= 200 && status < 300) continue
    throw new DiagnosticError({
      code: 'lab/refused',
      message: `${each.method} ${each.path} was answered with ${status}: ${text.trim().slice(0, 500) || 'no text'}`,
      at: each.at,
      hint: 'correct the path or the body; the words are those of the service',
    })
  }
}

function send(
  gateway: Gateway,
  token: string,
  { method, path, body }: AddedRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === '' ? {} : { 'content-type': 'application/json' }),
  }
  return sendToGateway(gateway, { method, path, headers, body })
}
