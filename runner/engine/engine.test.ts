import { describe, expect, it } from 'vitest'
import {
  boot,
  command,
  entry,
  guarded,
  idle,
  job,
  liar,
  pointed,
  setting,
  unit,
} from '../../test/harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  memoryGuesses,
  play,
  task,
  type Machine,
  type World,
} from '../../test/harness/fake-world.ts'

const one = inventoryOf(['n1'])
const probesSent = (sent: readonly { readonly probes: readonly unknown[] }[]): number =>
  sent.reduce((sum, each) => sum + each.probes.length, 0)
const settings = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    task('ensure', `setting ${i} is right`, setting, {
      params: { name: `/s${i}`, value: 'right' },
    }),
  )
const files = (count: number, wrong: (i: number) => boolean = () => false) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`/s${i}`, wrong(i) ? 'wrong' : 'right']),
  )

describe('the budget', () => {
  it('spends one script on a converged host, however many tasks', async () => {
    const world = createWorld({ n1: machine(files(200)) })
    const told = await execute(world, [play(settings(200))], one)
    expect(told.sent).toHaveLength(1)
    expect(told.exit).toBe(0)
  })

  it('spends 1 + d scripts where reads wait for reads, and 1 when the guesses prove right', async () => {
    const world = createWorld({ n1: machine({ '/a': '/b', '/b': '/c', '/c': 'end' }) })
    const chain = [
      task('read', 'the first is read', setting, { params: { name: '/a' }, register: 'first' }),
      task('read', 'the second is read', setting, {
        params: { name: computed('first.value', (scope) => scope.first.value) },
        register: 'second',
      }),
      task('ensure', 'the third is right', setting, {
        params: { name: computed('second.value', (scope) => scope.second.value), value: 'end' },
      }),
    ]
    const guesses = memoryGuesses()
    expect((await execute(world, [play(chain)], one, { guesses })).sent).toHaveLength(3)
    expect((await execute(world, [play(chain)], one, { guesses })).sent).toHaveLength(1)
  })

  it('asks again, and gives the same outcome, when a guess proves wrong', async () => {
    const world = createWorld({ n1: machine({ '/a': '/b', '/b': 'right', '/other': 'wrong' }) })
    const chain = [
      task('read', 'the pointer is read', setting, { params: { name: '/a' }, register: 'pointer' }),
      task('require', 'its target is right', setting, {
        params: { name: computed('pointer.value', (scope) => scope.pointer.value), value: 'right' },
      }),
    ]
    const guesses = memoryGuesses()
    expect((await execute(world, [play(chain)], one, { guesses })).exit).toBe(0)
    world.machines.get('n1')!.files.set('/a', '/other')
    const told = await execute(world, [play(chain)], one, { guesses })
    expect(told.exit).toBe(1)
    expect(told.sent).toHaveLength(2)
  })

  it('needs no further script for a second round of probes that was guessed', async () => {
    const world = createWorld({ n1: machine({ '/p': '/t', '/t': 'x' }) })
    const tasks = [
      task('ensure', 'the target is right', pointed, { params: { pointer: '/p', value: 'x' } }),
    ]
    const guesses = memoryGuesses()
    expect((await execute(world, [play(tasks)], one, { guesses })).sent).toHaveLength(2)
    expect((await execute(world, [play(tasks)], one, { guesses })).sent).toHaveLength(1)
  })

  it('stays within 1 + 2k scripts and 3n probes when every 20th of 2,000 tasks drifts', async () => {
    const world = createWorld({ n1: machine(files(2000, (i) => i % 20 === 7)) })
    const told = await execute(world, [play(settings(2000))], one)
    expect(Object.values(told.outcomes).filter((outcome) => outcome === 'changed')).toHaveLength(
      100,
    )
    expect(told.sent.length).toBeLessThanOrEqual(1 + 2 * 100)
    expect(probesSent(told.sent)).toBeLessThan(3 * 2000)
    expect((await execute(world, [play(settings(2000))], one)).sent).toHaveLength(1)
  })

  it('stays below 3n probes when every task drifts', async () => {
    const world = createWorld({ n1: machine() })
    const told = await execute(world, [play(settings(300))], one)
    expect(probesSent(told.sent)).toBeLessThan(3 * 300)
    expect(told.sent.length).toBeLessThanOrEqual(1 + 2 * 300)
  })

  it('asks equal probes of 500 hosts once on the connection where they meet', async () => {
    const names = Array.from({ length: 500 }, (_, i) => `n${i}`)
    const world = createWorld({ ncn: machine({ '/shared': 'x' }) })
    const tasks = [
      task('read', 'what is shared is read', setting, {
        params: { name: '/shared' },
        delegateTo: 'ncn',
        register: 'shared',
      }),
      task('require', 'it is right', null, {
        that: [computed('shared.value', (scope) => scope.shared.value === 'x')],
      }),
    ]
    const told = await execute(
      world,
      [play(tasks, { hosts: names.join(',') })],
      inventoryOf([...names, 'ncn']),
    )
    expect(told.exit).toBe(0)
    expect(told.sent).toHaveLength(1)
    expect(probesSent(told.sent)).toBe(1)
  })

  it('asks a service its list once for all hosts, and connects to none of them', async () => {
    const names = Array.from({ length: 64 }, (_, i) => `n${i}`)
    const world = createWorld({ 'service registry': machine({ '/list': JSON.stringify(names) }) })
    const told = await execute(
      world,
      [
        play([
          task('ensure', 'it is listed', entry, {
            params: { name: computed('host.name', (scope) => scope.host.name) },
          }),
        ]),
      ],
      inventoryOf(names),
    )
    expect(told.exit).toBe(0)
    expect(told.sent).toHaveLength(1)
  })

  it('counts polls one script each', async () => {
    const world = createWorld({ n1: jobMachine(3) })
    const told = await execute(
      world,
      [play([task('ensure', 'the job has succeeded', job, { params: { name: 'j' } })])],
      one,
    )
    expect(told.outcomes).toEqual({ 'n1: the job has succeeded': 'changed' })
    expect(told.sent.length).toBeLessThanOrEqual(1 + 2 + 3)
  })
})

describe('a repair', () => {
  it('is read back: a change that does nothing fails', async () => {
    const world = createWorld({ n1: withCommands({ true: () => ({ exit: 0 }) }) })
    const told = await execute(
      world,
      [play([task('ensure', 'it is there', liar, { params: { name: '/x' } })])],
      one,
    )
    expect(codes(told)).toEqual(['run/still-differs'])
  })

  it('must cover every drifted field, also in a plan', async () => {
    const world = createWorld({ n1: machine() })
    const told = await execute(
      world,
      [play([task('ensure', 'it is there', idle, { params: { name: '/x' } })])],
      one,
      { mode: 'plan' },
    )
    expect(codes(told)).toEqual(['type/defect'])
  })

  it('does nothing when its guard has moved between the reading and the act', async () => {
    let formatted = 0
    let signature = ''
    const n1 = withCommands({
      blkid: () => (signature ? { exit: 0, stdout: signature } : { exit: 2 }),
      mkfs: () => (formatted++, { exit: 0 }),
    })
    const world = createWorld({ n1 })
    world.meddle = (_to, exchange) => void (exchange.apply && (signature = 'xfs'))
    const told = await execute(
      world,
      [
        play([
          task('ensure', 'the disk has a file system', guarded, {
            params: { dev: '/dev/x' },
            ignoreErrors: true,
          }),
        ]),
      ],
      one,
    )
    expect(codes(told)).toEqual(['guard/moved'])
    expect(formatted).toBe(0)
    expect(told.exit).toBe(1)
  })

  it('is refused with the reason and the way out', async () => {
    const world = createWorld({ n1: withCommands({ blkid: () => ({ exit: 0, stdout: 'xfs' }) }) })
    const told = await execute(
      world,
      [
        play([
          task('ensure', 'the disk has a file system', guarded, { params: { dev: '/dev/x' } }),
        ]),
      ],
      one,
    )
    expect(codes(told)).toEqual(['run/refused'])
    expect(told.sent).toHaveLength(1)
  })

  it('whose params name facts is read back with the apply, and no script is spent on the facts', async () => {
    const n1 = withCommands({ uname: () => ({ exit: 0, stdout: 'n1 5.14 aarch64\n' }) })
    const named = (name: string) =>
      task(
        'ensure',
        name,
        { ...setting, settle: { for: 60, every: 5, progress: () => '' } },
        {
          params: {
            name: computed('facts.arch', (scope) => `/${scope.facts.arch}-${name}`),
            value: 'x',
          },
        },
      )
    const told = await execute(
      createWorld({ n1 }),
      [play([named('one'), named('two'), named('three')])],
      one,
    )
    expect(told.exit).toBe(0)
    // The facts, the states, and one script for each change with its read-back and the next task's reading.
    expect(told.sent).toHaveLength(2 + 3)
  })

  it('may need a param that nothing needed before', async () => {
    const late = {
      ...setting,
      change: (diff: any, params: any) => [
        {
          title: `write for ${params.value.length} ${params.note}`,
          repairs: ['value'],
          actions: [{ do: 'write' as const, path: params.name, content: String(diff.value.to) }],
        },
      ],
    }
    for (const batch of [true, false]) {
      const n1 = withCommands({
        uname: () => ({ exit: 0, stdout: 'n1 5.14 aarch64\n' }),
        ask: () => ({ exit: 0, stdout: 'told' }),
      })
      const tasks = [
        task('ensure', 'it is right', late, {
          params: {
            name: '/a',
            value: 'x',
            note: computed('facts.arch', (scope) => scope.facts.arch),
          },
        }),
        task('run', 'it is asked', command, {
          params: { argv: ['ask'] },
          failedWhen: [computed('facts.kernel', (scope) => scope.facts.kernel === 'none')],
          changedWhen: [computed('stdout', (scope) => scope.stdout !== 'told')],
        }),
      ]
      const told = await execute(createWorld({ n1 }), [play(tasks)], one, { batch })
      expect(told.outcomes).toEqual({ 'n1: it is right': 'changed', 'n1: it is asked': 'ok' })
      expect(
        (
          await execute(createWorld({ n1 }), [play([{ ...tasks[0]!, id: 'again' }])], one, {
            batch,
            mode: 'plan',
          })
        ).exit,
      ).toBe(0)
    }
  })

  it('that boots the host waits until it is back, and reads everything anew', async () => {
    const n1 = withCommands({ reboot: (_argv, held) => ((held.up = false), { exit: 0 }) })
    n1.files.set('/boot_id', 'one').set('/volatile', 'x')
    const world = createWorld({ n1 })
    let polls = 0
    const session = world.connections.session
    Object.assign(world.connections, {
      session: (...args: Parameters<typeof session>) => {
        if (!n1.up && ++polls === 3) {
          n1.up = true
          n1.files.set('/boot_id', 'two').delete('/volatile')
        }
        return session(...args)
      },
    })
    world.meddle = (_to, exchange) => {
      const action = exchange.apply?.actions[0]
      if (action?.do === 'exec' && action.argv[0] === 'reboot') n1.up = false
    }
    const tasks = [
      task('ensure', 'it was booted', boot),
      task('ensure', 'what it lost is back', setting, {
        params: { name: '/volatile', value: 'x' },
      }),
    ]
    const told = await execute(world, [play(tasks)], one)
    expect(told.outcomes).toEqual({
      'n1: it was booted': 'changed',
      'n1: what it lost is back': 'changed',
    })
    const planned = await execute(world, [play(tasks)], one, { mode: 'plan' })
    expect(planned.outcomes['n1: what it lost is back']).toBe('unknown')
  })

  // A service may try again, a watchdog may bite: what was read in one boot says nothing of the next.
  function bootsTwice(): { readonly world: World; readonly n1: Machine; again(): void } {
    let boots = 0
    const next = (held: Machine): void => {
      boots += 1
      held.files
        .set('/boot_id', `boot ${boots}`)
        .set('/proc/sys/kernel/random/boot_id', `boot ${boots}`)
      if (boots <= 2) held.files.set('/pointer', '/near')
      else held.files.delete('/volatile')
    }
    const n1 = withCommands({ reboot: (_argv, held) => (next(held), { exit: 0 }) })
    n1.files.set('/far', 'y').set('/volatile', 'x')
    next(n1)
    return { world: createWorld({ n1 }), n1, again: () => next(n1) }
  }

  it('that boots a host which then boots once more: what was read before counts no more', async () => {
    const { world, n1, again } = bootsTwice()
    const tasks = [
      task('ensure', 'it was booted', boot),
      task('ensure', 'the pointer is back', setting, {
        params: { name: '/pointer', value: '/far' },
      }),
      task('ensure', 'what is far holds', pointed, { params: { pointer: '/pointer', value: 'y' } }),
      task('ensure', 'what it kept is still there', setting, {
        params: { name: '/volatile', value: 'x' },
      }),
    ]
    let once = true
    world.meddle = (_to, { apply, probes }) => {
      // The second round behind the pointer is a script of its own; the last task was read before it.
      if (!once || apply || !probes.some((probe) => probe.read === 'text' && probe.path === '/far'))
        return
      once = false
      again()
    }
    const told = await execute(world, [play(tasks)], one)
    expect(told.outcomes).toEqual({
      'n1: it was booted': 'changed',
      'n1: the pointer is back': 'changed',
      'n1: what is far holds': 'ok',
      'n1: what it kept is still there': 'changed',
    })
    expect(n1.files.get('/volatile')).toBe('x')
  })

  it('that boots a host which boots once more before an apply: nothing is done that was decided in another boot', async () => {
    const { world, n1, again } = bootsTwice()
    world.meddle = (_to, { apply }) => void (apply?.actions[0]?.do === 'write' && again())
    const tasks = [
      task('ensure', 'it was booted', boot),
      task('ensure', 'the pointer is back', setting, {
        params: { name: '/pointer', value: '/far' },
      }),
    ]
    const told = await execute(world, [play(tasks)], one)
    expect(codes(told)).toEqual(['guard/moved'])
    expect(n1.files.get('/pointer')).toBe('/near')
  })

  it('that would boot the machine of the run itself is refused, also in a plan', async () => {
    const inventory = inventoryOf(['n1'])
    const here = { ...inventory.hosts.get('n1')!, connection: { kind: 'local' as const } }
    const local = { ...inventory, hosts: new Map([['n1', here]]), select: () => [here] }
    const n1 = machine({ '/boot_id': 'one' })
    for (const mode of ['run', 'plan'] as const) {
      const told = await execute(
        createWorld({ n1 }),
        [play([task('ensure', 'it is rebooted', boot)])],
        local,
        { mode },
      )
      expect(codes(told)).toEqual(['run/refused'])
    }
    expect(n1.files.get('/boot_id')).toBe('one')
  })

  it('reads a guard of another connection again just before it acts', async () => {
    let made = 0
    const remote = {
      ...guarded,
      probe: () => ({
        signature: { read: 'http' as const, service: 'registry', path: '/list', statuses: [200] },
      }),
      observe: ({ signature }: any) => ({ fstype: signature.json.length === 0 ? null : 'ext4' }),
    }
    const world = createWorld({
      n1: withCommands({ mkfs: () => (made++, { exit: 0 }) }),
      'service registry': machine({ '/list': '[]' }),
    })
    let reads = 0
    world.meddle = (to) =>
      void (
        to === 'service registry' &&
        ++reads === 2 &&
        world.machines.get(to)!.files.set('/list', '["taken"]')
      )
    const told = await execute(
      world,
      [play([task('ensure', 'it has a file system', remote, { params: { dev: '/dev/x' } })])],
      one,
    )
    expect(codes(told)).toEqual(['guard/moved'])
    expect(made).toBe(0)
  })

  it('starts no second job when one is running, and fails at once when it has failed', async () => {
    const running = jobMachine(2)
    running.files.set('job', 'running')
    const world = createWorld({ n1: running })
    const told = await execute(
      world,
      [play([task('ensure', 'the job has succeeded', job, { params: { name: 'j' } })])],
      one,
    )
    expect(told.exit).toBe(0)
    expect(told.sent.flatMap((each) => each.actions)).toEqual([])

    const failing = jobMachine(2, 'failed')
    const second = await execute(
      createWorld({ n1: failing }),
      [play([task('ensure', 'the job has succeeded', job, { params: { name: 'j' } })])],
      one,
    )
    expect(codes(second)).toEqual(['run/refused'])
  })
})

describe('readings', () => {
  it('made ahead of a change that touches them are made again', async () => {
    const n1 = machine({ '/a': 'old', '/b': 'old' })
    const world = createWorld({ n1 })
    // Writing /a also spoils /b, which was read as right before.
    n1.files.set('/b', 'right')
    world.meddle = (_to, exchange) => {
      if (exchange.apply?.actions.some((action) => action.do === 'write' && action.path === '/a'))
        n1.files.set('/b', 'spoilt')
    }
    const told = await execute(
      world,
      [
        play([
          task('ensure', 'a', setting, { params: { name: '/a', value: 'right' } }),
          task('ensure', 'b', setting, { params: { name: '/b', value: 'right' } }),
        ]),
      ],
      one,
    )
    expect(told.outcomes).toEqual({ 'n1: a': 'changed', 'n1: b': 'changed' })
  })

  it('that fail ahead of their turn mean nothing until then', async () => {
    const n1 = machine({ '/a': 'old' })
    n1.broken.add('/b')
    const world = createWorld({ n1 })
    world.meddle = (_to, exchange) => void (exchange.apply && n1.broken.delete('/b'))
    n1.files.set('/b', 'right')
    const told = await execute(
      world,
      [
        play([
          task('ensure', 'a', setting, { params: { name: '/a', value: 'right' } }),
          task('require', 'b', setting, { params: { name: '/b', value: 'right' } }),
        ]),
      ],
      one,
    )
    expect(told.outcomes).toEqual({ 'n1: a': 'changed', 'n1: b': 'ok' })
  })

  it('that failed ahead are asked again at their turn, though nothing was changed', async () => {
    const n1 = machine({ '/a': 'x', '/b': 'x' })
    n1.broken.add('/b')
    const world = createWorld({ n1 })
    let exchanges = 0
    world.meddle = () => void (++exchanges === 2 && n1.broken.clear())
    const told = await execute(
      world,
      [
        play([
          task('read', 'a', setting, { params: { name: '/a' } }),
          task('require', 'b', setting, { params: { name: '/b', value: 'x' } }),
        ]),
      ],
      one,
    )
    expect(told.outcomes).toEqual({ 'n1: a': 'ok', 'n1: b': 'ok' })
  })

  it('that fail at their turn are errors, never absence', async () => {
    const n1 = machine({ '/a': 'right' })
    n1.broken.add('/a')
    const told = await execute(
      createWorld({ n1 }),
      [play([task('ensure', 'a', setting, { params: { name: '/a', value: 'right' } })])],
      one,
    )
    expect(codes(told)).toEqual(['read/denied'])
    expect(n1.files.get('/a')).toBe('right')
  })

  it('that are denied to another user already do not ask for another user', async () => {
    const hintAs = async (become?: string): Promise<string> => {
      const n1 = machine({ '/a': 'right' })
      n1.broken.add('/a')
      const read = task('read', 'a', setting, {
        params: { name: '/a' },
        ...(become === undefined ? {} : { become }),
      })
      const told = await execute(createWorld({ n1 }), [play([read])], one)
      return told.events.flatMap((event) =>
        event.type === 'outcome' ? [event.error?.hint ?? ''] : [],
      )[0]!
    }
    expect(await hintAs('root')).toContain('root may not read it either')
    expect(await hintAs()).not.toContain('may not read it either')
  })

  it('are good for a minute', async () => {
    const n1 = machine({ '/a': 'x', '/b': 'right' })
    const world = createWorld({
      n1,
      ncn: withCommands({ job: (_argv, held) => ({ exit: 0, stdout: held.files.get('job')! }) }),
    })
    world.machines.get('ncn')!.files.set('job', 'running')
    const polls = { count: 0 }
    world.meddle = (to) => {
      if (to === 'ncn' && ++polls.count === 1) n1.files.set('/b', 'changed by an outsider')
      if (polls.count > 3) world.machines.get('ncn')!.files.set('job', 'success')
    }
    const tasks = [
      task('read', 'a', setting, { params: { name: '/a' } }),
      task('wait', 'the job is done', job, {
        params: { name: 'j' },
        delegateTo: 'ncn',
        for: 600,
        every: 30,
      }),
      task('require', 'b', setting, { params: { name: '/b', value: 'right' } }),
    ]
    const told = await execute(world, [play(tasks, { hosts: 'n1' })], inventoryOf(['n1', 'ncn']))
    expect(told.outcomes['n1: b']).toBe('failed')
  })

  it('of a delegate are void for all when one host changes something there', async () => {
    const ncn = machine({ '/count': '' })
    const world = createWorld({ ncn })
    const appended = task(
      'ensure',
      'its name is in the file',
      {
        ...setting,
        desire: (params: any, current: any) => ({
          value: String(current.value ?? '').includes(params.value)
            ? current.value
            : `${current.value ?? ''}${params.value},`,
        }),
      },
      {
        params: { name: '/count', value: computed('host.name', (scope) => scope.host.name) },
        delegateTo: 'ncn',
      },
    )
    const told = await execute(
      world,
      [play([appended], { hosts: 'n1,n2,n3,n4' })],
      inventoryOf(['n1', 'n2', 'n3', 'n4', 'ncn']),
    )
    expect(told.exit).toBe(0)
    // Read-modify-write by four hosts at once on one machine: no name may be lost.
    expect(
      world.machines.get('ncn')!.files.get('/count')!.split(',').filter(Boolean).sort(),
    ).toEqual(['n1', 'n2', 'n3', 'n4'])
  })

  it('of a kind that may not be asked ahead wait for their turn', async () => {
    const shy = {
      ...setting,
      probe: ({ name }: any) => ({
        file: { read: 'text' as const, path: name, ahead: false as const },
      }),
    }
    const world = createWorld({ n1: machine({ '/a': 'x', '/b': 'y' }) })
    const told = await execute(
      world,
      [
        play([
          task('read', 'a', setting, { params: { name: '/a' } }),
          task('read', 'b', shy, { params: { name: '/b' } }),
        ]),
      ],
      one,
    )
    expect(
      told.sent.map((each) => each.probes.map((probe) => (probe as { path: string }).path)),
    ).toEqual([['/a'], ['/b']])
  })
})

describe('hosts', () => {
  it('that fail or cannot be reached do not stop the others', async () => {
    const world = createWorld({
      n1: machine({ '/a': 'x' }),
      n2: machine(),
      n3: machine({ '/a': 'x' }),
    })
    world.machines.get('n2')!.up = false
    world.machines.get('n3')!.broken.add('/a')
    const tasks = [
      task('require', 'a', setting, { params: { name: '/a', value: 'x' } }),
      task('ensure', 'b', setting, { params: { name: '/b', value: 'y' } }),
    ]
    const told = await execute(world, [play(tasks)], inventoryOf(['n1', 'n2', 'n3']))
    expect(told.outcomes).toEqual({
      'n1: a': 'ok',
      'n1: b': 'changed',
      'n2: a': 'unreachable',
      'n3: a': 'failed',
    })
    expect(told.exit).toBe(1)
  })

  it('are waited for while they do not answer', async () => {
    const world = createWorld({ n1: machine({ '/ready': 'yes' }) })
    world.machines.get('n1')!.up = false
    const sleep = world.clock.sleep
    Object.assign(world.clock, {
      sleep: (ms: number) => sleep(ms).then(() => void (world.machines.get('n1')!.up = true)),
    })
    const told = await execute(
      world,
      [
        play([
          task('wait', 'it is ready', setting, {
            params: { name: '/ready', value: 'yes' },
            for: 60,
            every: 5,
          }),
        ]),
      ],
      one,
    )
    expect(told.outcomes).toEqual({ 'n1: it is ready': 'ok' })
  })

  it('share what one of them did for all, and fail together with it', async () => {
    const world = createWorld({ n1: machine(), n2: machine(), ncn: machine({ '/key': 'K' }) })
    const tasks = (broken: boolean) => [
      task('read', 'the key', setting, {
        params: { name: '/key' },
        delegateTo: 'ncn',
        runOnce: true,
        register: 'key',
      }),
      task('ensure', 'it is installed', setting, {
        params: { name: '/k', value: computed('key.value', (scope) => scope.key.value) },
      }),
      ...(broken
        ? [
            task('require', 'never', setting, {
              params: { name: '/k', value: 'other' },
              runOnce: true,
            }),
            task('read', 'after', setting, { params: { name: '/k' } }),
          ]
        : []),
    ]
    const inventory = inventoryOf(['n1', 'n2', 'ncn'])
    const told = await execute(world, [play(tasks(false), { hosts: 'n1,n2' })], inventory)
    expect(told.exit).toBe(0)
    expect(world.machines.get('n2')!.files.get('/k')).toBe('K')
    const second = await execute(world, [play(tasks(true), { hosts: 'n1,n2' })], inventory)
    expect(second.outcomes).toMatchObject({ 'n1: never': 'failed', 'n2: never': 'failed' })
    expect(second.outcomes).not.toHaveProperty('n2: after')
  })

  it('meet at barriers with fewer places than hosts', async () => {
    const names = ['n1', 'n2', 'n3', 'n4', 'n5']
    const world = createWorld(
      Object.fromEntries(names.map((name) => [name, machine({ '/a': 'x' })])),
    )
    const tasks = [
      task('read', 'a', setting, { params: { name: '/a' } }),
      task('ensure', 'b', setting, { params: { name: '/b', value: 'x' }, barrier: true }),
      task('ensure', 'c', setting, { params: { name: '/c', value: 'x' }, barrier: true }),
    ]
    const told = await execute(world, [play(tasks)], inventoryOf(names), { forks: 2 })
    expect(told.exit).toBe(0)
    const order = told.events
      .filter((event) => event.type === 'outcome')
      .map((event) => (event as { task: string }).task)
    expect(order).toEqual([...order].sort())
  })

  it('go in passes, and a pass that failed altogether stops the next', async () => {
    const world = createWorld({ n1: machine(), n2: machine() })
    const told = await execute(
      world,
      [
        play([task('require', 'a', setting, { params: { name: '/a', value: 'x' } })], {
          serial: [1],
        }),
      ],
      inventoryOf(['n1', 'n2']),
    )
    expect(told.outcomes).toEqual({ 'n1: a': 'failed' })
  })
})

describe('a run', () => {
  it('that is drained begins no new task, and exits 130', async () => {
    const drain = new AbortController()
    const world = createWorld({ n1: machine() })
    world.meddle = (_to, exchange) => void (exchange.apply && drain.abort())
    const told = await execute(world, [play(settings(3))], one, { drain: drain.signal })
    expect(told.outcomes).toEqual({ 'n1: setting 0 is right': 'changed' })
    expect(told.exit).toBe(130)
  })

  it('touches only the hosts of its limit, and refuses a limit that reaches no play', async () => {
    const world = createWorld({ n1: machine(), n2: machine() })
    const inventory = inventoryOf(['n1', 'n2'])
    const told = await execute(world, [play(settings(1))], inventory, { limit: 'n2' })
    expect(Object.keys(told.outcomes)).toEqual(['n2: setting 0 is right'])
    await expect(
      execute(world, [play(settings(1), { hosts: 'n1' })], inventory, { limit: 'n2' }),
    ).rejects.toMatchObject({ diagnostics: [{ code: 'run/limit' }] })
  })

  it('takes only the tasks of its tags', async () => {
    const tasks = [
      task('ensure', 'a', setting, { params: { name: '/a', value: 'x' }, tags: ['one'] }),
      task('ensure', 'b', setting, { params: { name: '/b', value: 'x' }, tags: ['two'] }),
      task('ensure', 'c', setting, { params: { name: '/c', value: 'x' }, tags: ['always'] }),
    ]
    const outcomes = async (more: object): Promise<string[]> =>
      Object.keys(
        (await execute(createWorld({ n1: machine() }), [play(tasks)], one, more)).outcomes,
      )
    expect(await outcomes({ tags: ['one'] })).toEqual(['n1: a', 'n1: c'])
    expect(await outcomes({ skipTags: ['one'] })).toEqual(['n1: b', 'n1: c'])
  })

  it('asks a person once for all hosts, and fails without a terminal', async () => {
    const world = createWorld({ n1: machine(), n2: machine() })
    const inventory = inventoryOf(['n1', 'n2'])
    const asked: object[] = []
    const tasks = [task('confirm', 'the racks are open', null), ...settings(1)]
    const told = await execute(world, [play(tasks)], inventory, {
      confirm: async (question) => (asked.push(question), true),
    })
    expect(asked).toMatchObject([{ sentence: 'the racks are open', hosts: ['n1', 'n2'] }])
    expect(told.exit).toBe(0)
    const alone = await execute(world, [play(tasks)], inventory)
    expect(codes(alone)).toEqual(['run/no-terminal', 'run/no-terminal'])
    expect((await execute(world, [play(tasks)], inventory, { yes: true })).exit).toBe(0)
  })

  it('asks a person of the hosts that are still in play', async () => {
    const world = createWorld({ n1: machine(), n2: machine({ '/a': 'x' }) })
    const asked: object[] = []
    const tasks = [
      task('require', 'a is x', setting, { params: { name: '/a', value: 'x' } }),
      task('confirm', 'the racks are open', null),
    ]
    const told = await execute(world, [play(tasks)], inventoryOf(['n1', 'n2']), {
      confirm: async (question) => (asked.push(question), false),
    })
    expect(asked).toMatchObject([{ sentence: 'the racks are open', hosts: ['n2'] }])
    expect(codes(told)).toContain('run/not-confirmed')
  })

  it('says nothing of what no_log hides', async () => {
    const world = createWorld({ n1: machine({ '/a': 'canary-old' }) })
    const told = await execute(
      world,
      [
        play([
          task('ensure', 'a', setting, {
            params: { name: '/a', value: 'canary-new' },
            noLog: true,
          }),
        ]),
      ],
      one,
    )
    expect(told.exit).toBe(0)
    expect(JSON.stringify(told.events)).not.toContain('canary')
  })
})

describe('no_log', () => {
  const canary = 'canary-9'
  it.each([
    [
      'of a failing action',
      () => withCommands({ fails: () => ({ exit: 1, stdout: canary, stderr: canary }) }),
      task('run', 'it fails', command, { params: { argv: ['fails', canary] }, noLog: true }),
      'action/failed',
    ],
    [
      'of a read that fails',
      () => Object.assign(withCommands({ blkid: () => ({ exit: 9, stderr: canary }) })),
      task('ensure', 'it is read', guarded, { params: { dev: canary }, noLog: true }),
      'read/exit',
    ],
    [
      'of a refusal',
      () => withCommands({ blkid: () => ({ exit: 0, stdout: canary }) }),
      task('ensure', 'it is refused', guarded, { params: { dev: '/dev/x' }, noLog: true }),
      'run/refused',
    ],
  ])('hides the words %s', async (_of, machineOf, hidden, code) => {
    const told = await execute(createWorld({ n1: machineOf() }), [play([hidden])], one)
    expect(codes(told)).toEqual([code])
    expect(JSON.stringify(told.events)).not.toContain(canary)
  })

  it('hides what a guard found', async () => {
    let signature = ''
    const world = createWorld({
      n1: withCommands({ blkid: () => (signature ? { exit: 0, stdout: signature } : { exit: 2 }) }),
    })
    world.meddle = (_to, exchange) => void (exchange.apply && (signature = canary))
    const told = await execute(
      world,
      [
        play([
          task('ensure', 'it is formatted', guarded, { params: { dev: '/dev/x' }, noLog: true }),
        ]),
      ],
      one,
    )
    expect(codes(told)).toEqual(['guard/moved'])
    expect(JSON.stringify(told.events)).not.toContain(canary)
  })
})

describe('tasks', () => {
  it('loop over items in one exchange when nothing drifts, and register a list', async () => {
    const world = createWorld({ n1: machine({ '/x': '1', '/y': '1' }) })
    const tasks = [
      task('ensure', 'all are right', setting, {
        loop: ['/x', '/y'],
        params: { name: computed('item', (scope) => scope.item), value: '1' },
        register: 'all',
      }),
      task('require', 'the register is a list', null, {
        that: [
          computed(
            'all',
            (scope) =>
              scope.all.length === 2 &&
              scope.all[1].item === '/y' &&
              scope.all[1].state.value === '1',
          ),
        ],
      }),
    ]
    const told = await execute(world, [play(tasks)], one)
    expect(told.exit).toBe(0)
    expect(told.sent).toHaveLength(1)
  })

  it('loop over thousands of items that all drift without asking or examining them again and again', async () => {
    const items = Array.from({ length: 3000 }, (_, i) => `/i${i}`)
    let examined = 0
    const counted = {
      ...setting,
      observe: (readings: any, params: any) => (examined++, setting.observe(readings, params)),
    }
    const world = createWorld({ n1: machine() })
    const told = await execute(
      world,
      [
        play([
          task('ensure', 'all are right', counted, {
            loop: items,
            params: { name: computed('item', (scope) => scope.item), value: '1' },
          }),
        ]),
      ],
      one,
    )
    expect(told.exit).toBe(0)
    expect(probesSent(told.sent)).toBeLessThan(3 * items.length)
    expect(examined).toBeLessThan(8 * items.length)
  })

  it('are skipped by `when`, whose facts come with the first batch', async () => {
    const n1 = withCommands({ uname: () => ({ exit: 0, stdout: 'n1 5.14 aarch64\n' }) })
    n1.files.set('/etc/os-release', 'ID=sles\nVERSION_ID="15.5"\n')
    n1.files.set('/a', 'x')
    const tasks = [
      task('ensure', 'only x86', setting, {
        params: { name: '/a', value: 'y' },
        when: computed('facts.arch == "x86_64"', (scope) => scope.facts.arch === 'x86_64'),
      }),
      task('ensure', 'only SP5', setting, {
        params: { name: '/a', value: 'x' },
        when: computed('facts.sp == 5', (scope) => scope.facts.sp === 5),
      }),
    ]
    const told = await execute(createWorld({ n1 }), [play(tasks)], one)
    expect(told.outcomes).toEqual({ 'n1: only x86': 'skipped', 'n1: only SP5': 'ok' })
    expect(told.sent.length).toBeLessThanOrEqual(2)
  })

  it('get all facts that they name in one exchange', async () => {
    const n1 = withCommands({ uname: () => ({ exit: 0, stdout: 'n1 5.14 aarch64\n' }) })
    n1.files.set('/etc/os-release', 'ID=sles\nVERSION_ID="15.5"\n').set('/5-aarch64', 'sles')
    const tasks = [
      task('ensure', 'it is right', setting, {
        params: {
          name: computed(
            'facts.sp facts.arch',
            (scope) => `/${scope.facts.sp}-${scope.facts.arch}`,
          ),
          value: computed('facts.os', (scope) => scope.facts.os),
        },
      }),
      task('require', 'it has a kernel', null, {
        that: [computed('facts.kernel', (scope) => scope.facts.kernel === '5.14')],
      }),
    ]
    const told = await execute(createWorld({ n1 }), [play(tasks)], one)
    expect(told.exit).toBe(0)
    expect(told.sent.map((each) => each.probes.length)).toEqual([2, 1])
  })

  it('that run are spared by what they create', async () => {
    let ran = 0
    const n1 = withCommands({
      make: (_argv, held) => (ran++, held.files.set('/made', ''), { exit: 0, stdout: 'done' }),
    })
    const tasks = [
      task('run', 'make it', command, {
        params: { argv: ['make'] },
        creates: '/made',
        register: 'made',
      }),
    ]
    const world = createWorld({ n1 })
    expect((await execute(world, [play(tasks)], one)).outcomes).toEqual({
      'n1: make it': 'changed',
    })
    expect((await execute(world, [play(tasks)], one)).outcomes).toEqual({ 'n1: make it': 'ok' })
    expect(ran).toBe(1)
  })

  it('owe their handlers once, in the order of the list, and a restart is proved', async () => {
    let life = 1
    const order: string[] = []
    const n1 = withCommands({
      show: () => ({ exit: 0, stdout: `life ${life}` }),
      restart: (argv) => (order.push(argv[1]!), life++, { exit: 0 }),
    })
    const handlers = [
      task('ensure', 'first is restarted', unit, { params: { name: 'first', state: 'restarted' } }),
      task('ensure', 'second is restarted', unit, {
        params: { name: 'second', state: 'restarted' },
      }),
    ]
    const tasks = [
      task('ensure', 'a', setting, {
        params: { name: '/a', value: 'x' },
        notify: ['second is restarted', 'first is restarted'],
      }),
      task('ensure', 'b', setting, {
        params: { name: '/b', value: 'x' },
        notify: ['first is restarted'],
      }),
    ]
    const world = createWorld({ n1 })
    const told = await execute(world, [play(tasks, { handlers })], one)
    expect(told.exit).toBe(0)
    expect(order).toEqual(['first', 'second'])
    expect(
      (await execute(world, [play(tasks, { handlers })], one)).sent.flatMap((each) => each.actions),
    ).toEqual([])
  })

  it('pay handlers although a later task fails', async () => {
    const restarted: string[] = []
    let life = 1
    const n1 = withCommands({
      show: () => ({ exit: 0, stdout: `life ${life}` }),
      restart: () => (restarted.push('unit'), life++, { exit: 0 }),
    })
    const tasks = [
      task('ensure', 'a', setting, {
        params: { name: '/a', value: 'x' },
        notify: ['it is restarted'],
      }),
      task('require', 'never', setting, { params: { name: '/nope', value: 'x' } }),
    ]
    const told = await execute(
      createWorld({ n1 }),
      [
        play(tasks, {
          handlers: [
            task('ensure', 'it is restarted', unit, { params: { name: 'u', state: 'restarted' } }),
          ],
        }),
      ],
      one,
    )
    expect(told.exit).toBe(1)
    expect(restarted).toEqual(['unit'])
  })

  it('become another user on a session of its own', async () => {
    const world = createWorld({ n1: machine({ '/a': 'x' }) })
    const told = await execute(
      world,
      [
        play([
          task('read', 'a', setting, { params: { name: '/a' }, become: 'root' }),
          task('read', 'b', setting, { params: { name: '/b' } }),
        ]),
      ],
      one,
    )
    expect(told.sent.map((each) => each.user).sort()).toEqual(['-', 'root'])
  })

  it('are tried again as often as they say', async () => {
    let tries = 0
    const n1 = withCommands({ flaky: () => ({ exit: ++tries < 3 ? 1 : 0 }) })
    const told = await execute(
      createWorld({ n1 }),
      [play([task('run', 'it works', command, { params: { argv: ['flaky'] }, retries: 3 })])],
      one,
    )
    expect(told.outcomes).toEqual({ 'n1: it works': 'changed' })
    expect(tries).toBe(3)
  })

  it('that require what does not hold say what it was, but nothing of what a no_log task registered', async () => {
    const n1 = machine({ '/state': 'stopped', '/password': 'hunter2' })
    const open = task('read', 'the state', setting, { params: { name: '/state' }, register: 'now' })
    const silent = task('read', 'the password', setting, {
      params: { name: '/password' },
      register: 'word',
      noLog: true,
    })
    const held = computed(
      'now.value == word.value',
      (scope) => scope.now.value === scope.word.value,
    )
    const told = await execute(
      createWorld({ n1 }),
      [play([open, silent, task('require', 'they are equal', null, { that: [held] })])],
      one,
    )
    const said = told.events.flatMap((event) =>
      event.type === 'outcome' && event.error ? [event.error.message] : [],
    )
    expect(said).toEqual(['this does not hold: now.value == word.value (now.value is "stopped")'])
  })

  it('are rescued, and what must always follow follows', async () => {
    const world = createWorld({ n1: machine() })
    const block = {
      kind: 'block' as const,
      at: { file: 'test.yaml', line: 1, column: 1 },
      when: [],
      block: [
        task('require', 'never', setting, { params: { name: '/a', value: 'x' } }),
        task('ensure', 'not reached', setting, { params: { name: '/n', value: 'x' } }),
      ],
      rescue: [task('ensure', 'rescued', setting, { params: { name: '/r', value: 'x' } })],
      always: [task('ensure', 'always', setting, { params: { name: '/z', value: 'x' } })],
    }
    const told = await execute(
      world,
      [play([block, task('ensure', 'after', setting, { params: { name: '/f', value: 'x' } })])],
      one,
    )
    expect(told.outcomes).toEqual({
      'n1: never': 'failed',
      'n1: rescued': 'changed',
      'n1: always': 'changed',
      'n1: after': 'changed',
    })
    expect([...world.machines.get('n1')!.files.keys()]).not.toContain('/n')
  })
})

function withCommands(
  commands: Readonly<
    Record<
      string,
      (
        argv: readonly string[],
        held: ReturnType<typeof machine>,
      ) => { exit: number; stdout?: string; stderr?: string }
    >
  >,
) {
  const held = machine()
  for (const [name, run] of Object.entries(commands)) held.commands.set(name, run)
  return held
}

function jobMachine(polls: number, end = 'success') {
  let left = polls
  return withCommands({
    job: (_argv, held) => {
      const status = held.files.get('job')
      if (status === undefined) return { exit: 1, stdout: '' }
      if (status === 'running' && left-- <= 0) held.files.set('job', end)
      return { exit: 0, stdout: held.files.get('job')! }
    },
    start: (_argv, held) => (held.files.set('job', 'running'), { exit: 0 }),
  })
}

function codes(told: { events: readonly { type: string }[] }): string[] {
  return (told.events as readonly { type: string; error?: { code: string } }[])
    .filter((event) => event.type === 'outcome' && event.error)
    .map((event) => event.error!.code)
}

export type { World }
