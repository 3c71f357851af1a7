import { createConnections } from '../connect/connections.ts'
import type { Finding, Subject } from '../doctor/finding.ts'
import { judgeHost, probesFor } from '../doctor/judge-host.ts'
import { nodeIn, nodesProbe, questionsFor } from '../doctor/judge-service.ts'
import type { HostNeeds, Needs } from '../doctor/needs-of-playbooks.ts'
import { ask, type Answered, type Probe } from '../contract/probe.ts'
import type { Code } from '../model/codes.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { Inventory, Service } from '../model/host.ts'
import { Unreachable, type Become, type Connections, type Endpoint } from '../model/session.ts'

/** Asks the services and hosts of an inventory, and changes nothing on them. */
export async function askSystem(
  inventory: Inventory,
  needs: Needs,
  options: Omit<Parameters<typeof createConnections>[0], 'inventory'>,
): Promise<readonly Finding[]> {
  const connections = createConnections({ ...options, inventory })
  try {
    const xname = await knownNode(connections, inventory)
    const [services, hosts] = await Promise.all([
      Promise.all(
        [...inventory.services.values()].map((service) =>
          examineService(connections, service, xname),
        ),
      ),
      atMost(options.forks ?? 50, [...needs.hosts.values()], (each) =>
        examineHost(connections, each),
      ),
    ])
    return [
      ...needs.unfit.map(unfitFinding),
      ...missingServices(inventory, needs),
      ...services.flat(),
      ...hosts.flat(),
    ]
  } finally {
    await connections.closeAll()
  }
}

function unfitFinding({ playbook, play }: Needs['unfit'][number]): Finding {
  return {
    of: 'playbook',
    name: playbook.title,
    check: play.name,
    verdict: 'differs',
    says: `the inventory has no host for '${play.hosts}'`,
    hint: 'name the group in the inventory, or name the playbooks that matter: trueup doctor -i PATH PLAYBOOK',
  }
}

function missingServices(inventory: Inventory, { services }: Needs): readonly Finding[] {
  return [...services]
    .filter(([name]) => !inventory.services.has(name))
    .map(([name, type]) => ({
      of: 'service',
      name,
      check: 'inventory',
      verdict: 'fails',
      says: `the inventory does not name it, and ${type} asks it`,
      code: 'doctor/service',
      hint: `write its url below services: in the inventory`,
    }))
}

/** A node that HSM names, so that others can be asked of it; null where HSM does not say. */
async function knownNode(connections: Connections, inventory: Inventory): Promise<string | null> {
  if (!inventory.services.has('hsm')) return null
  const answers = await answersOf(connections, { service: 'hsm' }, null, [nodesProbe])
  return 'faults' in answers ? null : nodeIn(answers.readings[0]!)
}

async function examineService(
  connections: Connections,
  service: Service,
  xname: string | null,
): Promise<readonly Finding[]> {
  const subject: Subject = { of: 'service', name: service.name }
  const { probes, judge } = questionsFor(service, xname)
  const answers = await answersOf(connections, { service: service.name }, null, probes)
  return 'faults' in answers
    ? failures(subject, 'connection', answers.faults)
    : judge(answers.readings)
}

async function examineHost(
  connections: Connections,
  needs: HostNeeds,
): Promise<readonly Finding[]> {
  const { host } = needs
  const subject: Subject = { of: 'host', name: host.name }
  const answers = await answersOf(connections, { host }, null, probesFor(needs))
  if ('faults' in answers) return failures(subject, 'connection', answers.faults)
  const users = [...needs.users]
  const became = await Promise.all(
    users.map((user) => answersOf(connections, { host }, { user }, [ask(['id', '-un'])])),
  )
  return [
    ...judgeHost(needs, answers.readings),
    ...users.flatMap((user, i) => sudoFindings(subject, user, became[i]!)),
  ]
}

function sudoFindings(subject: Subject, user: string, answers: Answers): readonly Finding[] {
  if ('faults' in answers) return failures(subject, 'sudo', answers.faults)
  return [{ ...subject, check: 'sudo', verdict: 'ok', says: `it becomes ${user}` }]
}

interface Fault {
  readonly code: Code
  readonly message: string
  readonly hint?: string | undefined
}
type Answers = { readonly readings: readonly Answered[] } | { readonly faults: readonly Fault[] }

/** The answers to some probes; what keeps them from being asked is a finding, not an error. */
async function answersOf(
  connections: Connections,
  endpoint: Endpoint,
  become: Become | null,
  probes: readonly Probe[],
): Promise<Answers> {
  try {
    const session = await connections.session(endpoint, become)
    return { readings: (await session.exchange({ probes })).readings }
  } catch (error) {
    if (error instanceof DiagnosticError) return { faults: error.diagnostics }
    if (error instanceof Unreachable)
      return { faults: [{ code: 'run/unreachable', message: error.message, hint: error.hint }] }
    throw error
  }
}

function failures(subject: Subject, check: string, faults: readonly Fault[]): readonly Finding[] {
  return faults.map(({ code, message, hint }) => ({
    ...subject,
    check,
    verdict: 'fails',
    says: message,
    code,
    ...(hint === undefined ? {} : { hint }),
  }))
}

/** Does work for each, at most so many at once, and keeps the order. */
async function atMost<A, B>(
  most: number,
  all: readonly A[],
  work: (each: A) => Promise<B>,
): Promise<readonly B[]> {
  const done: B[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < all.length) {
      const i = next++
      done[i] = await work(all[i]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, all.length) }, worker))
  return done
}
