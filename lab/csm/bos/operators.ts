import { configurationStatus, configure } from '../cfs/cfs-components.ts'
import {
  noArtifacts,
  type Artifacts,
  type BosComponent,
  type BosSession,
  type BootSet,
  type Template,
} from './bos-records.ts'
import { setUp } from './setup.ts'
import { imageOf } from './boot-sets.ts'
import { bootImageIn } from '../bss/boot-lookup.ts'
import { keep, noCloudInit } from '../bss/boot-records.ts'
import type { Operation } from '../pcs/power-operations.ts'
import { startTransition } from '../pcs/transitions.ts'
import type { System } from '../system.ts'

/** Lets a session take its course: setup, then the operators look at its nodes until none is enabled. */
export function beginSession(system: System, session: BosSession, template: Template): void {
  const { agenda, durations } = system
  agenda.at(session.at + durations.bosSetup, (at) => {
    if (!isThere(system, session)) return
    const setup = setUp(system, session, template)
    if (setup.error !== null) {
      session.error = setup.error
      return complete(session, at)
    }
    session.components = [...setup.nodes.keys()].join(',')
    for (const [xname, set] of setup.nodes)
      order(system, session, template, set, system.bos.components.get(xname)!, at)
    if (session.stage) return complete(session, at)
    session.status = 'running'
    look(system, session, at)
  })
}

function isThere(system: System, session: BosSession): boolean {
  return system.bos.sessions.get(session.name) === session
}

function complete(session: BosSession, at: number): void {
  session.status = 'complete'
  session.ended = at
}

function order(
  system: System,
  session: BosSession,
  template: Template,
  set: BootSet,
  component: BosComponent,
  at: number,
): void {
  const artifacts = session.operation === 'shutdown' ? noArtifacts : artifactsOf(set)
  const configuration =
    template.enable_cfs !== false && session.operation !== 'shutdown'
      ? (set.cfs?.configuration ?? template.cfs?.configuration ?? '')
      : ''
  if (session.stage) {
    component.staged = { session: session.name, artifacts, configuration }
    return
  }
  Object.assign(component, {
    enabled: true,
    error: '',
    session: session.name,
    retry_policy: Number(system.bos.options['default_retry_policy']),
    desired: { artifacts, configuration, at },
    last: { action: 'session_setup', failed: false, at },
    attempts: { on: 0, graceful: 0, forceful: 0 },
    phase: '',
    status: 'stable',
    override: '',
    transition: null,
  } satisfies Partial<BosComponent>)
  // What the node has said is forgotten: it goes off, whatever it runs.
  if (session.operation === 'reboot') component.actual = { artifacts: noArtifacts, at }
}

/** What became of the nodes that are asked to go on with the session that they hold as staged. */
export interface Applied {
  readonly succeeded: readonly string[]
  /** Their session is gone. */
  readonly failed: readonly string[]
  /** They hold none. */
  readonly ignored: readonly string[]
}

/** Gives each of these nodes to the session that it holds as staged, and has the operators look at those sessions. */
export function applyStaged(system: System, xnames: readonly string[]): Applied {
  const begun = new Set<BosSession>()
  const [succeeded, failed, ignored]: [string[], string[], string[]] = [[], [], []]
  for (const xname of xnames) {
    const component = system.bos.components.get(xname)
    if (!component?.staged) {
      ignored.push(xname)
      continue
    }
    const session = orderStaged(system, component, component.staged)
    if (session) begun.add(session)
    ;(session ? succeeded : failed).push(xname)
  }
  for (const session of begun) look(system, session, system.now())
  return { succeeded, failed, ignored }
}

/** Gives a node to its staged session; undefined where that is gone. */
function orderStaged(
  system: System,
  component: BosComponent,
  { session: name, artifacts, configuration }: NonNullable<BosComponent['staged']>,
): BosSession | undefined {
  const session = system.bos.sessions.get(name)
  const at = system.now()
  component.session = name
  component.last = { ...component.last, action: 'apply_staged', at }
  if (system.bos.options['clear_stage'] === true) component.staged = null
  if (!session) {
    component.enabled = false
    component.error = `Staged session no longer exists (session: ${name}, tenant: )`
    return undefined
  }
  if (session.operation === 'reboot') component.actual = { artifacts: noArtifacts, at }
  Object.assign(component, {
    enabled: true,
    error: '',
    desired: { artifacts, configuration, at },
    attempts: { on: 0, graceful: 0, forceful: 0 },
    phase: '',
    override: 'on_hold',
    transition: null,
  } satisfies Partial<BosComponent>)
  return session
}

/** What a node of this boot set boots: the template's parameters, and how often bos-reporter is to speak. */
function artifactsOf(set: BootSet): Artifacts {
  const folder = `s3://boot-images/${imageOf(set)}`
  return {
    kernel: `${folder}/kernel`,
    initrd: `${folder}/initrd`,
    kernel_parameters:
      `console=ttyS0,115200 ${set.kernel_parameters ?? ''} bos_update_frequency=4h`.replace(
        /\s+/g,
        ' ',
      ),
  }
}

// A node that is on hold is looked at for days, if need be: not once for every moment of a clock that jumps.
// The operators work on staged nodes although their session is over; what that says of itself stays.
function look(system: System, session: BosSession, at: number): void {
  const { agenda, durations, bos } = system
  const managed = (): readonly BosComponent[] =>
    [...bos.components.values()].filter((each) => each.enabled && each.session === session.name)
  const isHeld = managed().every((each) => each.override === 'on_hold')
  agenda.at((isHeld ? Math.max(at, system.now()) : at) + durations.bosPoll, (looked) => {
    const isRunning = session.status === 'running'
    if (isRunning && !isThere(system, session)) return
    hear(system, looked)
    for (const component of managed()) operate(system, component, looked)
    if (managed().length > 0) look(system, session, looked)
    else if (isRunning) complete(session, looked)
  })
}

/** What bos-reporter has reported by now: once after each boot, and every now and then while the node is up. */
export function hear(system: System, at: number): void {
  for (const component of system.bos.components.values()) {
    const machine = system.components.get(component.id)?.machine
    if (!machine) continue
    const booted = machine.ready() ? machine.booted() : null
    // A clock that has jumped is ahead of what is reported.
    if (booted && component.seenBoot?.id !== booted.bootId)
      component.seenBoot = { id: booted.bootId, at: Math.min(at, booted.at) }
    if (
      booted?.reports &&
      booted.bootId !== component.reportedBoot &&
      at - component.seenBoot!.at >= system.durations.bosReport
    ) {
      component.reportedBoot = booted.bootId
      const folder = `s3://boot-images/${booted.image}`
      component.actual = {
        artifacts:
          booted.image === null
            ? noArtifacts
            : {
                kernel: `${folder}/kernel`,
                initrd: `${folder}/initrd`,
                kernel_parameters: booted.parameters,
              },
        at,
      }
    } else if (component.actual.artifacts.kernel !== '') {
      if (booted?.reports && booted.bootId === component.reportedBoot)
        component.actual = { ...component.actual, at: Math.max(at, component.actual.at) }
      else if (at - component.actual.at >= 4 * 3_600_000)
        Object.assign(component, {
          actual: { artifacts: noArtifacts, at },
          last: { action: 'actual_state_cleanup', failed: false, at },
        })
    }
  }
}

function operate(system: System, component: BosComponent, at: number): void {
  const { machine } = system.components.get(component.id)!
  if (isSwitching(system, component, at)) return
  if (machine.unreachable()) {
    Object.assign(component, {
      error: 'Component information was not returned by pcs',
      phase: '',
      override: 'on_hold',
    })
    return
  }
  component.override = ''
  const wantsOff = component.desired.artifacts.kernel === ''
  if (!machine.powered()) {
    if (component.phase === 'powering_off') component.actual = { artifacts: noArtifacts, at }
    if (wantsOff) return stable(component)
    component.phase = 'powering_on'
    if (component.attempts.on >= component.retry_policy) return fail(component)
    return powerOn(system, component, at)
  }
  if (wantsOff) return powerOff(system, component, at)
  if (sameArtifacts(component.actual.artifacts, component.desired.artifacts))
    return configured(system, component, at)
  component.phase = 'powering_on'
  if (
    component.last.action === 'powering_on' &&
    at - component.last.at < system.durations.bosBootWait
  )
    return
  if (component.attempts.on >= component.retry_policy) return fail(component)
  powerOff(system, component, at)
}

// Each switch is a transition of PCS, and only its end is looked at.
function isSwitching(system: System, component: BosComponent, at: number): boolean {
  if (component.transition === null) return false
  const transition = system.transitions.get(component.transition)
  if (transition && transition.status !== 'completed') return true
  component.transition = null
  const task = transition?.tasks[0]
  if (task?.taskStatus !== 'failed') return false
  component.error = task.error ?? task.taskStatusDescription
  component.last = { ...component.last, failed: true, at }
  const { attempts, retry_policy } = component
  if (attempts.on < retry_policy && attempts.forceful < retry_policy) return false
  fail(component)
  return true
}

function powerOn(system: System, component: BosComponent, at: number): void {
  orderBoot(system, component)
  component.attempts.on += 1
  switched(system, component, 'on', { action: 'powering_on', status: 'power_on_called' }, at)
}

// Asked first, then forced.
function powerOff(system: System, component: BosComponent, at: number): void {
  component.phase = 'powering_off'
  const isGraceful = component.attempts.graceful === 0 || !component.last.failed
  component.attempts[isGraceful ? 'graceful' : 'forceful'] += 1
  if (isGraceful)
    switched(
      system,
      component,
      'soft-off',
      { action: 'powering_off_gracefully', status: 'power_off_gracefully_called' },
      at,
    )
  else
    switched(
      system,
      component,
      'force-off',
      { action: 'powering_off_forcefully', status: 'power_off_forcefully_called' },
      at,
    )
}

function switched(
  system: System,
  component: BosComponent,
  operation: Operation,
  reported: { readonly action: string; readonly status: string },
  at: number,
): void {
  component.status = reported.status
  component.last = { action: reported.action, failed: false, at }
  component.transition = startTransition(system, operation, [component.id], at).id
}

// BOS leaves cloud-init out, and BSS forgets what there was.
function orderBoot({ bss, images }: System, { id, desired: { artifacts } }: BosComponent): void {
  const image = bootImageIn(artifacts.kernel)
  if (!images.some((each) => each.id === image)) return
  const { kernel, initrd, kernel_parameters: params } = artifacts
  keep(bss, [id], { params, kernel, initrd, cloudInit: noCloudInit })
}

function sameArtifacts(a: Artifacts, b: Artifacts): boolean {
  return (
    a.kernel === b.kernel && a.initrd === b.initrd && a.kernel_parameters === b.kernel_parameters
  )
}

function configured(system: System, component: BosComponent, at: number): void {
  const { configuration } = component.desired
  if (configuration === '') return stable(component)
  const { bootId } = system.components.get(component.id)!.machine.booted()
  if (
    component.configuredBoot !== bootId ||
    system.cfs.components.get(component.id)?.record['desired_config'] !== configuration
  ) {
    component.configuredBoot = bootId
    configure(system, component.id, configuration, at)
  }
  component.phase = 'configuring'
  component.status = 'configuring'
  const status = configurationStatus(system, component.id)
  if (status === 'configured') return stable(component)
  if (status !== 'failed') return
  component.error = 'cfs configuration failed'
  fail(component)
}

function stable(component: BosComponent): void {
  Object.assign(component, {
    enabled: false,
    phase: '',
    status: 'stable',
    attempts: { on: 0, graceful: 0, forceful: 0 },
  } satisfies Partial<BosComponent>)
}

function fail(component: BosComponent): void {
  Object.assign(component, {
    enabled: false,
    status: 'failed',
    last: { ...component.last, failed: true },
  } satisfies Partial<BosComponent>)
}
