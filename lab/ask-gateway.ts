import { request } from 'node:https'
import { textOf } from './kubernetes/kubernetes-cluster.ts'
import { gatewayName } from './csm/gateway.ts'
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
  const given = await send(
    lab,
    'POST',
    '/keycloak/realms/shasta/protocol/openid-connect/token',
    { 'content-type': 'application/x-www-form-urlencoded' },
    form.toString(),
  )
  const { access_token: token } = JSON.parse(given.text) as { access_token: string }
  const answer = await send(lab, 'GET', path, { authorization: `Bearer ${token}` })
  return { status: answer.status, json: JSON.parse(answer.text) }
}

function send(
  lab: Lab,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: lab.gateway.port,
        servername: gatewayName,
        ca: lab.gateway.authority,
        agent: false,
        method,
        path,
        headers,
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}
