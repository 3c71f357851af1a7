import { spawn } from 'node:child_process'
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DiagnosticError } from '../runner/model/diagnostic.ts'
import { packFolder, readFolderFiles } from './added/folder-files.ts'
import { readAdditions } from './added/read-additions.ts'
import { saidDiagnostics } from './background.ts'
import { removeFiles } from './lab-files.ts'
import { askLab, controlSocket, type LabRequest } from './control.ts'
import { releases, type Release } from './csm/system-model.ts'
import type { LabStatus } from './lab.ts'
import type { Trust } from '../runner/files/trust.ts'
import { isOneFile } from '../runner/files/shipped-folder.ts'
import { envText, folderOption, upText, statusText } from './status-text.ts'

/** What a lab command says: text for people, and the lab's state for `--output json`. */
export interface LabAnswer {
  readonly text: string
  readonly status: LabStatus
}

const startingTime = 30_000
// The kernel's limit for the path of a socket: 108 bytes on Linux, 104 on macOS, a zero among them.
const longestSocket = 103

/** What runs behind a lab: as written where this is, and else what the bundle has beside its chunks. */
const program = join(
  import.meta.dirname,
  extname(import.meta.filename) === '.ts' ? 'background-main.ts' : 'background-main.cjs',
)

/** The folder of the lab of this user, where none was named. */
export function defaultLabFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const runtime = environment['XDG_RUNTIME_DIR']
  if (runtime && isOwnFolder(runtime)) return join(runtime, 'trueup-lab')
  return join(tmpdir(), `trueup-lab-${accountName()}`)
}

/** Raises a lab in a process of its own that outlives this one. */
export async function labUp(
  named?: string,
  options: {
    readonly release?: string
    readonly entry?: string
    /** The folder of what a user adds to the lab, and who may have written it. */
    readonly added?: { readonly folder: string; readonly trust: Trust }
  } = {},
): Promise<LabAnswer> {
  const folder = folderOf(named)
  const release = checkedRelease(options.release)
  const added = options.added ? await checkedAdditions(options.added) : ''
  reachable(folder)
  const present = await askLab(folder, { do: 'status' })
  if (present) {
    throw new DiagnosticError({
      code: 'lab/already-up',
      message: `a lab is up in ${folder} already`,
      hint: `trueup lab status${folderOption(named)} shows it, trueup lab down${folderOption(named)} ends it, --folder raises a second one beside it`,
    })
  }
  prepare(folder)
  const log = join(folder, 'lab.log')
  const output = openSync(log, 'w', 0o600)
  const entry = options.entry ?? (isOneFile() ? '--background-lab' : program)
  const child = spawn(process.execPath, [entry, folder, ...(release ? [release] : [])], {
    detached: true,
    stdio: ['pipe', output, output],
  })
  // A process that ended early reads nothing: why it ended is said below.
  child.stdin!.once('error', () => {})
  child.stdin!.end(added)
  closeSync(output)
  let ended: string | null = null
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code, signal) => (ended = `it ended with ${signal ?? code}`))
  child.unref()
  const deadline = Date.now() + startingTime
  while (ended === null && Date.now() < deadline) {
    const reply = await askLab(folder, { do: 'status' })
    if (reply) return { text: upText(reply.status, named), status: reply.status }
    await sleep(50)
  }
  if (ended === null && child.pid) process.kill(child.pid)
  const said = readFileSync(log, 'utf8').trim()
  tidy(folder)
  const known = saidDiagnostics(said)
  if (known.length > 0) throw new DiagnosticError(known)
  throw new DiagnosticError({
    code: 'lab/not-up',
    message: `the lab did not come up: ${ended ?? 'it took too long'}${said ? `\n${said}` : ''}`,
    hint: 'run it again; if it fails again, raise it in another folder with --folder',
  })
}

/** Ends a lab and waits until nothing of it is left, also of one that was killed. */
export async function labDown(named?: string): Promise<Pick<LabAnswer, 'text'>> {
  const folder = folderOf(named)
  const leftover = lstatSync(controlSocket(folder), { throwIfNoEntry: false })
  if (leftover && !(await askLab(folder, { do: 'status' }))) {
    removeFiles(folder, false)
    tidy(folder)
    return { text: `The lab in ${folder} had ended without a word; what it left is removed.` }
  }
  const { pid } = await ask(named, { do: 'down' })
  const deadline = Date.now() + startingTime
  while (isAlive(pid) && Date.now() < deadline) await sleep(20)
  if (isAlive(pid))
    throw new DiagnosticError({
      code: 'lab/not-down',
      message: `the lab's process ${pid} did not end`,
      hint: `kill ${pid}`,
    })
  tidy(folder)
  return { text: `The lab in ${folder} is down; nothing of it is left.` }
}

/** What runs in a lab. */
export async function labStatus(folder?: string): Promise<LabAnswer> {
  const { status } = await ask(folder, { do: 'status' })
  return { text: statusText(status), status }
}

/** Writes what `cray` and curl need to reach a lab's services, with a new token; the text is for a shell's `eval`. */
export async function labEnv(folder?: string): Promise<LabAnswer> {
  const { status } = await ask(folder, { do: 'env' })
  return { text: envText(status), status }
}

/** Power-cycles a node of a lab. */
export async function labReboot(node: string, folder?: string): Promise<LabAnswer> {
  const { status } = await ask(folder, { do: 'reboot', node })
  return { text: `${node} was power-cycled: what its image does not hold is gone.`, status }
}

/** Breaks something in a lab, or repairs it. */
export async function labFault(words: readonly string[], folder?: string): Promise<LabAnswer> {
  const { status } = await ask(folder, { do: 'fault', words })
  if (words[0] === 'clear')
    return { text: 'Everything works again; nodes that are off stay off.', status }
  const done = `Done: ${words.join(' ')}.`
  if (words[1] === 'on' || words[0] === 'duplicate-images' || words[1] === 'orphan')
    return { text: done, status }
  return {
    text: `${done} ${words[1] === 'off' ? `\`trueup lab fault${folderOption(folder)} ${words[0]} on\`` : `\`trueup lab fault${folderOption(folder)} clear\``} takes it back.`,
    status,
  }
}

// The lab's process and the files that it writes outlive the folder that the command was typed in.
function folderOf(named: string | undefined): string {
  return named === undefined ? defaultLabFolder() : resolve(named)
}

async function ask(named: string | undefined, request: LabRequest) {
  const folder = folderOf(named)
  const reply = await askLab(folder, request)
  if (reply) return reply
  throw new DiagnosticError({
    code: 'lab/not-up',
    message: `no lab is up in ${folder}`,
    hint: `trueup lab up${folderOption(named)}`,
  })
}

function checkedRelease(text: string | undefined): Release | null {
  if (text === undefined) return null
  const known = releases.find((each) => each === text)
  if (known) return known
  throw new DiagnosticError({
    code: 'lab/release',
    message: `the lab does not know CSM ${JSON.stringify(text)}`,
    hint: `it knows ${releases.join(', ')}`,
  })
}

/** The files of a folder as the lab's process gets them. All that is wrong in them is found before that process is begun. */
async function checkedAdditions({
  folder,
  trust,
}: {
  readonly folder: string
  readonly trust: Trust
}): Promise<string> {
  const { found, diagnostics } = readFolderFiles(folder, trust)
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics)
  await readAdditions(found)
  return packFolder(found)
}

// Asked before the socket is: newer versions of Node throw at such a path.
function reachable(folder: string): void {
  if (Buffer.byteLength(controlSocket(folder)) > longestSocket)
    throw new DiagnosticError({
      code: 'lab/folder',
      message: `${folder} is too long a path for a socket`,
      hint: 'give a shorter one with --folder',
    })
}

// The folder holds a private key: one that another user made, or a link that leads elsewhere, is refused.
function prepare(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined
  if (!isOwnFolder(folder))
    throw new DiagnosticError({
      code: 'lab/folder',
      message: `${folder} belongs to another user, or is not a folder`,
      hint: 'give a folder of your own with --folder',
    })
  if (made) writeFileSync(join(folder, '.made'), '')
}

/** The name of this account; its number where the system has no name for it, as in a container. */
function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'user')
  }
}

function isOwnFolder(folder: string): boolean {
  try {
    const found = lstatSync(folder)
    return found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid)
  } catch {
    return false
  }
}

function tidy(folder: string): void {
  const marker = join(folder, '.made')
  const made = lstatSync(marker, { throwIfNoEntry: false }) !== undefined
  for (const file of [marker, join(folder, 'lab.log'), controlSocket(folder)])
    rmSync(file, { force: true })
  if (!made) return
  try {
    rmdirSync(folder)
  } catch {
    // A user keeps files of their own there: they stay.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
