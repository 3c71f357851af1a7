import { textOf } from './kubernetes/kubernetes-cluster.ts'
import { sendToGateway } from './gateway-request.ts'
import type { Lab } from './lab.ts'

/** A GET of a lab's service as an admin with a token of their own would send it. */
export async function askGateway(
  lab: Lab,
  path: string,
): Promise<{ readonly status: number; readonly json: unknown }> {
  const secret = textOf(
    lab.system.cluster,
    'Secret',
    'default',
    'admin-client-auth',
    'client-secret',
  )
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'admin-client',
    client_secret: secret,
  })
  const given = await sendToGateway(lab.gateway, {
    method: 'POST',
    path: '/keycloak/realms/shasta/protocol/openid-connect/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  })
  const { access_token: token } = JSON.parse(given.text) as { access_token: string }
  const headers = { authorization: `Bearer ${token}` }
  const answer = await sendToGateway(lab.gateway, { method: 'GET', path, headers })
  return { status: answer.status, json: JSON.parse(answer.text) }
}
