import { connectionOf, type Host } from '../../model/host.ts'
import type { Probe } from '../../contract/probe.ts'
import type { Become } from '../../model/session.ts'
import type { Subject, Where } from '../model.ts'

/** The session of a host under a user. All local hosts are one connection, for they are one machine. */
export function onHost(host: Host, become: Become | null): Where {
  let users = wheres.get(host)
  if (!users) wheres.set(host, (users = new Map()))
  const user = become?.user ?? null
  let where = users.get(user)
  if (!where) {
    const connection = connectionOf(host)
    users.set(
      user,
      (where = {
        endpoint: { host },
        become,
        connection,
        session: `${connection} as ${user ?? '-'}`,
      }),
    )
  }
  return where
}

/** Asked for each probe of each task. */
const wheres = new WeakMap<Host, Map<string | null, Where>>()

/** The session of a service; `null` is the controller's own, for absolute URLs. */
function onService(name: string | null): Where {
  const connection = `service ${name ?? '-'}`
  return { endpoint: { service: name }, become: null, connection, session: connection }
}

/**
 * The machine that the run is on; no host of an inventory can have its name. It is a session apart from that of local hosts: what is
 * fetched is written when its exchange has ended, so that no reading may travel along.
 */
const controller: Where = {
  endpoint: { host: { name: '(controller)', groups: [], vars: {}, connection: { kind: 'local' } } },
  become: null,
  session: 'controller',
  connection: 'controller',
}

/** Where a probe or action of a task goes: HTTP to its service, files of the controller there, all else to the task's host. */
export function route(
  what: Probe | { readonly do: string; readonly service?: string },
  host: Where,
): Where {
  if ('on' in what && what.on === 'controller') return controller
  const isHttp = 'read' in what ? what.read === 'http' : what.do === 'http'
  return isHttp ? onService((what as { service?: string }).service ?? null) : host
}

/** Whether a session leads to the subject's own host, which counts against `forks`. */
export function isOwn(where: Where, subject: Subject): boolean {
  return 'host' in where.endpoint && where.endpoint.host.name === subject.host.name
}
