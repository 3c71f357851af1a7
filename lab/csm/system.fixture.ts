import { textOf } from '../kubernetes/kubernetes-cluster.ts'
import { services } from './gateway.ts'
import { matchPath } from './service-route.ts'
import { type System } from './system.ts'
import { makeSystem } from './make-system.ts'
import { type BootOrder, type Component, type Machine, type Release } from './system-model.ts'

/** A machine that boots what it is told, and runs IMS's commands on a folder and containers of its own. */
export interface PlainMachine extends Machine {
  on: boolean
  /** Its boots get no further than the firmware. */
  dead: boolean
  /** It boots this, whatever it is told. */
  stubborn: string | null
  mute: boolean
  silent: boolean
  boots: number
  order: BootOrder | null
  readonly folders: Set<string>
  readonly containers: Set<string>
  readonly marks: Set<string>
}

/** A machine that is up. */
function plainMachine(arch: 'x86_64' | 'aarch64', now: () => number): PlainMachine {
  let bootedAt = now()
  return {
    on: true,
    dead: false,
    stubborn: null,
    mute: false,
    silent: false,
    boots: 1,
    order: null,
    folders: new Set(),
    containers: new Set(),
    marks: new Set(),
    powered() {
      return this.on
    },
    ready() {
      return this.on && !this.dead
    },
    unreachable() {
      return this.silent
    },
    admitsRoot: async () => true,
    booted() {
      return {
        bootId: String(this.boots),
        at: bootedAt,
        image: this.stubborn ?? this.order?.image ?? null,
        parameters: this.order?.parameters ?? '',
        reports: !this.mute,
      }
    },
    async powerOn(order) {
      this.on = true
      this.boots += 1
      this.order = order ?? this.order
      bootedAt = now()
    },
    async powerOff() {
      this.on = false
      this.folders.clear()
      this.containers.clear()
    },
    async run(command) {
      const ok = (stdout = '') => ({ exit: 0, stdout, stderr: '' })
      if (!this.on) throw new Error('off')
      if (command === 'uname -i') return ok(`${arch}\n`)
      if (command === 'which podman') return ok('/usr/bin/podman\n')
      if (command.startsWith('ls -d1')) return ok(`${this.folders.size}\n`)
      const [, folder] = /^mkdir -p (\S+)\/image\/$/.exec(command) ?? []
      if (folder) this.folders.add(folder)
      const [, name] = /^podman run .*--name (\S+)/.exec(command) ?? []
      if (name) this.containers.add(name)
      if (command.startsWith('podman ps')) return ok([...this.containers, ...this.marks].join('\n'))
      if (command.startsWith('podman stop ')) this.containers.delete(command.slice(12))
      if (command.startsWith('rm -rf ')) this.folders.delete(command.slice(7, -1))
      return ok()
    },
  }
}

/** What a service answered. */
export interface Got {
  readonly status: number
  readonly type: string | undefined
  readonly json: any
}

/** A system of three nodes on a clock that only the test moves. */
export interface Bench {
  readonly system: System
  readonly machines: Readonly<Record<string, PlainMachine>>
  /** Asks whichever service has the path. */
  ask(method: string, url: string, body?: unknown): Promise<Got>
  /** Lets so many milliseconds pass. */
  pass(milliseconds: number): Promise<void>
}

/** The x86_64 compute node, the aarch64 one, and the master. */
export const [intel, arm, master] = ['x3000c0s19b1n0', 'x3000c0s19b3n0', 'x3000c0s1b0n0'] as const
/** The base images. */
export const bases = {
  x86_64: 'f6d9cfc7-9291-4c46-8350-c252b919d396',
  aarch64: '02c18757-b546-4a9f-9eae-891928bbbbb9',
} as const

/** Sets it up; beside the three nodes these of liquid-cooled cabinets. */
export function bench(release: Release = '1.6', blades: readonly string[] = []): Bench {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const clock = (): number => now
  const machines: Record<string, PlainMachine> = {
    [intel]: plainMachine('x86_64', clock),
    [arm]: plainMachine('aarch64', clock),
    [master]: plainMachine('x86_64', clock),
    ...Object.fromEntries(blades.map((xname) => [xname, plainMachine('x86_64', clock)])),
  }
  const component = (xname: string, nid: number, more: Partial<Component>): Component => ({
    xname,
    nid,
    role: 'Compute',
    arch: 'X86',
    class: 'River',
    aliases: [`nid${String(nid).padStart(6, '0')}`],
    address: '10.252.2.1',
    machine: machines[xname]!,
    ...more,
  })
  const system = makeSystem({
    release,
    now: clock,
    components: [
      component(intel, 1, {}),
      component(arm, 3, { arch: 'ARM' }),
      component(master, 100001, { role: 'Management', subRole: 'Master', aliases: ['ncn-m001'] }),
      ...blades.map((xname, index) => component(xname, 1000 + index, { class: 'Mountain' })),
    ],
  })
  return {
    system,
    machines,
    async ask(method, url, body) {
      await system.agenda.advance()
      const { pathname, search, searchParams } = new URL(url, 'https://lab')
      const bytes = bytesOf(body)
      const service = services.find((each) => pathname.startsWith(`${each.prefix}/`))!
      for (const route of service.routes) {
        const params =
          route.method === method ? matchPath(service.prefix + route.path, pathname) : null
        if (!params) continue
        const reply = await route.answer(
          {
            method,
            path: pathname,
            query: searchParams,
            search,
            params,
            headers: { 'content-type': 'application/json' },
            body: bytes.toString('utf8'),
            bytes,
          },
          system,
        )
        return {
          status: reply.status,
          type: reply.contentType,
          json: reply.body === '' ? undefined : JSON.parse(reply.body),
        }
      }
      throw new Error(`no route for ${method} ${url}`)
    },
    async pass(milliseconds) {
      now += milliseconds
      await system.agenda.advance()
    },
  }
}

// A text goes as it stands.
function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  if (typeof body === 'string') return Buffer.from(body)
  return Buffer.from(body === undefined ? '' : JSON.stringify(body))
}

/** IMS's key as the ConfigMap has it. */
export function imsKey(system: System): string {
  return textOf(
    system.cluster,
    'ConfigMap',
    'services',
    'cray-ims-remote-keys',
    'public_key',
  ).trim()
}
