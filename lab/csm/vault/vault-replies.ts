import { randomUUID } from 'node:crypto'
import { json, type Reply } from '../service-route.ts'

/** An answer of Vault. */
export function vaultData(data: unknown, status = 200): Reply {
  return json(status, {
    request_id: randomUUID(),
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    warnings: null,
    auth: null,
  })
}

/** A refusal of Vault; without words it says that nothing is there. */
export function vaultErrors(status: number, ...errors: readonly string[]): Reply {
  return json(status, { errors })
}
