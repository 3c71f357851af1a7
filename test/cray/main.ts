import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { releases, type Release } from '../../lab/csm/system-model.ts'
import { shellWord } from '../../runner/text/shell-word.ts'
import { holds, unlike, valueAt } from './alike.ts'

// Runs the commands of the procedure's page with the real `cray` on rehearsal labs, and says where the output is not the page's:
// `npm run craycli [-- RELEASE…]`. `cray` is taken from PATH, or from $CRAY.

/** A command of the page. */
interface Step {
  readonly step: string
  readonly run: string
  /** The release from which services know the command. */
  readonly since?: Release
  /** The exit that is right; 0 when absent. */
  readonly exit?: number
  /** A place in the output, and the text that is waited for there. */
  readonly until?: string
  readonly prints?: unknown
  readonly contains?: unknown
  readonly words?: readonly string[]
  readonly sets?: Readonly<Record<string, string>>
}

const program = join(import.meta.dirname, '../../dist/bin/main.cjs')
const steps = parse(
  readFileSync(join(import.meta.dirname, 'procedure.yaml'), 'utf8'),
) as readonly Step[]
const named = process.argv.slice(2)
const unknown = named.filter((each) => !releases.some((release) => release === each))
const cray = process.env['CRAY'] ?? 'cray'
const found = spawnSync(cray, ['--help'], { stdio: 'ignore' }).status === 0

if (unknown.length > 0) refuse(`unknown release ${unknown.join(', ')}: ${releases.join(', ')}`)
else if (!found)
  refuse(`${cray} does not run: install craycli, or say where it is with CRAY=/path/to/cray`)
else {
  let differing = 0
  for (const release of releases)
    if (named.length === 0 || named.includes(release)) differing += await playIn(release)
  process.exitCode = differing > 0 ? 1 : 0
}

function refuse(why: string): void {
  process.stderr.write(`craycli: ${why}\n`)
  process.exitCode = 3
}

/** Plays all commands in a fresh lab; the number of those whose output differs. */
async function playIn(release: Release): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-cray-'))
  try {
    trueup('up', folder, ['--release', release])
    const path = commandsIn(folder)
    const variables: Record<string, string> = { ...startOf(release), ...environmentOf(folder) }
    const asked = steps.filter(
      (each) => releases.indexOf(each.since ?? '1.5') <= releases.indexOf(release),
    )
    let differing = 0
    for (const step of asked) {
      const fault = await play(step, { folder, path, variables })
      if (fault !== null) differing += 1
      process.stdout.write(`  ${fault === null ? 'ok     ' : 'differs'} ${step.step}\n`)
      if (fault !== null)
        process.stdout.write(`          ${fault.replaceAll('\n', '\n          ')}\n`)
    }
    process.stdout.write(
      `CSM ${release}: ${asked.length - differing} of ${asked.length} commands print what the page shows\n`,
    )
    return differing
  } finally {
    trueup('down', folder)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the page has its reader set, from what it shows before. */
function startOf(release: Release): Record<string, string> {
  return {
    IMS_REMOTE_NODE_XNAME: 'x3000c0s19b1n0',
    // With the commit that 1.6.0 ships, the session always fails.
    COMMIT_ID:
      release === '1.6.0'
        ? '0123456789abcdef0123456789abcdef01234567'
        : '545dd8f97645ee6882a8cef2f7dfdf25a63c1d8e',
    IMS_REMOTE_CFS_CONFIGURATION: 'remote-ims-node',
    BAREBONES_IMAGE_ID: 'f6d9cfc7-9291-4c46-8350-c252b919d396',
    NEW_IMAGE_NAME: 'ims-remote-image-x86_64',
    CFS_SESSION_NAME: 'build-ims-remote-image',
  }
}

function trueup(command: string, folder: string, words: readonly string[] = []): string {
  const ran = spawnSync(
    process.execPath,
    [program, 'lab', command, '--folder', join(folder, 'lab'), ...words],
    { encoding: 'utf8' },
  )
  if (ran.status !== 0) throw new Error(`trueup lab ${command} failed: ${ran.stderr}`)
  return ran.stdout
}

/** A folder for PATH: `cray`, and a kubectl that runs on the lab's management node. */
function commandsIn(folder: string): string {
  const onNode = [process.execPath, program, 'lab', 'ssh', '--folder', join(folder, 'lab')]
  const words = onNode.map(shellWord).join(' ')
  const scripts = {
    kubectl: `for each in "$@"; do set -- "$@" "'$each'"; shift; done\nexec ${words} ncn-m001 kubectl "$@"`,
    cray: `exec ${shellWord(cray)} "$@"`,
  }
  for (const [name, script] of Object.entries(scripts))
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return `${folder}:${process.env['PATH']}`
}

/** The variables that `trueup lab env` prints. */
function environmentOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    [...trueup('env', folder).matchAll(/^export (\w+)='?([^'\n]*)'?$/gm)].map(([, name, value]) => [
      name!,
      value!,
    ]),
  )
}

interface Stage {
  readonly folder: string
  readonly path: string
  readonly variables: Record<string, string>
}

/** Runs a step, again and again where it is to be waited for; says what differs, or null. */
async function play(step: Step, { folder, path, variables }: Stage): Promise<string | null> {
  const [place = '', wanted] = step.until?.split(' ') ?? []
  for (let tries = 0; ; tries++) {
    const ran = spawnSync('bash', ['-c', step.run], {
      cwd: folder,
      env: { ...process.env, ...variables, PATH: path },
      encoding: 'utf8',
    })
    if (ran.status !== (step.exit ?? 0)) return `exit ${ran.status}\n${ran.stdout}${ran.stderr}`
    const printed = jsonOf(ran.stdout)
    if (step.until !== undefined && valueAt(place, printed) !== wanted && tries < 60) {
      await sleep(500)
      continue
    }
    for (const [name, where] of Object.entries(step.sets ?? {}))
      variables[name] = String(valueAt(where, printed))
    return faultOf(step, printed, ran.stdout + ran.stderr)
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function faultOf(step: Step, printed: unknown, text: string): string | null {
  if (step.contains !== undefined && !holds(step.contains, printed))
    return `nothing like ${JSON.stringify(step.contains)} in\n${text}`
  const missing = step.words?.find((word) => !new RegExp(word, 'm').test(text))
  if (missing !== undefined) return `no line like ${missing} in\n${text}`
  return step.prints === undefined ? null : unlike(step.prints, printed)
}
