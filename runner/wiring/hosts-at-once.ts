import { join } from 'node:path'
import { withThisMachine } from '../inventory/adapt-inventory.ts'
import { varNames } from '../inventory/look-up.ts'
import { facts } from '../model/facts.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Playbook } from '../model/playbook.ts'
import { loadPlaybook } from '../playbook/load-playbook.ts'
import { defaultForks, type RunShape } from '../report/next-command.ts'
import { shellWords } from '../text/shell-word.ts'
import { nameOf, type AtOnce } from './at-once-name.ts'
import { version } from './build-version.ts'
import { carryOut } from './carry-out.ts'
import type { RunFlags } from './flags.ts'
import type { Io } from './io.ts'
import { types } from './known-types.ts'
import { givenInventory, hostFaults, wayFaults } from './load-all.ts'
import { settle } from './throw-on-errors.ts'

/** The options of `exec`, `ping` and `facts`. */
export interface AtOnceFlags extends RunFlags {
  readonly become?: boolean
  readonly becomeUser?: string
  readonly timeout?: string
}

/** Asks hosts something at once: a playbook of one task, with the reports, locks and logs of any other. */
export async function runAtOnce(
  io: Io,
  what: AtOnce,
  hosts: string,
  words: readonly string[],
  flags: AtOnceFlags,
): Promise<number> {
  const loaded = await loadTask(io, what, textOf(what, hosts, words, flags), flags)
  return carryOut(io, {
    mode: 'run',
    loaded,
    // What a command says is what it was sent for.
    flags: what === 'exec' && flags.verbose < 2 ? { ...flags, outputs: 'acts' } : flags,
    again: (_verb, limit) => again(what, limit ?? hosts, words, flags),
  })
}

/** The playbook. Nothing in it is a template: what the user typed is marked as it is. */
function textOf(
  what: AtOnce,
  hosts: string,
  words: readonly string[],
  { become, becomeUser, timeout }: AtOnceFlags,
): string {
  const raw = (text: string): string => `!raw ${JSON.stringify(text)}`
  const task: Readonly<Record<AtOnce, () => readonly string[]>> = {
    exec: () => [
      `- run: ${raw(shown(words))}`,
      words.length === 1
        ? `  command: { cmd: ${raw(words[0]!)} }`
        : `  command: { argv: [${words.map(raw).join(', ')}] }`,
    ],
    ping: () => ['- require: it answers', '  command: { argv: ["true"] }'],
    facts: () => [
      '- read: its facts',
      `  print: { value: { ${Object.keys(facts)
        .map((name) => `${name}: "{{ facts.${name} }}"`)
        .join(', ')} } }`,
    ],
  }
  return [
    `playbook: ${raw(what === 'exec' ? shown(words) : what)}`,
    'plays:',
    `  - play: ${raw(what === 'exec' ? shown(words) : what)}`,
    `    hosts: ${raw(hosts)}`,
    ...(become ? ['    become: true'] : []),
    ...(become && becomeUser !== undefined ? [`    become_user: ${raw(becomeUser)}`] : []),
    '    tasks:',
    ...task[what]().map((line) => `      ${line}`),
    ...(timeout === undefined ? [] : [`        timeout: ${raw(timeout)}`]),
    '',
  ].join('\n')
}

function shown(words: readonly string[]): string {
  return (words.length === 1 ? words[0]! : shellWords(words)).replace(/\s+/g, ' ').trim()
}

async function loadTask(io: Io, what: AtOnce, text: string, flags: AtOnceFlags) {
  const file = join(io.cwd, nameOf(what))
  const given = await givenInventory(io, flags.inventory, flags)
  const inventory = given.inventory && withThisMachine(given.inventory)
  const { playbook, diagnostics } = await loadPlaybook({
    file,
    types,
    inputs: {},
    knownVars: inventory ? varNames(inventory) : null,
    version: version(),
    readText: () => Promise.resolve(text),
  })
  settle(io, [
    ...given.diagnostics,
    ...withoutPlaces(diagnostics),
    ...(playbook && inventory ? withoutPlaces(hostFaults(playbook, inventory)) : []),
    ...(playbook && inventory ? await wayFaults(io, playbook, inventory, flags) : []),
  ])
  if (!playbook || !inventory) throw new Error('a load that failed says why')
  return { playbook: withoutLines(playbook), inventory, files: given.files, reads: given.reads }
}

/** The text of the playbook is not the user's: its lines are not shown. */
function withoutLines(playbook: Playbook): Playbook {
  return {
    ...playbook,
    plays: playbook.plays.map((play) => ({
      ...play,
      tasks: play.tasks.map((task) => ({ ...task, at: { ...task.at, source: '' } })),
    })),
  }
}

/** A mistake in what was typed stands in no file. */
function withoutPlaces(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.map((each) => ({ ...each, at: undefined }))
}

function again(
  what: AtOnce,
  hosts: string,
  words: readonly string[],
  flags: AtOnceFlags & RunShape,
): string {
  return shellWords([
    'trueup',
    what,
    hosts,
    ...(flags.inventory ?? []).flatMap((path) => ['-i', path]),
    ...(flags.become ? ['--become'] : []),
    ...(flags.becomeUser === undefined ? [] : ['--become-user', flags.becomeUser]),
    ...(flags.forks === defaultForks ? [] : ['-f', String(flags.forks)]),
    ...(flags.stateDir === undefined ? [] : ['--state-dir', flags.stateDir]),
    ...(words.length > 0 ? ['--', ...words] : []),
  ])
}
