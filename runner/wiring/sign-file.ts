import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { homeOf } from '../files/user-home.ts'
import { madeLimit, readFile } from '../files/read-file.ts'
import { distrust, type Trust } from '../files/trust.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import { writeOutput } from './output-file.ts'

/** What is signed: a signature of a plan does not hold for a report. */
export type Signed = 'plan' | 'report'

/** Who made a signature. */
export interface Signer {
  /** The name that the file of signers gives. */
  readonly principal: string
  /** As ssh-keygen prints it: the kind of the key and its fingerprint. */
  readonly key: string
}

const namespace = (of: Signed): string => `trueup-${of}`

/** The file with the signature of a file. */
function signatureFile(file: string): string {
  return `${file}.sig`
}

/** Signs a file by a key of OpenSSH, or by a public key whose other half an agent holds. Gives the file of the signature. */
export function signFile(of: Signed, file: string, key: string): string {
  const text = bytesOf(file)
  const made = keygen(['-Y', 'sign', '-f', key, '-n', namespace(of)], text)
  if (made.status !== 0)
    throw new DiagnosticError({
      code: 'sign/failed',
      message: `${file} was not signed by ${key}: ${made.words}`,
      hint: 'name a private key, or a public key whose private key is in your ssh-agent',
    })
  const signature = signatureFile(file)
  writeOutput('the signature', signature, made.output)
  return signature
}

/** Who signed these bytes: a person of the file of signers. Throws DiagnosticError where none of them did. */
export function verifyBytes(
  of: Signed,
  file: string,
  bytes: Uint8Array,
  { signers, trust }: { readonly signers: string; readonly trust: Trust },
): Signer {
  const signature = bytesOf(signatureFile(file))
  const others = distrust(trust, 'the file of signers', signers)
  if (others) throw new DiagnosticError(others)
  bytesOf(signers)
  return inFolder(signature, (sig) => {
    const found = keygen(['-Y', 'find-principals', '-f', signers, '-s', sig])
    const principals = found.output.split('\n').filter((line) => line !== '')
    for (const principal of principals) {
      const named = ['-Y', 'verify', '-f', signers, '-I', principal, '-n', namespace(of), '-s', sig]
      const checked = keygen(named, bytes)
      if (checked.status === 0) return { principal, key: keyIn(checked.output) }
    }
    throw refused(of, file, sig, bytes, signers)
  })
}

/** Where the people stand who may sign, unless a file is named. */
export function signersFile(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (given !== undefined) return given
  const own = env['XDG_CONFIG_HOME']
  return join(own?.startsWith('/') ? own : join(homeOf(env), '.config'), 'trueup/allowed_signers')
}

/** Why no person of the file signed: another key did, or the file was changed. */
function refused(
  of: Signed,
  file: string,
  sig: string,
  bytes: Uint8Array,
  signers: string,
): DiagnosticError {
  const alone = keygen(['-Y', 'check-novalidate', '-n', namespace(of), '-s', sig], bytes)
  return alone.status === 0
    ? new DiagnosticError({
        code: 'sign/unknown-signer',
        message: `${file} is signed by a key that ${signers} does not name: ${keyIn(alone.output)}`,
        hint: 'find out who owns the key, then add a line with the name of that person and the public key',
      })
    : new DiagnosticError({
        code: 'sign/wrong',
        message: `the signature of ${file} does not fit: the file was changed after it was signed, or something else was signed`,
        hint: 'get the file and its signature again from where they were made',
      })
}

function keyIn(output: string): string {
  return /with (\S+ key \S+)/.exec(output)?.[1] ?? output.trim()
}

function bytesOf(file: string): Buffer {
  const read = readFile(file, madeLimit)
  if (!('code' in read)) return read.bytes
  throw new DiagnosticError({
    code: 'sign/not-read',
    message: `${file} cannot be read: ${read.words}`,
    hint: file.endsWith('.sig')
      ? 'a signature lies beside its file: `trueup approve PLAN --sign KEY`, or --sign KEY where a report is made'
      : 'name an existing file',
  })
}

/** Lets ssh-keygen read a signature that was read once: it takes it from files only. */
function inFolder<T>(signature: Uint8Array, work: (sig: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-sig-'))
  try {
    const sig = join(folder, 'signature')
    writeFileSync(sig, signature, { mode: 0o600 })
    return work(sig)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Answered {
  readonly status: number | null
  readonly output: string
  readonly words: string
}

/** ssh-keygen asks for a passphrase on the terminal itself. */
function keygen(argv: readonly string[], input: Uint8Array | string = ''): Answered {
  const { status, stdout, stderr, error } = spawnSync('ssh-keygen', argv, {
    input,
    encoding: 'utf8',
    maxBuffer: 1024 * 1024,
  })
  if (error)
    throw new DiagnosticError({
      code: 'sign/no-program',
      message: `ssh-keygen cannot be started: ${error.message}`,
      hint: 'install OpenSSH 8.2 or later on this machine',
    })
  return { status, output: stdout, words: stderr.trim() || `exit ${status}` }
}
