import type { Value } from './value.ts'
import type { Secret } from './secret.ts'

interface ProbeOptions {
  /** `false`: asked only when its task's turn has come (it is costly, or not harmless ahead of its time). */
  readonly ahead?: false
  /** The reading is a secret with this name: its text, standard output or body can only be mapped and compared. */
  readonly secret?: string
  /** Set by the engine for a task with `no_log`: what comes back is kept in no store, and hidden wherever it shows. */
  readonly noLog?: true
  /** Seconds after which it is a failed read; 30 when absent. */
  readonly timeout?: number
}
interface FileProbeOptions extends ProbeOptions {
  /** The path is one of the controller's own files: what `fetch` writes. Absent: of the task's host. */
  readonly on?: 'controller'
}

/** Kind, owner, mode and device of a path; `follow: true` looks at a link's target. */
export interface StatProbe extends FileProbeOptions {
  readonly read: 'stat'
  readonly path: string
  readonly follow?: boolean
}
/** The text of a file, which must be UTF-8. `path` may begin with `~user/`. */
export interface TextProbe extends ProbeOptions {
  readonly read: 'text'
  readonly path: string
  /** Bytes past which it is a failed read, never a cut value; 1 MiB when absent. */
  readonly cap?: number
  /** What is not UTF-8, or larger than the cap, is an answer too: its text is null. */
  readonly lenient?: true
}
/** The SHA-256 of a file's content, in lower-case hex. */
export interface Sha256Probe extends FileProbeOptions {
  readonly read: 'sha256'
  readonly path: string
}
/** A command that only reads. An exit that is not listed in `exits` is a failed read. */
export interface ExecProbe extends ProbeOptions {
  readonly read: 'exec'
  readonly argv: readonly string[]
  /** What is shown of it, where its own words are a script. */
  readonly shown?: string
  /** Exits that are answers. 127 is "no such command" and must be listed to be one. */
  readonly exits: readonly number[] | 'any'
  readonly stdin?: string
  readonly chdir?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Standard output that is not UTF-8 is a failed read: for what is edited and written back. */
  readonly utf8?: true
  /** Bytes of standard output past which it is a failed read; 1 MiB when absent. */
  readonly cap?: number
  /** It takes long: lines of its standard error that begin with `progress ` say how far it is, and show while it works. */
  readonly progress?: true
}
/** An HTTP request that only reads. */
export interface HttpProbe extends ProbeOptions {
  readonly read: 'http'
  /** A service of the inventory; absent: `path` is an absolute URL that the controller asks. */
  readonly service?: string
  /** POST only where the service documents it as a query. HEAD: the headers that say what is there stand in `json`. */
  readonly method?: 'GET' | 'POST' | 'HEAD'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Value
  /** Statuses that are answers; any other is a failed read. */
  readonly statuses: readonly number[] | 'any'
  /** The one field of the answer that is read: what stands beside it differs from one answer to the next. */
  readonly pick?: string
  /** How further pages are reached: the list field, and the field that holds the next page's query (CFS v3). */
  readonly pages?: { readonly list: string; readonly next: string }
}

/** A read, as data. */
export type Probe = StatProbe | TextProbe | Sha256Probe | ExecProbe | HttpProbe
/** The named probes of one task. */
export interface ProbeMap {
  readonly [name: string]: Probe | undefined
}

/** What a path is. `fifo`, `socket` and the devices are named as `stat` names them in short. */
export type FileKind = 'file' | 'directory' | 'link' | 'block' | 'character' | 'fifo' | 'socket'
/** Absence was proved: the parent folder could be searched. */
export interface Absent {
  readonly exists: false
}
/** A stat's answer. */
export type StatReading =
  | Absent
  | {
      readonly exists: true
      readonly kind: FileKind
      /** Four octal digits: `0644`, `1777`. */
      readonly mode: string
      readonly owner: string
      readonly group: string
      readonly uid: number
      readonly gid: number
      readonly size: number
      /** Device number of the file system the path lies on, as `stat -c %d` gives it, and its inode. */
      readonly device: number
      readonly inode: number
      /** `major:minor` in decimal, for block and character devices. */
      readonly rdev?: string
      /** Where a link points, unresolved. */
      readonly target?: string
    }
export type TextReading = Absent | { readonly exists: true; readonly text: string }
/** A lenient text probe's answer. */
export type LenientReading =
  | Absent
  | {
      readonly exists: true
      readonly text: string | null
      /** Why the text is missing. */
      readonly why?: 'not-text' | 'too-large'
    }
export type Sha256Reading = Absent | { readonly exists: true; readonly sha256: string }
/** A command's answer; its standard output and error are UTF-8 with invalid bytes replaced. */
export interface ExecReading {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  /** Standard output in base64, where it is not UTF-8: guards compare bytes. */
  readonly raw?: string
}
/** A service's answer; `json` is undefined when the body is not JSON. Pages are joined into one list. */
export interface HttpReading {
  readonly status: number
  readonly body: string
  readonly json: Value | undefined
}
/** A successful answer to a probe. */
export type Reading =
  StatReading | TextReading | LenientReading | Sha256Reading | ExecReading | HttpReading
/** Why a read failed. */
export type ReadFault =
  | 'denied'
  | 'timeout'
  | 'too-large'
  | 'too-deep'
  | 'exit'
  | 'status'
  | 'not-text'
  | 'lost'
  | 'missing-tool'
  | 'io'
/** A read that failed: never absent, never false. */
export interface FailedReading {
  readonly failed: {
    readonly code: ReadFault
    readonly message: string
    readonly hint?: string
  }
}
/** Whatever comes back for a probe. A secret probe's text arrives as a Secret in place of each text field. */
export type Answered = Reading | FailedReading

/** The reading of a probe marked `secret`: its texts are secrets, and a body is not parsed. */
export type Concealed<R> = {
  readonly [K in keyof R]: K extends 'text' | 'stdout' | 'raw' | 'body'
    ? R[K] extends string
      ? Secret
      : Exclude<R[K], string> | Secret
    : R[K]
}
/** The reading that a probe of this kind gives. */
export type ReadingOf<P> = P extends { readonly secret: string }
  ? Concealed<PlainReadingOf<P>>
  : PlainReadingOf<P>
type PlainReadingOf<P> = P extends StatProbe
  ? StatReading
  : P extends TextProbe
    ? P extends { readonly lenient: true }
      ? LenientReading
      : TextReading
    : P extends Sha256Probe
      ? Sha256Reading
      : P extends ExecProbe
        ? ExecReading
        : P extends HttpProbe
          ? HttpReading
          : never
/** The readings that `observe` gets for the probes that `probe` returned. */
export type Readings<M> = {
  readonly [K in keyof M]: ReadingOf<Exclude<M[K], undefined>> | Extract<M[K], undefined>
}

/** What a later round of `probe` sees of the earlier ones, each field optional so that no narrowing is needed. */
export interface SeenReading {
  readonly exists?: boolean
  readonly text?: string
  readonly why?: string
  readonly sha256?: string
  readonly kind?: FileKind
  readonly mode?: string
  readonly rdev?: string
  readonly target?: string
  readonly exit?: number
  readonly stdout?: string
  readonly stderr?: string
  readonly status?: number
  readonly json?: Value | undefined
}
/** The readings of earlier rounds, and the outputs of named actions, by name. */
export interface Seen {
  readonly [name: string]: SeenReading | undefined
}

/**
 * The key under which equal probes are one: its content, in the order in which it was written, for a probe is asked for its key at
 * each step of its way. Those below write their probes in one order; another order would cost one more reading, and nothing else.
 */
export function probeKey(probe: Probe): string {
  return JSON.stringify(probe)
}

/** Whether an answer is a failed read. */
export function isFailed(answer: Answered): answer is FailedReading {
  return 'failed' in answer
}

/** A `stat` of a path (of a link itself, unless `follow`). */
export function stat(
  path: string,
  options: FileProbeOptions & { follow?: boolean } = {},
): StatProbe {
  return { read: 'stat', path, ...options }
}
/** The text of a file. */
export function text<const O extends ProbeOptions & { cap?: number; lenient?: true }>(
  path: string,
  options?: O,
): TextProbe & O {
  return { read: 'text', path, ...options } as TextProbe & O
}
/** The SHA-256 of a file. */
export function sha256(path: string, options: FileProbeOptions = {}): Sha256Probe {
  return { read: 'sha256', path, ...options }
}
/** A reading command and the exits that are answers. */
export function ask(
  argv: readonly string[],
  exits: readonly number[] | 'any' = [0],
  options: Omit<ExecProbe, 'read' | 'argv' | 'exits'> = {},
): ExecProbe {
  return { read: 'exec', argv, exits, ...options }
}
/** A GET of a service's path and the statuses that are answers. */
export function get(
  service: string,
  path: string,
  statuses: readonly number[] = [200],
  options: Omit<HttpProbe, 'read' | 'service' | 'path' | 'statuses'> = {},
): HttpProbe {
  return { read: 'http', service, path, statuses, ...options }
}
