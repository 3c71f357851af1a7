import { describe, expect, it } from 'vitest'
import { random } from '../../test/harness/random.ts'
import { command, entry, pointed, setting } from '../../test/harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  memoryGuesses,
  play,
  task,
  type Told,
  type World,
} from '../../test/harness/fake-world.ts'
import type { Play, Task } from '../model/playbook.ts'

/** The law: outsiders act at barriers only, so batched and unbatched runs agree in every outcome, register and byte. */
describe('the law', () => {
  it('holds for random playbooks on random hosts, with right, wrong and no guesses', async () => {
    for (let seed = 1; seed <= 120; seed++) {
      const guesses = memoryGuesses()
      const plain = await runOf(seed, { batch: false })
      const batched = await runOf(seed, { batch: true, guesses })
      const guessed = await runOf(seed, { batch: true, guesses })
      const misled = await runOf(seed, { batch: true, guesses: await guessesOf(seed + 1000) })
      for (const other of [batched, guessed, misled])
        expect({ seed, ...other.verdict }).toEqual({ seed, ...plain.verdict })
      expect(batched.scripts).toBeLessThanOrEqual(plain.scripts)
    }
  })
})

const hosts = ['n1', 'n2', 'n3']
const inventory = inventoryOf([...hosts, 'ncn'])

interface Ran {
  readonly verdict: {
    readonly outcomes: Told['outcomes']
    readonly diffs: unknown
    readonly files: unknown
    readonly exit: number
  }
  readonly scripts: number
}

async function runOf(
  seed: number,
  options: { batch: boolean; guesses?: ReturnType<typeof memoryGuesses> },
): Promise<Ran> {
  const world = worldOf(seed)
  const plays = playbooksOf(seed)
  const outsiders = random(seed * 31)
  let ended = 0
  const told = await execute(
    world,
    plays,
    inventory,
    {
      ...options,
      ...{ forks: 1 + (seed % 4) },
    },
    (event) => {
      if (event.type === 'play-ended' && ++ended < plays.length) disturb(world, outsiders)
    },
  )
  const diffs = Object.fromEntries(
    told.events.flatMap((event) =>
      event.type === 'outcome'
        ? [
            [
              `${event.host} ${indexOf(plays, event.task)}`,
              { diff: event.diff, items: event.items, code: event.error?.code, shown: event.shown },
            ],
          ]
        : [],
    ),
  )
  const files = Object.fromEntries(
    [...world.machines].map(([name, held]) => [name, Object.fromEntries([...held.files].sort())]),
  )
  const outcomes = Object.fromEntries(Object.entries(told.outcomes).sort())
  return { verdict: { outcomes, diffs, files, exit: told.exit }, scripts: told.sent.length }
}

async function guessesOf(seed: number): Promise<ReturnType<typeof memoryGuesses>> {
  const guesses = memoryGuesses()
  await runOf(seed, { batch: true, guesses })
  return guesses
}

function indexOf(plays: readonly Play[], id: string): number {
  return plays.flatMap((each) => each.tasks as Task[]).findIndex((each) => each.id === id)
}

const paths = ['/a', '/b', '/c', '/d']
const values = ['/a', '/b', '/c', 'x']

function worldOf(seed: number): World {
  const next = random(seed)
  const filled = (own: string): ReturnType<typeof machine> => {
    const held = machine(
      Object.fromEntries(
        paths.filter(() => next(3) > 0).map((path) => [path + own, values[next(values.length)]!]),
      ),
    )
    held.commands.set(
      'bump',
      (argv) => (
        held.files.set(argv[1]!, `${held.files.get(argv[1]!) ?? ''}+`),
        { exit: 0, stdout: held.files.get(argv[1]!)! }
      ),
    )
    held.commands.set('put', (argv) => {
      const target = held.files.get(argv[1]!)
      if (target === undefined) return { exit: 1, stderr: 'no pointer' }
      held.files.set(target, argv[2]!)
      return { exit: 0 }
    })
    if (next(4) === 0) held.broken.add(paths[next(paths.length)]!)
    return held
  }
  const world = createWorld({
    ...Object.fromEntries(hosts.map((name) => [name, filled('')])),
    ncn: filled(''),
    'service registry': machine({ '/list': JSON.stringify(hosts.filter(() => next(2) === 0)) }),
  })
  for (const name of hosts)
    for (const path of paths)
      if (next(2) === 0)
        world.machines.get('ncn')!.files.set(`${path}-${name}`, values[next(values.length)]!)
  world.meddle = (to, exchange) => {
    const registry = world.machines.get('service registry')!
    for (const action of exchange.apply?.actions ?? []) {
      if (to !== 'service registry' || action.do !== 'http') continue
      const list = JSON.parse(registry.files.get('/list')!) as string[]
      registry.files.set('/list', JSON.stringify([...list, action.body].sort()))
    }
  }
  return world
}

function disturb(world: World, next: (below: number) => number): void {
  for (const name of [...hosts, 'ncn']) {
    const held = world.machines.get(name)!
    for (const path of [...held.files.keys()].sort())
      if (next(4) === 0) held.files.set(path, values[next(values.length)]!)
    if (next(3) === 0) held.broken.clear()
  }
}

function playbooksOf(seed: number): readonly Play[] {
  const next = random(seed * 7 + 3)
  return Array.from({ length: 1 + next(3) }, (_, p) => {
    const registers: string[] = []
    const tasks = Array.from({ length: 2 + next(9) }, (_unused, t) => {
      const sentence = `task ${p}.${t}`
      const path = paths[next(paths.length)]!
      const value = values[next(values.length)]!
      const from = registers.length > 0 && next(2) === 0 ? registers[next(registers.length)]! : null
      const name = from
        ? computed(`${from}.value`, (scope) =>
            typeof scope[from].value === 'string' ? scope[from].value : '/none',
          )
        : path
      const register = next(2) === 0 ? `r${p}_${t}` : undefined
      const when =
        from && next(3) === 0
          ? computed(`${from}.changed`, (scope) => scope[from].changed === false)
          : undefined
      const common = {
        ...(register ? { register } : {}),
        ...(when ? { when } : {}),
        ignoreErrors: next(3) > 0,
      }
      const made = ((): Task => {
        switch (next(9)) {
          case 0:
            return task('read', sentence, setting, { ...common, params: { name } })
          case 1:
            return task('require', sentence, setting, { ...common, params: { name, value } })
          case 2:
            return task('ensure', sentence, pointed, {
              ...common,
              params: { pointer: path, value },
            })
          case 3:
            return task('ensure', sentence, entry, {
              ...withoutRegister(common),
              params: { name: computed('host.name', (scope) => scope.host.name) },
            })
          case 4:
            return task('run', sentence, command, {
              ...withoutRegister(common),
              params: { argv: ['bump', path] },
              ...(next(2) === 0 ? { creates: paths[next(paths.length)]! } : {}),
            })
          case 5:
            return task('ensure', sentence, setting, {
              ...common,
              params: {
                name: computed('host.name', (scope) => `${path}-${scope.host.name}`),
                value,
              },
              delegateTo: 'ncn',
            })
          case 6:
            return task('ensure', sentence, setting, {
              ...withoutRegister(common),
              loop: [path, paths[next(paths.length)]!],
              params: { name: computed('item', (scope) => scope.item), value },
            })
          default:
            return task('ensure', sentence, setting, { ...common, params: { name, value } })
        }
      })()
      if (made.register) registers.push(made.register)
      return made
    })
    return play(tasks, {
      hosts: hosts.join(','),
      ...(next(4) === 0 ? { strategy: 'linear' as const } : {}),
    })
  })
}

function withoutRegister<T extends { register?: string }>(common: T): Omit<T, 'register'> {
  const { register: _register, ...rest } = common
  return rest
}
