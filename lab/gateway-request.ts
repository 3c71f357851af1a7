import { request } from 'node:https'
import { gatewayName, type Gateway } from './csm/gateway.ts'

/** A request of a client that trusts the lab's authority. */
export interface GatewayRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends one request to the gateway of a lab, over TLS. */
export function sendToGateway(
  { port, authority }: Pick<Gateway, 'port' | 'authority'>,
  { method, path, headers, body }: GatewayRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        servername: gatewayName,
        ca: authority,
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
