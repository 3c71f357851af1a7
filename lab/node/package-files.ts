import type { Machine } from './machine.ts'
import type { ImageFile } from './node-model.ts'
import { root } from './file-tree.ts'
import { viewOf } from './view.ts'

// Commands that a package brings and the lab simulates.
const simulated = new Set([
  'podman',
  'kubectl',
  'zypper',
  'rpm',
  'sudo',
  'systemctl',
  'hostnamectl',
  'ceph',
  'rbd',
  'rados',
  'curl',
  'openssl',
  'host',
  'jq',
  'scontrol',
  'squeue',
  'sinfo',
  'sbatch',
  'scancel',
])

/** The text of a command's file: run by its full path from wherever it was copied to. */
export function commandText(name: string): string {
  return `#!/bin/sh\nexec /usr/bin/${name} "$@"\n`
}

// A package may bring commands that the lab does not simulate: they are there, and say so.
function absentText(name: string): string {
  return `#!/bin/sh\necho "${name}: the rehearsal lab does not simulate this command" >&2\nexit 70\n`
}

/** Makes the files of a package appear; those in a `bin` folder can be run. */
export function placeFiles(
  machine: Machine,
  paths: readonly string[],
  contents: readonly ImageFile[] = [],
): void {
  const files = viewOf(machine.tree, root)
  placeContents(machine, contents)
  for (const path of paths) {
    files.mkdirs(path.slice(0, path.lastIndexOf('/')) || '/', 0o755)
    const name = path.slice(path.lastIndexOf('/') + 1)
    const runs = /\/s?bin\//.test(path)
    if (!files.exists(path))
      files.write(
        path,
        runs
          ? simulated.has(name)
            ? commandText(name)
            : absentText(name)
          : path.endsWith('.service')
            ? unitText(name)
            : '',
        runs ? 0o755 : 0o644,
      )
  }
}

/** Puts files with what is in them where they belong. */
export function placeContents(machine: Machine, contents: readonly ImageFile[]): void {
  const files = viewOf(machine.tree, root)
  for (const { path, content, mode } of contents) {
    files.mkdirs(path.slice(0, path.lastIndexOf('/')) || '/', 0o755)
    files.write(path, content, mode)
    files.chmod(path, mode)
  }
}

// Those that read their configuration again when they are asked to.
const reloads: ReadonlySet<string> = new Set(['sshd.service', 'rsyslog.service'])

/** A plain unit file. */
export function unitText(name: string): string {
  return `[Unit]\nDescription=${name.replace(/\.service$/, '')}\n\n[Service]\nExecStart=/usr/bin/true\n${reloads.has(name) ? 'ExecReload=/usr/bin/true\n' : ''}\n[Install]\nWantedBy=multi-user.target\n`
}
