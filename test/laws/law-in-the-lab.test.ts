import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { random } from '../harness/random.ts'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'
import type { Event } from '../../runner/model/event.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'

// The law of the look-ahead, held by the built-in types on a node of the rehearsal lab: where outsiders act between playbooks only,
// a run that asks ahead, one with the guesses of an earlier run, and one that asks one thing at a time agree in everything.

const node = 'x3000c0s19b1n0'
const seeds = [1, 2, 3, 4, 5, 6]
let folder = ''
let lab: Lab
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'law-in-the-lab-'))
  lab = await raiseLab({ folder: join(folder, 'lab') })
})
afterAll(async () => {
  await lab?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the law', () => {
  it.each(seeds)('holds for the built-in types: seed %i', async (seed) => {
    const state = mkdtempSync(join(folder, 'state-'))
    const plain = await runOf(seed, mkdtempSync(join(folder, 'state-')), ['--no-batch'])
    const batched = await runOf(seed, state, [])
    // As if hours lay between the runs: soon after another run's change, a host is read once more before it is changed.
    rmSync(join(state, 'locks'), { recursive: true, force: true })
    const guessed = await runOf(seed, state, [])
    expect(batched.verdict).toEqual(plain.verdict)
    expect(guessed.verdict).toEqual(plain.verdict)
    expect(batched.scripts).toBeLessThan(plain.scripts)
    expect(guessed.scripts).toBeLessThanOrEqual(batched.scripts)
  })

  it('was held on every kind of outcome', () => {
    expect([...kinds].sort()).toEqual(
      expect.arrayContaining(['changed', 'failed', 'ok', 'skipped']),
    )
  })
})

const kinds = new Set<string>()

interface Ran {
  readonly verdict: {
    readonly exits: readonly number[]
    readonly outcomes: readonly unknown[]
    readonly machine: string
  }
  readonly scripts: number
}

async function runOf(seed: number, state: string, flags: readonly string[]): Promise<Ran> {
  const machine = lab.nodes.get(node)!
  await machine.reboot()
  const before = random(seed * 17)
  for (let i = 0; i < 3; i++) await machine.run(outside(before), { user: 'root' })
  const outsiders = random(seed * 31)
  const outcomes: unknown[] = []
  let scripts = 0
  const sentences = new Map<string, string>()
  const hear = (event: Event): void => {
    if (event.type === 'play-started')
      for (const task of event.tasks) sentences.set(task.id, task.sentence)
    if (event.type === 'exchange') scripts += event.scripts
    if (event.type !== 'outcome') return
    const { outcome, reason, diff, changes, error, shown } = event
    kinds.add(outcome)
    const items = event.items?.map((item) => ({
      item: item.item,
      outcome: item.outcome,
      diff: item.diff,
      error: item.error?.code,
    }))
    outcomes.push({
      task: sentences.get(event.task),
      outcome,
      reason,
      diff,
      changes: changes?.map((change) => change.title),
      error: error?.code,
      shown,
      items,
    })
  }
  const exits: number[] = []
  for (const [i, playbook] of playbooksOf(seed).entries()) {
    const file = join(folder, `playbook${seed}-${i}.yaml`)
    writeFileSync(file, playbook)
    const { exit, out, err } = await typed(
      [
        'run',
        file,
        '--state-dir',
        state,
        ...flags,
        ...lab.inventoryFiles.flatMap((path) => ['-i', path]),
      ],
      { env: { HOME: folder }, cwd: folder, stateFolder: state, hear },
    )
    if (exit === 3) throw new Error(out + err)
    exits.push(exit)
    for (let act = 0; act < 2; act++) await machine.run(outside(outsiders), { user: 'root' })
  }
  const left = await machine.run(
    `cd /srv 2>/dev/null && for f in ${places.join(' ')}; do if [ -d $f ]; then echo "$f: folder"; elif [ -f $f ]; then echo "$f: file"; cat $f; fi; done; grep '^g[0-9]' /etc/group; rpm -q jq podman`,
    { user: 'root' },
  )
  return { verdict: { exits, outcomes, machine: left.stdout }, scripts }
}

const places = ['a', 'b', 'c', 'd']
const texts = ['one', 'two', 'a', 'b']

/** What somebody else does on the host: a file written, removed or made a folder, a group taken away. */
function outside(next: (below: number) => number): string {
  const path = `/srv/${places[next(places.length)]!}`
  switch (next(5)) {
    case 0:
      return `rm -rf ${path}`
    case 1:
      return `rm -rf ${path}; mkdir -p ${path}`
    case 2:
      return `groupdel g${next(3)}`
    default:
      return `mkdir -p /srv; rm -rf ${path}; printf '%s\\n' ${texts[next(texts.length)]!} > ${path}`
  }
}

function playbooksOf(seed: number): readonly string[] {
  const next = random(seed * 7 + 3)
  return Array.from({ length: 2 }, (_, p) => {
    const registers: string[] = []
    const tasks = Array.from({ length: 4 + next(5) }, (_unused, t) =>
      taskOf(next, `task ${p}.${t}`, `r${p}_${t}`, registers),
    )
    return `playbook: Random ${seed}.${p}\nplays:\n  - play: all of it\n    hosts: ${node}\n    tasks:\n${tasks.join('')}`
  })
}

function taskOf(
  next: (below: number) => number,
  sentence: string,
  name: string,
  registers: string[],
): string {
  const path = `/srv/${places[next(places.length)]!}`
  const from = registers.length > 0 && next(2) === 0 ? registers[next(registers.length)]! : null
  const text = from ? `{{ ${from}.stdout }}` : texts[next(texts.length)]!
  const lines: string[] = []
  const write = (verb: string, type: string): void =>
    void lines.push(
      `      - ${verb}: ${sentence}`,
      `        ${type}`,
      '        ignore_errors: true',
    )
  switch (next(9)) {
    case 0:
      write('read', `command: { cmd: "cat ${path} 2>/dev/null || echo none", ahead: true }`)
      lines.push(`        register: ${name}`)
      registers.push(name)
      break
    case 1:
      write('ensure', `file: { path: ${path}, state: directory, mode: '07${next(2)}5' }`)
      break
    case 2:
      write(
        'ensure',
        `file: { path: ${path}, state: absent${next(2) === 0 ? ', recurse: true' : ''} }`,
      )
      break
    case 3:
      write('ensure', `lineinfile: { path: ${path}, line: "${text}" }`)
      break
    case 4:
      write('ensure', `group: { name: g${next(3)} }`)
      break
    case 5:
      write(
        'run',
        `command: { cmd: "mkdir -p /srv; echo ${texts[next(texts.length)]!} >> ${path}" }`,
      )
      if (next(2) === 0) lines.push(`        creates: ${path}`)
      break
    case 6:
      write('ensure', `copy: { dest: "{{ item }}", content: "${text}\\n" }`)
      lines.push(`        loop: [${path}, /srv/${places[next(places.length)]!}]`)
      break
    case 7:
      write('require', `command: { argv: [test, -f, ${path}], ahead: true }`)
      break
    default:
      write('ensure', `copy: { dest: ${path}, content: "${text}\\n" }`)
  }
  if (from && next(3) === 0)
    lines.push(`        when: ${from}.stdout == "${texts[next(texts.length)]!}"`)
  return `${lines.join('\n')}\n`
}
