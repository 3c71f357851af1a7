import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { random } from '../harness/random.ts'
import { inventoryOf, memoryGuesses } from '../harness/fake-world.ts'
import type { Playbook } from '../../runner/model/playbook.ts'
import { begin, type Controller, type Desk, type Ended, type Typed } from './controller.ts'
import { scenarioOf, type Scenario } from './scenarios.ts'
import {
  createSite,
  loseConnection,
  reboot,
  workAsStranger,
  type Planted,
  type Site,
} from './simulated-site.ts'

/** What a schedule came to. */
export interface Report {
  /** What is wrong, in words; empty where every promise was kept. */
  readonly faults: readonly string[]
  /** The disturbances and the commands in order, for whoever looks into a fault. */
  readonly story: readonly string[]
  /** How often each disturbance came. */
  readonly counts: Readonly<Record<string, number>>
}

/** Run logs of simulated controllers are read and written by the thousand. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Gives a number below the given one. */
export type Next = (below: number) => number
const followings = ['resume each run', 'resume last', 'run again'] as const

/** Plays the schedule of a seed on simulated machines: a random playbook that is disturbed, and an operator who follows the hints. */
export async function playSchedule(seed: number, planted: Planted = {}): Promise<Report> {
  const next = warm(seed)
  const scenario = scenarioOf(next)
  const folder = mkdtempSync(join(memory, 'trueup-campaign-'))
  try {
    const calm = await playCalmly(scenario, folder)
    if (calm.faults.length > 0) return { faults: calm.faults, story: ['undisturbed'], counts: {} }
    return await playDisturbed(scenario, folder, next, { ...calm, planted })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The numbers of a seed. */
export function warm(seed: number): Next {
  const next = random(seed)
  // The first numbers of small seeds lie close together.
  for (let i = 0; i < 8; i++) next(2)
  return next
}

interface Calm {
  readonly steps: number
  readonly state: string
  readonly faults: readonly string[]
}

async function playCalmly(scenario: Scenario, folder: string): Promise<Calm> {
  const desk = deskOf(scenario, mkdtempSync(join(folder, 'calm-')), () => 1)
  let steps = 0
  desk.site.step = () => void steps++
  const ended = await endOf(desk, begin(desk, { command: 'run' }))
  const faults = ended?.exit === 0 ? [] : [`an undisturbed run ended with ${ended?.exit ?? never}`]
  return {
    steps,
    state: stateOf(desk.site),
    faults: [...faults, ...untrue(scenario, desk.site, false)],
  }
}

const never = 'nothing within a day'

/** How a command ended; null when it waits for what never comes: every wait of a run is bounded. */
function endOf({ site }: Desk, controller: Controller): Promise<Ended | null> {
  return Promise.race([controller.ended, site.clock.sleep(86_400_000).then(() => null)])
}

function deskOf(scenario: Scenario, folder: string, next: Next, planted: Planted = {}): Desk {
  const readable = new Set(
    scenario.wishes.filter(({ holds }) => holds !== null).map(({ task }) => task),
  )
  const playbook: Playbook = {
    title: 'campaign',
    file: 'campaign.yaml',
    inputs: {},
    plays: scenario.plays,
    sources: [],
  }
  return {
    site: createSite(scenario.files, planted),
    playbook,
    inventory: inventoryOf([...scenario.hosts, 'ncn']),
    folder,
    forks: 1 + next(4),
    batch: next(8) > 0,
    guesses: memoryGuesses(),
    hear: () => undefined,
    isReadable: (id) => readable.has(id),
    runs: 0,
  }
}

/** A schedule that goes on. */
interface Stage {
  readonly scenario: Scenario
  readonly desk: Desk
  readonly next: Next
  readonly story: string[]
  readonly faults: Set<string>
  readonly counts: Record<string, number>
  readonly current: Set<Controller>
  /** How often each run has taken a host through a task, as `run task host`. */
  readonly turns: Map<string, number>
  /** Several commands may have been at work at once. */
  isShared: boolean
  /** A colleague's command has ended: a run that had begun before does not know what it left. */
  isMoved: boolean
}

async function playDisturbed(
  scenario: Scenario,
  folder: string,
  next: Next,
  calm: Calm & { readonly planted: Planted },
): Promise<Report> {
  const desk = deskOf(scenario, mkdtempSync(join(folder, 'disturbed-')), next, calm.planted)
  const stage: Stage = {
    ...{ scenario, desk, next, story: [], faults: new Set<string>(), counts: {} },
    ...{
      current: new Set<Controller>(),
      turns: new Map<string, number>(),
      isShared: next(3) === 0,
      isMoved: false,
    },
  }
  desk.hear = (event, run) => {
    if (event.type === 'task-started') {
      const turn = `${run} ${event.task} ${event.host}`
      stage.turns.set(turn, (stage.turns.get(turn) ?? 0) + 1)
    }
    if (event.type !== 'outcome' || (event.outcome !== 'ok' && event.outcome !== 'changed')) return
    for (const wish of scenario.wishes)
      if (wish.task === event.task && wish.host === event.host && wish.holds?.(desk.site) === false)
        stage.faults.add(`${run} says ${event.outcome} of ${wish.deeds.join()}, which is not true`)
  }
  disturbAt(stage, calm.steps)
  await followHints(stage, followings[next(followings.length)]!)
  judge(stage, calm)
  return { faults: [...stage.faults], story: stage.story, counts: stage.counts }
}

/** Lets disturbances come at random steps; an action may take its time. */
function disturbAt(stage: Stage, steps: number): void {
  const { desk, next } = stage
  const moments: number[] = []
  // Four at most, and now and then a bad day.
  for (let i = 1 + next(next(6) === 0 ? 12 : 4); i > 0; i--) {
    const before = moments.at(-1)
    // Some follow close on another: what is weak is the beginning of the next command.
    moments.push(
      before !== undefined && next(2) === 0 ? before + 1 + next(12) : next(Math.ceil(steps * 1.3)),
    )
  }
  moments.sort((a, b) => a - b)
  let count = 0
  desk.site.step = () => {
    while (moments.length > 0 && moments[0]! <= count) {
      moments.shift()
      disturb(stage, kinds[next(kinds.length)]!)
    }
    count++
  }
  desk.site.pause = () => (next(6) === 0 ? next(4000) : 0)
}

const kinds = [
  'SIGKILL',
  'SIGKILL',
  'SIGINT',
  'SIGINT twice',
  'cut connection',
  'half-open connection',
  'reboot',
  'failing command',
  'hanging command',
  'full disk',
  'work of a stranger',
  'failing service',
  'silent service',
  'sleep of the controller',
] as const

function disturb(stage: Stage, kind: (typeof kinds)[number]): void {
  const { desk, next, story, counts, scenario } = stage
  const { site } = desk
  const goesOn = (): boolean => next(2) === 0
  const atWork = [...stage.current].filter((each) => !each.isOver())
  const controller = atWork[next(Math.max(1, atWork.length))]
  const host = kind.endsWith('service')
    ? 'service registry'
    : ['ncn', ...scenario.hosts][next(scenario.hosts.length + 1)]!
  const place = site.places.get(host)!
  counts[kind] = (counts[kind] ?? 0) + 1
  story.push(`${kind} (${kind.startsWith('SIG') ? (controller?.run ?? 'none') : host})`)
  if (kind === 'SIGKILL') controller?.kill(goesOn)
  if (kind === 'SIGINT' || kind === 'SIGINT twice') controller?.interrupt()
  if (kind === 'SIGINT twice') {
    const later = next(3000)
    void site.clock.sleep(later).then(() => controller?.interrupt())
  }
  if (kind === 'cut connection') loseConnection(site, place, { silent: false, ends: goesOn() })
  if (kind === 'half-open connection') loseConnection(site, place, { silent: true, ends: goesOn() })
  if (kind === 'reboot') reboot(site, place)
  if (kind === 'work of a stranger') workAsStranger(site, place, 500 + next(40_000))
  if (kind === 'failing service') place.trouble.failing += 1 + next(2)
  if (kind === 'silent service') reboot(site, place)
  if (kind === 'sleep of the controller') site.clock.advance(30_000 + next(120_000))
  if (kind === 'failing command') place.trouble.failing += 1 + next(2)
  if (kind === 'hanging command') place.trouble.hanging++
  if (kind === 'full disk') place.trouble.full += 1 + next(2)
}

async function play(stage: Stage, typed: Typed): Promise<Ended> {
  const { desk, current, story, faults } = stage
  const controller = begin(desk, typed)
  current.add(controller)
  story.push(`${controller.run}: ${typed.command} ${typed.of ?? ''}`)
  const ended = await endOf(desk, controller)
  current.delete(controller)
  if (ended === null) {
    faults.add(`${controller.run} ended with ${never}`)
    controller.kill(() => false)
    return controller.ended
  }
  story.push(`${controller.run}: exit ${ended.exit ?? 'of SIGKILL'}`, ...ended.errors)
  if (ended.exit !== null) leftBehind(stage, ended)
  if (ended.exit === 0 && typed.command === 'run')
    for (const fault of untrue(stage.scenario, desk.site, ended.errors.length > 0))
      faults.add(`exit 0, but ${fault}`)
  return ended
}

/** A command that has ended waits for no answer any more. */
function leftBehind({ desk, faults }: Stage, { run, exit }: Ended): void {
  if (exit === 3) return
  for (const place of desk.site.places.values())
    for (const script of place.scripts)
      if (script.by === run && script.acts && !script.isTold)
        faults.add(`${run} ended before its script on ${place.name}`)
}

/** How many commands an operator types before it counts as one that never comes to an end. */
const mostCommands = 40

/** Types what the hints say until a plain run has nothing to do and nothing to say. */
async function followHints(stage: Stage, following: (typeof followings)[number]): Promise<void> {
  stage.story.push(`the operator: ${following}${stage.isShared ? ', and a colleague' : ''}`)
  const early = stage.isShared ? colleagueOf(stage, 3000) : null
  const late = { isOver: !stage.isShared || stage.next(2) === 0 }
  const atLast = late.isOver
    ? null
    : colleagueOf(stage, 600_000).then(() => void (late.isOver = true))
  let ended = await play(stage, { command: 'run' })
  await early
  for (let typed = 0; ; typed++) {
    if (typed === mostCommands) {
      stage.faults.add(`${mostCommands} commands did not come to an end`)
      break
    }
    let order = nextOrder(stage, following, ended)
    if (order === null && !stage.isMoved && late.isOver) break
    if (order === null) {
      await atLast
      stage.isMoved = false
      order = { command: 'run' }
    }
    // An operator looks first, and what boots is up again.
    await stage.desk.site.clock.sleep(120_000)
    ended = await play(stage, order)
    // There was no log yet.
    if (ended.exit === 3) ended = await play(stage, { command: 'run' })
  }
  await atLast
  // Scripts of killed controllers that went on have an end too.
  await stage.desk.site.clock.sleep(3_600_000)
}

function nextOrder(
  { next }: Stage,
  following: (typeof followings)[number],
  ended: Ended,
): Typed | null {
  const last: Typed = { command: 'resume', of: 'last' }
  const run: Typed = { command: 'run' }
  const [owing] = ended.owing
  if (ended.exit === 0 && owing !== undefined)
    return following === 'resume last' ? last : { command: 'resume', of: owing }
  if (ended.exit === 0)
    return ended.isRun && !ended.changed && ended.errors.length === 0 ? null : run
  if (following === 'run again') return run
  // Who types `resume last` may have begun another run meanwhile.
  if (following === 'resume last') return next(4) === 0 ? run : last
  return ended.exit === 3 ? last : { command: 'resume', of: ended.run }
}

/** Another operator runs the same playbook at the same time, or resumes its last run. */
async function colleagueOf(stage: Stage, within: number): Promise<void> {
  await stage.desk.site.clock.sleep(stage.next(within))
  await play(stage, { command: stage.next(3) === 0 ? 'resume' : 'run' })
  stage.isMoved = true
}

/** What is not as it is wanted; a task whose failure the playbook allows for need not be true where one has failed. */
function untrue({ wishes }: Scenario, site: Site, hasFailed: boolean): readonly string[] {
  return wishes
    .filter(({ holds, mayFail }) => holds?.(site) === false && !(mayFail && hasFailed))
    .map(({ deeds }) => `${deeds.join()} is not true`)
}

/** Holds the end of a schedule against what is promised. */
function judge(stage: Stage, calm: Calm): void {
  const { desk, faults, isShared } = stage
  const { site } = desk
  if (stateOf(site) !== calm.state) faults.add(`the end is ${stateOf(site)} and not ${calm.state}`)
  for (const { machine, what, needed } of site.deeds)
    // Between a reading and a request lies a gap that no service closes for two controllers.
    if (!needed && !(isShared && machine.startsWith('service ')))
      faults.add(`done twice: ${machine} ${what}`)
  for (const fault of [...lostHandlers(stage), ...repeatedCalls(stage)]) faults.add(fault)
  for (const { name, lockedBy, scripts } of site.places.values())
    if (lockedBy !== null || scripts.size > 0) faults.add(`${name} is still at work`)
}

/** Each handler runs after the last change that owes it. */
function lostHandlers({ desk: { site }, scenario }: Stage): readonly string[] {
  const last = new Map(site.deeds.map(({ n, machine, what }) => [`${machine} ${what}`, n]))
  const lastOf = (deed: string): number => last.get(deed) ?? -1
  return scenario.wishes.flatMap(({ deeds, owes }) =>
    deeds.flatMap((deed) =>
      owes
        .filter((owed) => lastOf(deed) > Math.max(...owed.split(' | ').map(lastOf)))
        .map((owed) => `handler lost: ${owed} after ${deed}`),
    ),
  )
}

/** What has no state is done at most once in each turn that a run gives it. */
function repeatedCalls({ desk: { site }, scenario, turns }: Stage): readonly string[] {
  return scenario.wishes.flatMap(({ task, host, deeds, holds }) => {
    if (holds !== null) return []
    const counts = new Map<string, number>()
    for (const { by, machine, what } of site.deeds)
      if (deeds.includes(`${machine} ${what}`) && /^(?:pay|restart|call) /.test(what))
        counts.set(by, (counts.get(by) ?? 0) + 1)
    return [...counts]
      .filter(([run, count]) => count > (turns.get(`${run} ${task} ${host}`) ?? 0))
      .map(([run, count]) => `${run} did ${deeds.join()} ${count} times in one turn`)
  })
}

/**
 * What is on the machines at the end, without what depends on the clock and without handlers: which host pays those of a task that
 * runs once is not foretold.
 */
function stateOf({ places }: Site): string {
  const kept = [...places].map(([name, { files }]) => [
    name,
    [...files]
      .filter(([path]) => !/^(?:\/rescue-|unit |p[0-9]h[0-9])/.test(path))
      .map(([path, value]) => [path, path.startsWith('job ') ? 'there' : value])
      .sort(([a], [b]) => (a! < b! ? -1 : 1)),
  ])
  return JSON.stringify(kept)
}
