import type { Answered, Probe } from '../../runner/contract/probe.ts'
import { sha256, stat, text } from '../../runner/contract/probe.ts'
import type { WorldAction } from '../../runner/model/session.ts'

/** What a round has to work with. */
export interface Ground {
  /** Files of the controller, and archives that only root can write. */
  readonly local: string
  /** The attacker's user name. */
  readonly attacker: string
  readonly large: { readonly path: string; readonly size: number; readonly sha256: string }
  readonly archive: { readonly path: string; readonly sha256: string }
  /** The text of the attacker's files and that of root's, by size and hash. */
  readonly contents: readonly { readonly size: number; readonly sha256: string }[]
}
/** Something that root does with a path, of which the attacker owns the last folders. */
export interface Act {
  /** What acts, and the types whose work it is. */
  readonly name: string
  /** What root expects to find under the path; the attacker puts it there every second time. */
  readonly bait: 'file' | 'folder' | 'archive' | 'closed' | 'nothing'
  /** Probes that are read before, as a run reads them. */
  probes?(path: string): readonly Probe[]
  actions?(
    path: string,
    ground: Ground,
    seen: readonly Answered[],
    round: number,
  ): readonly WorldAction[]
  /** It follows links, as a command by path does: the attacker must win here, else nothing was measured. */
  readonly isControl?: true
}

const inodeOf = (seen: Answered | undefined): { readonly inode?: string } =>
  seen && 'inode' in seen ? { inode: `${seen.device}:${seen.inode}` } : {}
const looked = (path: string): readonly Probe[] => [stat(path)]
const produce = (
  path: string,
  script: string,
  makes: 'file' | 'directory',
): readonly WorldAction[] => [
  { do: 'produce', path, argv: ['sh', '-c', script], shown: 'make it', makes },
]

/** Every action that touches a path, and what reads the content of a file. */
export const acts: readonly Act[] = [
  {
    name: 'write (copy, template, lineinfile, blockinfile, cron, sysctl, sysconfig …)',
    bait: 'file',
    actions: (path) => [{ do: 'write', path, content: 'planted' }],
  },
  {
    name: 'write with a backup, an owner and a mode',
    bait: 'file',
    actions: (path, { attacker }) => [
      { do: 'write', path, content: 'planted', backup: 'old', owner: attacker, mode: '0644' },
    ],
  },
  {
    name: 'upload (copy with src)',
    bait: 'file',
    actions: (path, { large }) => [{ do: 'upload', path, source: large }],
  },
  {
    name: 'produce a file (download)',
    bait: 'file',
    actions: (path) => produce(path, 'echo planted >f', 'file'),
  },
  {
    name: 'produce a folder (git clone)',
    bait: 'nothing',
    actions: (path) => produce(path, 'mkdir f && echo planted >f/planted', 'directory'),
  },
  {
    name: 'a command inside a folder (git)',
    bait: 'closed',
    actions: (inside) => [{ do: 'exec', argv: ['sh', '-c', 'echo planted >planted'], inside }],
  },
  {
    name: 'a command that goes by a name (mount, filesystem)',
    bait: 'closed',
    actions: (path) => [
      {
        do: 'exec',
        argv: ['sh', '-c', 'echo planted >"$1/planted"', 'sh', path],
        byName: [path],
      },
    ],
  },
  {
    name: 'owner and mode (file, copy, authorized_key …)',
    bait: 'file',
    probes: looked,
    actions: (path, { attacker }, [seen]) => [
      { do: 'attributes', path, owner: attacker, mode: '0777', ...inodeOf(seen) },
    ],
  },
  {
    name: 'a folder (file, authorized_key, mount)',
    bait: 'folder',
    probes: looked,
    actions: (path, { attacker }, [seen]) => [
      {
        do: 'attributes',
        path: `${path}/new/deep`,
        make: true,
        owner: attacker,
        mode: '0777',
        ...inodeOf(seen && 'exists' in seen && seen.exists ? undefined : seen),
      },
    ],
  },
  {
    name: 'a link (file)',
    bait: 'nothing',
    actions: (path) => [{ do: 'link', path, target: 'planted' }],
  },
  {
    name: 'remove (file, cron, repositories …)',
    bait: 'file',
    actions: (path) => [{ do: 'remove', path }],
  },
  {
    name: 'remove a folder and all in it (file)',
    bait: 'folder',
    probes: looked,
    actions: (path, _, [seen]) => [{ do: 'remove', path, recursive: true, ...inodeOf(seen) }],
  },
  {
    name: 'unpack',
    bait: 'folder',
    actions: (folder, { archive }) => [
      {
        do: 'unpack',
        ...archive,
        format: 'tar',
        folder,
        mark: `${folder}/full/planted`,
        timeout: 60,
      },
    ],
  },
  {
    name: 'unpack of an archive that lies there',
    bait: 'archive',
    actions: (path, { archive, local }) => [
      {
        do: 'unpack',
        path,
        sha256: archive.sha256,
        format: 'tar',
        folder: `${local}/unpacked`,
        mark: `${local}/unpacked/none`,
        timeout: 60,
      },
    ],
  },
  {
    name: 'fetch',
    bait: 'file',
    // Every second time it is what root keeps: that this comes is what the attacker wants.
    actions: (path, { local, contents }, _, round) => [
      {
        do: 'fetch',
        path,
        ...contents[Math.floor(round / 4) % 2]!,
        folder: `${local}/fetched`,
        to: 'it',
      },
    ],
  },
  { name: 'reading a text', bait: 'file', probes: (path) => [text(path), text(`${path}/passwd`)] },
  { name: 'reading a hash', bait: 'file', probes: (path) => [sha256(path)] },
  {
    name: 'CONTROL: chown by path',
    bait: 'file',
    actions: (path, { attacker }) => [{ do: 'exec', argv: ['chown', attacker, path] }],
    isControl: true,
  },
  {
    name: 'CONTROL: a shell that writes by path',
    bait: 'file',
    actions: (path) => [{ do: 'exec', argv: ['sh', '-c', 'echo planted >"$1"', 'sh', path] }],
    isControl: true,
  },
]
