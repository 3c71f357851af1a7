import type { LocalFile } from './param-schema.ts'
import type { Secret } from './secret.ts'
import type { Value } from './value.ts'

interface Named {
  /** Its output joins `seen` under this name for the read-back, and is journaled before anything else happens. */
  readonly name?: string
  /** Its output is a secret with this name. */
  readonly secret?: string
}
/** A command that writes. A secret may go to `stdin`, never into `argv` or `environment`. */
export interface ExecAction extends Named {
  readonly do: 'exec'
  readonly argv: readonly string[]
  /** The text that reports show instead of a long script. */
  readonly shown?: string
  readonly stdin?: string | Secret
  readonly chdir?: string
  /**
   * The folder that it runs in, in the place of `chdir`: reached without a link that another user could have made, and refused where
   * another user may write to it.
   */
  readonly inside?: string
  /** Paths that the command itself opens by their names: it is refused where another user could exchange a name on the way. */
  readonly byName?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Exits that are not failures (`[0]` when absent). None of them means success: the read-back decides. */
  readonly exits?: readonly number[]
  /** Exits of `exits` that an operator hears of, and what each says. */
  readonly warns?: Readonly<Record<string, string>>
  /** Seconds; 600 when absent. The command is killed with its group, also when the controller is gone. */
  readonly timeout?: number
}
interface Attributes {
  readonly owner?: string | undefined
  readonly group?: string | undefined
  /** Four octal digits. Absent: that of the file replaced, else 0644 (0600 for a secret). */
  readonly mode?: string | undefined
}
/** Replace a file's content in one step: written beside it with owner and mode, synced, renamed. At most 64 KiB. */
export interface WriteAction extends Attributes {
  readonly do: 'write'
  readonly path: string
  readonly content: string | Secret
  /** Keep the old file beside it under this name. */
  readonly backup?: string
}
/** Stream a local file to a temporary file beside the target, check its hash, rename it. */
export interface UploadAction extends Attributes {
  readonly do: 'upload'
  readonly path: string
  readonly source: LocalFile
  readonly backup?: string
}
/**
 * Replace a file, or make a folder, by what a command leaves: it runs in an empty folder that no other user can enter, and what it
 * leaves there as `f` takes the place of the path in one step. A folder takes the place of nothing or of an empty folder only.
 */
export interface ProduceAction
  extends
    Attributes,
    Omit<ExecAction, 'do' | 'chdir' | 'exits' | 'warns' | 'name' | 'secret' | 'inside' | 'byName'> {
  readonly do: 'produce'
  readonly path: string
  /** What is shown of the command. */
  readonly shown: string
  readonly makes: 'file' | 'directory'
}
/**
 * Extract an archive of the host into a folder of it. It is extracted beside, and looked at: devices, FIFOs, and what leads out of the
 * folder end it, and no member brings a setuid or setgid bit, or lets others write. Then it is put in place, the mark last.
 */
export interface UnpackAction {
  readonly do: 'unpack'
  readonly path: string
  /** Hash of the archive as it was read. */
  readonly sha256: string
  readonly format: 'tar' | 'zip'
  readonly folder: string
  /** The path that tells that it was done. */
  readonly mark: string
  /** Seconds. */
  readonly timeout: number
}
/**
 * Owner, group and mode of a file or a folder that is there, or with `make` of a folder that is made where nothing is, and with it the
 * folders above. What is undefined is left alone.
 */
export interface AttributesAction extends Attributes {
  readonly do: 'attributes'
  readonly path: string
  readonly make?: true
  /** The name of the task's `stat` probe that looked at the path: what is there must still be the same file or folder. */
  readonly seenBy?: string
  /** What that probe saw, as `device:inode`; the engine puts it in. */
  readonly inode?: string
}
/** A symbolic link, in the place of nothing or of another link. */
export interface LinkAction {
  readonly do: 'link'
  readonly path: string
  /** What it points to, as it is written into the link. */
  readonly target: string
}
/**
 * Bring a file of the host to the controller: as many bytes as were read before, whose hash is checked, written beside the
 * target for its owner alone and renamed. The one action that writes on the controller.
 */
export interface FetchAction {
  readonly do: 'fetch'
  readonly path: string
  /** Bytes and hash as they were read: a file that is another one by now is not fetched. */
  readonly size: number
  readonly sha256: string
  /** Absolute folder on the controller, and the path below it: no part of it is `..` or a link. */
  readonly folder: string
  readonly to: string
  /** Four octal digits; 0600 when absent. */
  readonly mode?: string
  /** Keep the old file beside it under this name. */
  readonly backup?: string
}
/** Remove a file, a link or an empty folder; with `recursive` a folder and all in it, on its own file system only. */
export interface RemoveAction {
  readonly do: 'remove'
  readonly path: string
  readonly recursive?: true
  /** As of `attributes`. */
  readonly seenBy?: string
  readonly inode?: string
}
/** A request that writes. */
export interface HttpAction extends Named {
  readonly do: 'http'
  readonly service?: string
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Value
  /** A text that is the body as it is, in the place of `body`. */
  readonly text?: string | Secret
  /** A file of the controller that is the body, in the place of `body`. */
  readonly file?: LocalFile
  /** Statuses that are not failures. None of them means success: the read-back decides. */
  readonly statuses: readonly number[] | 'any'
  readonly timeout?: number
}
/** Drift that only time repairs: "waits for …". The type needs `settle`. */
export interface AwaitAction {
  readonly do: 'await'
  readonly why: string
}
/** Drift that we will not repair: why, and what to do instead. */
export interface RefuseAction {
  readonly do: 'refuse'
  readonly because: string
  readonly instead: string
  /** A task before this one may take the reason away: behind a pending change a plan shows the actions beside it instead. */
  readonly mendable?: true
}
/** A write, as data. */
export type Action =
  | ExecAction
  | WriteAction
  | UploadAction
  | ProduceAction
  | UnpackAction
  | AttributesAction
  | LinkAction
  | FetchAction
  | RemoveAction
  | HttpAction
  | AwaitAction
  | RefuseAction

interface ChangeBase<F extends string> {
  /** What it does, in the imperative: `install podman`. */
  readonly title: string
  /** The drifted fields that it repairs. */
  readonly repairs: readonly F[]
  readonly actions: readonly Action[]
  /** `boot`: everything of the host is void afterwards, and the boot id guards every later reading. */
  readonly kind?: 'boot'
  /** Of kind `boot`: the xnames of the nodes that boot, where these need not be the task's own host. */
  readonly boots?: readonly string[]
}
/**
 * What a change does to what is there. `destroys` (shown with `!`): data or running work is lost that a playbook cannot bring
 * back, as by a format, a deletion, a power-off. `replaces` (shown with `~`): what is there leaves its place or its use, such as
 * the content of a file, a setting, a package, a mount. A change without an effect adds, or sets what no data depends on.
 */
export type Effect = 'destroys' | 'replaces'
/** One repair. A change that destroys or replaces must name its guard. */
export type Change<F extends string = string> =
  | (ChangeBase<F> & { readonly effect?: undefined; readonly guard?: readonly string[] })
  | (ChangeBase<F> & {
      readonly effect: Effect
      /** Names of probes of this task whose output is stable by nature; the applying script repeats and compares them. */
      readonly guard: readonly [string, ...string[]]
    })

/** Run a command. */
export function exec(
  argv: readonly string[],
  options: Omit<ExecAction, 'do' | 'argv'> = {},
): ExecAction {
  return { do: 'exec', argv, ...options }
}
/** Refuse to repair: why, and what to do instead. */
export function refuse(
  because: string,
  instead: string,
  options: Pick<RefuseAction, 'mendable'> = {},
): RefuseAction {
  return { do: 'refuse', because, instead, ...options }
}
