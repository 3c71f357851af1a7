import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answerOf, outputOf } from '../../runner/manifest/case-reading.ts'
import { paramsOfCase } from '../../runner/manifest/case-params.ts'
import { readCase, type CaseRead } from '../../runner/manifest/case-read.ts'
import type { Case } from '../../runner/manifest/cases.ts'
import { exec } from '../../runner/contract/change.ts'
import { probeKey, text, type Answered, type Probe } from '../../runner/contract/probe.ts'
import { defineResource, type AnyResourceType } from '../../runner/contract/resource.ts'
import type { Value } from '../../runner/contract/value.ts'
import { canonical } from '../../runner/contract/value.ts'
import { asDiagnosticError } from '../../runner/model/diagnostic.ts'
import type { PlannedEntry } from '../../runner/model/plan.ts'
import type { Computed } from '../../runner/model/playbook.ts'
import type { ActionResult, Exchange, WorldAction } from '../../runner/model/session.ts'
import { builtinTypes } from '../../runner/resources/index.generated.ts'
import { parseYaml } from '../../runner/source/located-yaml.ts'
import { plain } from '../../runner/source/located.ts'
import { command } from '../harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  tree,
  type World,
} from '../harness/fake-world.ts'

// The law: batched runs and --no-batch agree in every outcome, act and register, and a saved plan is applied as it was made. It
// is held for each case of each type, with every param computed: from a fact, from a register, and from a var.

const origins = ['a fact', 'a register', 'a var'] as const

/** A type whose functions leave an identity param alone, one that asks in two rounds, one whose action says what is read next. */
const planted: readonly (readonly [AnyResourceType, readonly Case[]])[] = [
  [
    defineResource({
      name: 'site.tagged',
      summary: 'A file holds a word.',
      params: {
        type: 'object',
        required: ['file', 'tag'],
        properties: {
          file: { type: 'string', identity: true, description: 'The file.' },
          tag: { type: 'string', identity: true, description: 'No function reads it.' },
          word: { type: 'string', default: 'hello', description: 'The word.' },
        },
      },
      state: { word: { type: 'string', description: 'The word.' } },
      probe: ({ file }) => ({ show: text(file) }),
      observe: ({ show }) => ({ word: show.exists ? show.text : null }),
      desire: ({ word }) => ({ word }),
      change: (_diff, { file, word }) => [
        { title: 'write the word', repairs: ['word'], actions: [exec(['put', file, word])] },
      ],
    }),
    [
      {
        name: 'it is written',
        params: { file: '/w', tag: 'x' },
        reads: { show: { exists: false } },
        diff: { word: [null, 'hello'] },
        does: [['put', '/w', 'hello']],
        then: { show: { text: 'hello' } },
      },
      {
        name: 'it is there',
        params: { file: '/w', tag: 'x' },
        reads: { show: { text: 'hello' } },
        diff: {},
      },
    ],
  ],
  [
    defineResource({
      name: 'site.pointed',
      summary:
        'The file that a pointer names holds a word, under a name that the write gives back.',
      params: {
        type: 'object',
        required: ['pointer'],
        properties: {
          pointer: { type: 'string', identity: true, description: 'The pointer.' },
          label: { type: 'string', identity: true, description: 'Only the repair reads it.' },
        },
      },
      state: { word: { type: 'string', description: 'The word.' } },
      probe: ({ pointer }, seen) => ({
        pointer: text(pointer),
        ...(seen['pointer']?.text !== undefined ? { target: text(seen['pointer'].text) } : {}),
      }),
      observe: (readings) => ({ word: (readings as any)['target']?.text ?? null }),
      desire: () => ({ word: 'hello' }),
      change: (_diff, { label }) => [
        {
          title: `write ${label}`,
          repairs: ['word'],
          actions: [exec(['put', String(label)], { name: 'written' })],
        },
      ],
    }),
    [
      {
        name: 'it is written behind the pointer',
        params: { pointer: '/p', label: 'l' },
        reads: { pointer: { text: '/t' }, target: { exists: false } },
        diff: { word: [null, 'hello'] },
        does: [['put', 'l']],
        outputs: { written: { stdout: 'ok' } },
        then: { target: { text: 'hello' } },
      },
    ],
  ],
]

interface Ran {
  readonly outcome: unknown
  readonly actions: readonly string[]
  readonly registers: unknown
  readonly exit: number
}

const all = [...builtinTypes.map((type) => [type, casesOf(type.name)] as const), ...planted].map(
  ([type, cases]) => {
    // A call is not a state, and a case without readings leaves nothing to ask for.
    const tried = cases.filter((each) => each.call === undefined && each.reads !== undefined)
    return [type.name, type, tried] as const
  },
)

describe.each(all.filter(([, , tried]) => tried.length > 0))(
  'the type %s',
  (_name, type, tried) => {
    it.each(tried.map((each) => [each.name, each] as const))(
      'runs alike in whatever way it is read: %s',
      async (_case, each) => {
        for (const origin of origins) {
          const batched = await ran(type, each, origin, { batch: true })
          const plainly = await ran(type, each, origin, { batch: false })
          expect({ origin, ...plainly }).toEqual({ origin, ...batched })
          expectAsTheCaseSays(each, type, batched)
          const entries: PlannedEntry[] = []
          await ran(type, each, origin, {
            batch: true,
            mode: 'plan',
            record: (entry) => void entries.push(entry),
          })
          const applied = await ran(type, each, origin, {
            batch: false,
            promise: {
              entry: (_play, id, host, item) =>
                entries.find(
                  (entry) => entry.task === id && entry.host === host && entry.item === item,
                ),
            },
          })
          expect({ origin, ...applied }).toEqual({ origin, ...batched })
        }
      },
    )
  },
)

const sentence = 'it is so'

function expectAsTheCaseSays(each: Case, type: AnyResourceType, { outcome, actions }: Ran): void {
  if (!type.change || each.diff === undefined || each.fails !== undefined) return
  if (each.refuses !== undefined)
    return expect(outcome).toMatchObject({ outcome: 'failed', error: { code: 'run/refused' } })
  if (Object.keys(each.diff).length === 0) {
    expect(outcome).toMatchObject({ outcome: 'ok' })
    return expect(actions).toEqual([])
  }
  if (each.then === undefined) return
  expect(outcome).toMatchObject({ outcome: 'changed' })
  expect(actions).toHaveLength((each.does ?? []).length)
}

async function ran(
  type: AnyResourceType,
  each: Case,
  origin: (typeof origins)[number],
  more: Parameters<typeof execute>[3],
): Promise<Ran> {
  const { params } = paramsOfCase(type.params, each.params ?? {})
  const { world, actions } = worldOf(type, each, params)
  const registers: (readonly [string, string])[] = []
  const isEvent = type.events?.includes(String(params['state'])) === true
  const wanted = task(type.change ? 'ensure' : 'read', sentence, type, {
    params: Object.fromEntries(
      Object.entries(params).map(([name, value]) => [
        name,
        computedFrom(origin, name, value as Value),
      ]),
    ),
    // Twelve readings tell as much as the hundreds that a type takes in its hours.
    ...(type.settle ? { for: 120, every: 10 } : {}),
    register: 'it',
    id: 'wanted',
  })
  const given = task('read', 'what is given', command, {
    params: { argv: ['given'] },
    register: 'given',
    id: 'given',
  })
  const before = isEvent
    ? task('run', 'it is due', command, {
        params: { argv: ['due'] },
        notify: [sentence],
        id: 'due',
      })
    : wanted
  const { events, exit } = await execute(
    world,
    [
      play([given, before], {
        hosts: 'n1',
        vars: Object.fromEntries(
          Object.keys(params).map((name) => [
            `of_${name}`,
            tree(computedFrom('a fact', name, params[name] as Value)),
          ]),
        ),
        handlers: isEvent ? [wanted] : [],
      }),
    ],
    inventoryOf(['n1']),
    {
      ...more,
      note(note) {
        if (note.type === 'registered') registers.push([note.name, canonical(note.value)])
      },
    },
  )
  const outcome = events.find((event) => event.type === 'outcome' && event.task === wanted.id)
  const { seconds: _, at: __, task: ___, ...told } = outcome as unknown as Record<string, unknown>
  return {
    outcome: told,
    actions: [...actions],
    registers,
    exit,
  }
}

function computedFrom(origin: (typeof origins)[number], name: string, value: Value): Computed {
  if (origin === 'a fact') return computed('facts.arch', ({ facts }) => (void facts.arch, value))
  if (origin === 'a register')
    return computed('given.stdout', ({ given }) => (void given.stdout, value))
  return computed(`of_${name}`, (scope) => scope[`of_${name}`])
}

/** A world that answers from a case: its readings, and after the first action those behind it. */
function worldOf(
  type: AnyResourceType,
  each: Case,
  params: Readonly<Record<string, unknown>>,
): { readonly world: World; readonly actions: readonly string[] } {
  const world = createWorld({ n1: machine() })
  const actions: string[] = []
  const outputs = Object.fromEntries(
    Object.entries(each.outputs ?? {}).map(([name, reading]) => [name, outputOf(reading)]),
  )
  const answers = (isAfter: boolean, isThen = isAfter): ReadonlyMap<string, Answered> => {
    const reads = isThen ? { ...each.reads, ...each.then } : (each.reads ?? {})
    const asked = askedBy(() =>
      readCase(type, params, reads, isAfter ? outputs : {}, () => undefined),
    )
    return new Map(
      [...asked].flatMap(([name, probe]) =>
        reads[name] ? [[probeKey(probe), answerOf(probe, reads[name])]] : [],
      ),
    )
  }
  const before = answers(false)
  // Hosts and services answer afterwards too what they were asked before.
  const after = each.then ? new Map([...answers(false, true), ...answers(true)]) : before
  // What a case only waits for is there when the engine has waited.
  const began = world.clock.now()
  const waits = (each.does ?? []).length === 0
  const isAfter = (): boolean => actions.length > 0 || (waits && world.clock.now() > began)
  const read = (probe: Probe): Answered => {
    const found = (isAfter() ? after : before).get(probeKey(probe))
    if (found) return found
    if (probe.read !== 'exec') return { exists: false } as Answered
    return probe.argv[0] === 'uname'
      ? { exit: 0, stdout: 'Linux n1 6.4 x86_64\n'.replace('Linux ', ''), stderr: '' }
      : { exit: 0, stdout: 'given', stderr: '' }
  }
  const perform = (action: WorldAction): ActionResult => {
    if (action.do === 'exec' && action.argv[0] === 'due')
      return { ok: true, code: 0, stdout: '', stderr: '' }
    actions.push(canonical(action))
    const said = ('name' in action && action.name !== undefined && outputs[action.name]) || {}
    const { status, exit, body, stdout } = said as Record<string, never>
    return {
      ok: true,
      code: status ?? exit ?? (action.do === 'http' ? 200 : 0),
      stdout: body ?? stdout ?? '',
      stderr: '',
    }
  }
  const exchange = async ({ apply, probes }: Exchange) => {
    await new Promise((resolve) => setImmediate(resolve))
    return {
      actions: (apply?.actions ?? []).map(perform),
      readings: probes.map(read),
      cost: { scripts: 1, requests: 0, bytesSent: 0, bytesReceived: 0 },
    }
  }
  return {
    world: Object.assign(world, {
      connections: {
        session: async () => ({ exchange }),
        release: async () => undefined,
        closeAll: async () => undefined,
      },
    }),
    actions,
  }
}

/** What a type asks; a case may be that it refuses to ask. */
function askedBy(read: () => CaseRead): CaseRead['asked'] {
  try {
    return read().asked
  } catch (error) {
    if (asDiagnosticError(error)) return new Map()
    throw error
  }
}

function casesOf(name: string): readonly Case[] {
  const file = join(import.meta.dirname, '../../runner/resources', name, 'cases.yaml')
  if (!existsSync(file)) return []
  return plain(parseYaml(file, readFileSync(file, 'utf8')).value!) as unknown as readonly Case[]
}
