import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Host, Inventory, Service } from '../model/host.ts'
import { clientSecretKey, readKubernetesSecret } from './kubernetes-secret.ts'
import type { HostConnections } from './host-connections.ts'
import { openService, type ServiceSession } from './http/service.ts'
import type { SshTransport } from './ssh/ssh2-transport.ts'

/** What the sessions with services need of the run. */
export interface ServicesWorld {
  readonly inventory: Inventory
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly hosts: HostConnections
  warn(diagnostic: Diagnostic): void
}

/** The sessions with services: one each, and one for URLs of no service. */
export class ServiceConnections {
  readonly #world: ServicesWorld
  readonly #sessions = new Map<string | null, ServiceSession>()

  constructor(world: ServicesWorld) {
    this.#world = world
  }

  /** The session with a service of the inventory; null: for URLs of no service. */
  session(name: string | null): ServiceSession {
    let session = this.#sessions.get(name)
    if (session === undefined) {
      session = this.#open(name)
      this.#sessions.set(name, session)
    }
    return session
  }

  /** Closes all sessions. */
  closeAll(): void {
    for (const session of this.#sessions.values()) session.close()
    this.#sessions.clear()
  }

  #open(name: string | null): ServiceSession {
    const { hosts, env, home, warn } = this.#world
    const service = name === null ? null : this.#serviceNamed(name)
    if (service?.insecure)
      warn({
        code: 'connect/tls-unverified',
        severity: 'warning',
        message: `certificates of service ${service.name} (${service.url}) are not verified; any server that answers there gets its token`,
        hint: 'name its authority with `ca:` and drop `insecure:`',
      })
    const via =
      service?.via === undefined ? null : this.#hostNamed(service.via, `service ${service.name}`)
    return openService(service, {
      env,
      home: env['HOME'] ?? home,
      now: Date.now,
      clientSecret: async (host, key = clientSecretKey) => {
        const found = this.#hostNamed(host, `service ${name}`)
        return readKubernetesSecret(found.name, await hosts.session(found, null), key)
      },
      tunnel:
        via === null || via.connection.kind === 'local'
          ? undefined
          : async (address, port) =>
              ((await hosts.connected(via)).transport as SshTransport).forward(address, port),
    })
  }

  #serviceNamed(name: string): Service {
    const { services } = this.#world.inventory
    const service = services.get(name)
    if (service) return service
    throw new DiagnosticError({
      code: 'connect/service',
      message: `the inventory has no service "${name}"`,
      hint: `it has ${[...services.keys()].join(', ') || 'none'}; services are listed under \`services:\``,
    })
  }

  #hostNamed(name: string, by: string): Host {
    const host = this.#world.inventory.hosts.get(name)
    if (host) return host
    throw new DiagnosticError({
      code: 'connect/service',
      message: `${by} names the host "${name}", which the inventory does not have`,
      hint: 'add the host, or name another',
    })
  }
}
