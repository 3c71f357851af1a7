import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Two commands on one host. */
export interface Pair {
  readonly kind: 'run' | 'apply' | 'resume' | 'run and apply'
  /** Milliseconds between their starts. */
  readonly apart: number
}

interface Ended {
  readonly code: number | null
  readonly said: string
}

const main = join(import.meta.dirname, '../../dist/bin/main.cjs')
const steps = ['first', 'second', 'third'] as const

/** Plays a pair in a folder of its own, and says what is wrong with what was done. */
export async function playPair(pair: Pair): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-pair-'))
  try {
    writePlaybook(folder)
    const [one, two] = await commandsOf(pair, folder)
    const began = trueup(folder, one)
    await sleep(pair.apart)
    const ended = await Promise.all([began.ended, trueup(folder, two).ended])
    return faultsIn(folder, ended)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A call with `creates`, a type whose repair is a slow command, and one whose repair takes two exchanges. */
function writePlaybook(folder: string): void {
  mkdirSync(join(folder, 'types'))
  writeFileSync(
    join(folder, 'types', 'word.resource.yaml'),
    `type: site.word
summary: A file holds a word.
params:
  required: [file, log]
  properties:
    file: { type: string, format: path, identity: true, description: The file. }
    log: { type: string, format: path, description: Where each repair is written down. }
state: { word: { type: string, description: The word; null where there is none. } }
probe: { show: { read: text, path: "{{ file }}" } }
observe: { word: { from: show, regexp: '\\S+', otherwise: null } }
desire: { word: hello }
change:
  - on: word
    title: write the word
    argv: [sh, -c, 'sleep 0.6; echo "$1" >>"$2"; echo hello >"$3"', sh, second, "{{ log }}", "{{ file }}"]
`,
  )
  writeFileSync(
    join(folder, 'pair.yaml'),
    `playbook: each action is done once
plays:
  - play: on this machine
    hosts: localhost
    tasks:
      - run: the first job is submitted
        command: { cmd: "sleep 0.6; echo first >>${folder}/log; touch ${folder}/done" }
        creates: ${folder}/done
      - ensure: the word is there
        site.word: { file: ${folder}/word, log: ${folder}/log }
      - run: the third job is submitted
        command: { cmd: "sleep 0.6; echo third >>${folder}/log" }
        unless: [grep, -q, third, ${folder}/log]
`,
  )
}

async function commandsOf(
  { kind }: Pair,
  folder: string,
): Promise<readonly [readonly string[], readonly string[]]> {
  const run = ['run', 'pair.yaml']
  const apply = ['apply', 'saved.plan']
  if (kind === 'run') return [run, run]
  if (kind === 'resume') {
    // It is ended early, between two actions.
    const cut = trueup(folder, run)
    while (!existsSync(join(folder, 'done')) && cut.child.exitCode === null) await sleep(20)
    cut.child.kill('SIGINT')
    const { code } = await cut.ended
    return code === 130 ? [['resume', 'last'], run] : [run, run]
  }
  await trueup(folder, ['plan', 'pair.yaml', '-o', 'saved.plan']).ended
  return kind === 'apply' ? [apply, apply] : [run, apply]
}

function trueup(
  folder: string,
  argv: readonly string[],
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const options = [
    '--state-dir',
    join(folder, 'state'),
    '--lock-timeout',
    '5m',
    '--output',
    'plain',
  ]
  const child = spawn(process.execPath, [main, ...argv, ...options], { cwd: folder })
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, said })),
  )
  return { child, ended }
}

function faultsIn(folder: string, ended: readonly Ended[]): readonly string[] {
  const log = existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : ''
  const counts = steps.map((step) => [step, log.split('\n').filter((line) => line === step).length])
  return [
    ...counts
      .filter(([, count]) => count !== 1)
      .map(([step, count]) => `${step} was done ${count} times`),
    // An apply that finds the state moved by a run says so, and does nothing.
    ...ended
      .filter(({ code, said }) => code !== 0 && !said.includes('plan/moved'))
      .map(({ code, said }) => `exit ${code}: ${said}`),
  ]
}
