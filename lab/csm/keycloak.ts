import { randomBytes } from 'node:crypto'
import { textOf } from '../kubernetes/kubernetes-cluster.ts'
import { empty, json, plain, type Asked, type Reply, type ServiceTable } from './service-route.ts'
import type { System } from './system.ts'

/** Seconds that a token of the lab lives. */
const tokenLifetime = 300

/** Keycloak's token endpoint. */
export const keycloak: ServiceTable = {
  name: 'keycloak',
  prefix: '/keycloak',
  routes: [
    {
      method: 'POST',
      path: '/realms/shasta/protocol/openid-connect/token',
      source: 'docs-csm:operations/security_and_authentication/Retrieve_an_Authentication_Token.md',
      answer: giveToken,
    },
  ],
  unplayed: [],
  answersHead: false,
  unrouted: ({ allowed }) =>
    allowed.length > 0
      ? empty(405)
      : json(404, { error: 'Unable to find matching target resource method' }),
}

function giveToken(asked: Asked, system: System): Reply {
  const form = new URLSearchParams(asked.body)
  const grant = form.get('grant_type')
  if (grant === null)
    return json(400, {
      error: 'invalid_request',
      error_description: 'Missing form parameter: grant_type',
    })
  if (grant !== 'client_credentials')
    return json(400, {
      error: 'unsupported_grant_type',
      error_description: 'Unsupported grant_type',
    })
  const secret = textOf(system.cluster, 'Secret', 'default', 'admin-client-auth', 'client-secret')
  if (form.get('client_id') !== 'admin-client' || form.get('client_secret') !== secret) {
    return json(401, {
      error: 'unauthorized_client',
      error_description: 'Invalid client or Invalid client credentials',
    })
  }
  return json(200, issueToken(system))
}

/** What Keycloak gives for the secret of `admin-client`. */
export interface Token {
  readonly access_token: string
  readonly expires_in: number
  readonly refresh_expires_in: number
  readonly token_type: 'Bearer'
  readonly 'not-before-policy': number
  readonly scope: string
}

/** A new token, which the gateway takes until it expires. */
export function issueToken(system: System): Token {
  const token = [
    { alg: 'none', typ: 'JWT' },
    { azp: 'admin-client', exp: Math.floor(system.now() / 1000) + tokenLifetime },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat(randomBytes(24).toString('base64url'))
    .join('.')
  system.tokens.set(token, system.now() + tokenLifetime * 1000)
  return {
    access_token: token,
    expires_in: tokenLifetime,
    refresh_expires_in: 0,
    token_type: 'Bearer',
    'not-before-policy': 0,
    scope: 'profile email',
  }
}

/** What the gateway answers to a request for a service with this header, or null where it lets the request pass. */
export function refusal(authorization: string | undefined, system: System): Reply | null {
  if (authorization === undefined) return plain(403, 'RBAC: access denied')
  const expires = system.tokens.get(/^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '')
  if (expires === undefined) return plain(401, 'Jwt verification fails')
  return expires > system.now() ? null : plain(401, 'Jwt is expired')
}

/** Ends the life of every token given out so far. */
export function expireTokens(system: System): void {
  for (const token of system.tokens.keys()) system.tokens.set(token, system.now())
}
