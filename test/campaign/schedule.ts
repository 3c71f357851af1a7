import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { random } from '../harness/random.ts'
import { inventoryOf, memoryGuesses } from '../harness/fake-world.ts'
import type { Playbook } from '../../runner/model/playbook.ts'
import { begin, type Controller, type Desk, type Ended, type Typed } from './controller.ts'
import { scenarioOf, type Scenario } from './scenarios.ts'
import { createSite, loseConnection, reboot, type Site } from './simulated-site.ts'

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
export async function playSchedule(seed: number): Promise<Report> {
  const next = warm(seed)
  const scenario = scenarioOf(next)
  const folder = mkdtempSync(join(memory, 'trueup-campaign-'))
  try {
    const calm = await playCalmly(scenario, folder)
    if (calm.faults.length > 0) return { faults: calm.faults, story: ['undisturbed'], counts: {} }
    return await playDisturbed(scenario, folder, next, calm)
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
  return { steps, state: stateOf(desk.site), faults: [...faults, ...untrue(scenario, desk.site)] }
}

const never = 'nothing within a day'

/** How a command ended; null when it waits for what never comes: every wait of a run is bounded. */
function endOf({ site }: Desk, controller: Controller): Promise<Ended | null> {
  return Promise.race([controller.ended, site.clock.sleep(86_400_000).then(() => null)])
}

function deskOf(scenario: Scenario, folder: string, next: Next): Desk {
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
    site: createSite(scenario.files),
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
  /** Several commands may have been at work at once. */
  isShared: boolean
}

async function playDisturbed(
  scenario: Scenario,
  folder: string,
  next: Next,
  calm: Calm,
): Promise<Report> {
  const desk = deskOf(scenario, mkdtempSync(join(folder, 'disturbed-')), next)
  const stage: Stage = {
    ...{ scenario, desk, next, story: [], faults: new Set<string>(), counts: {} },
    ...{ current: new Set<Controller>(), isShared: next(4) === 0 },
  }
  desk.hear = (event, run) => {
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

/** Lets up to four disturbances come at random steps; an action may take its time. */
function disturbAt(stage: Stage, steps: number): void {
  const { desk, next } = stage
  const moments: number[] = []
  for (let i = 1 + next(4); i > 0; i--) {
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
] as const

function disturb(stage: Stage, kind: (typeof kinds)[number]): void {
  const { desk, next, story, counts, scenario } = stage
  const { site } = desk
  const goesOn = (): boolean => next(2) === 0
  const controller = [...stage.current].filter((each) => !each.isOver())[0]
  const host = ['ncn', ...scenario.hosts][next(scenario.hosts.length + 1)]!
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
    for (const fault of untrue(stage.scenario, desk.site)) faults.add(`exit 0, but ${fault}`)
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
const mostCommands = 14

/** Types what the hints say until a plain run has nothing to do and nothing to say. */
async function followHints(stage: Stage, following: (typeof followings)[number]): Promise<void> {
  stage.story.push(`the operator: ${following}${stage.isShared ? ', and a colleague' : ''}`)
  const colleague = stage.isShared ? colleagueOf(stage) : null
  let ended = await play(stage, { command: 'run' })
  await colleague
  for (let typed = 0; ; typed++) {
    if (typed === mostCommands) {
      stage.faults.add(`${mostCommands} commands did not come to an end`)
      break
    }
    const order = nextOrder(stage, following, ended)
    if (order === null) break
    // An operator looks first, and what boots is up again.
    await stage.desk.site.clock.sleep(120_000)
    ended = await play(stage, order)
    // There was no log yet.
    if (ended.exit === 3) ended = await play(stage, { command: 'run' })
  }
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
  if (ended.exit === 0) return ended.isRun && !ended.changed ? null : run
  if (following === 'run again') return run
  // Who types `resume last` may have begun another run meanwhile.
  if (following === 'resume last') return next(4) === 0 ? run : last
  return ended.exit === 3 ? last : { command: 'resume', of: ended.run }
}

/** Another operator runs the same playbook at the same time. */
async function colleagueOf(stage: Stage): Promise<void> {
  await stage.desk.site.clock.sleep(stage.next(3000))
  await play(stage, { command: 'run' })
}

function untrue({ wishes }: Scenario, site: Site): readonly string[] {
  return wishes
    .filter(({ holds }) => holds?.(site) === false)
    .map(({ deeds }) => `${deeds.join()} is not true`)
}

/** Holds the end of a schedule against what is promised. */
function judge({ desk, scenario, faults, isShared }: Stage, calm: Calm): void {
  const { site } = desk
  if (stateOf(site) !== calm.state) faults.add(`the end is ${stateOf(site)} and not ${calm.state}`)
  for (const { machine, what, needed } of site.deeds)
    // Between a reading and a request lies a gap that no service closes for two controllers.
    if (!needed && !(isShared && machine.startsWith('service ')))
      faults.add(`done twice: ${machine} ${what}`)
  const last = new Map(site.deeds.map(({ n, machine, what }) => [`${machine} ${what}`, n]))
  for (const { deeds, owes } of scenario.wishes)
    for (const deed of deeds)
      for (const owed of owes)
        if ((last.get(deed) ?? -1) > (last.get(owed) ?? -1) && last.has(deed))
          faults.add(`handler lost: ${owed} after ${deed}`)
  for (const { name, lockedBy, scripts } of site.places.values())
    if (lockedBy !== null || scripts.size > 0) faults.add(`${name} is still at work`)
}

/** What is on the machines at the end, without what depends on the clock or on how often a handler ran. */
function stateOf({ places }: Site): string {
  const kept = [...places].map(([name, { files }]) => [
    name,
    [...files]
      .map(([path, value]) => [path, /^(?:unit|job) /.test(path) ? 'there' : value])
      .sort(([a], [b]) => (a! < b! ? -1 : 1)),
  ])
  return JSON.stringify(kept)
}
