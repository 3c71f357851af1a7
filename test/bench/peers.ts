import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Farm } from './farm.ts'
import type { Files } from './bench-files.ts'
import type { CommandOptions } from './measure.ts'

/** A tool that does the same as trueup. */
export interface Peer {
  readonly name: string
  readonly version: string
  command(
    files: Files,
    farm: Farm,
  ): { readonly argv: readonly string[]; readonly options: CommandOptions }
}

/** How the peers are installed; their folder of programs is given as BENCH_PEERS, or is in PATH. */
export const installPeers =
  'python3 -m venv peers && peers/bin/pip install ansible-core mitogen pyinfra ClusterShell && BENCH_PEERS=$PWD/peers/bin npm run bench'

const forks = '50'

/** The peers that are installed here, each at its best settings. Every run signs in anew, as trueup's does. */
export function installedPeers(): readonly Peer[] {
  const path = [
    ...(process.env['BENCH_PEERS'] ?? '').split(delimiter),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ].filter((folder) => folder !== '')
  const find = (program: string): string | null =>
    path.map((folder) => join(folder, program)).find((file) => existsSync(file)) ?? null
  const ansible = find('ansible-playbook')
  const pyinfra = find('pyinfra')
  const clush = find('clush')
  const mitogen = ansible === null ? null : strategyOf(join(ansible, '../python3'))
  return [
    ...(ansible
      ? [
          {
            name: 'Ansible',
            version: first(ansible, '--version'),
            command: (files: Files) => ({
              argv: [ansible, '-i', files.ansibleInventory, files.ansiblePlaybook],
              options: { env: ansibleEnv(files) },
            }),
          },
        ]
      : []),
    ...(ansible && mitogen
      ? [
          {
            name: 'Mitogen',
            version: mitogen.version,
            command: (files: Files) => ({
              argv: [ansible, '-i', files.ansibleInventory, files.ansiblePlaybook],
              options: {
                env: {
                  ...ansibleEnv(files),
                  ANSIBLE_STRATEGY_PLUGINS: mitogen.folder,
                  ANSIBLE_STRATEGY: 'mitogen_linear',
                },
              },
            }),
          },
        ]
      : []),
    ...(pyinfra
      ? [
          {
            name: 'pyinfra',
            version: first(pyinfra, '--version'),
            command: (files: Files) => ({
              argv: [
                pyinfra,
                '-y',
                '--parallel',
                forks,
                files.pyinfraInventory,
                files.pyinfraDeploy,
              ],
              options: {},
            }),
          },
        ]
      : []),
    ...(clush
      ? [
          {
            name: 'clush (checks only)',
            version: first(clush, '--version'),
            command: (files: Files) => ({
              argv: [
                clush,
                '-q',
                '-f',
                forks,
                '-o',
                `-F ${files.sshConfig}`,
                '-w',
                files.names.join(','),
                `set -- ${files.names[0]}; ${files.script}`,
              ],
              options: {},
            }),
          },
        ]
      : []),
  ]
}

const controlFolders: string[] = []

function controlFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cp'))
  controlFolders.push(folder)
  return folder
}

/** Removes the sockets of the peers' connections; the masters behind them end by themselves. */
export function removeControlFolders(): void {
  for (const folder of controlFolders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

function ansibleEnv(files: Files): Record<string, string> {
  return {
    ANSIBLE_PIPELINING: 'True',
    ANSIBLE_FORKS: forks,
    ANSIBLE_GATHERING: 'explicit',
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_LOCALHOST_WARNING: 'False',
    ANSIBLE_DEPRECATION_WARNINGS: 'False',
    ANSIBLE_SSH_ARGS: `-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${join(files.folder, 'known_hosts')}`,
    // A socket of an earlier run would save this run its logins.
    ANSIBLE_SSH_CONTROL_PATH_DIR: controlFolder(),
    ANSIBLE_LOCAL_TEMP: join(files.folder, 'ansible'),
  }
}

function strategyOf(python: string): { readonly folder: string; readonly version: string } | null {
  const asked = spawnSync(
    python,
    [
      '-c',
      'import ansible_mitogen, mitogen, os; print(os.path.join(os.path.dirname(ansible_mitogen.__file__), "plugins", "strategy")); print(".".join(map(str, mitogen.__version__)))',
    ],
    { encoding: 'utf8' },
  )
  const [folder, version] = (asked.stdout ?? '').trim().split('\n')
  return folder && version && existsSync(folder) ? { folder, version } : null
}

function first(program: string, flag: string): string {
  const asked = spawnSync(program, [flag], { encoding: 'utf8' })
  return `${asked.stdout ?? ''}${asked.stderr ?? ''}`.trim().split('\n')[0] ?? ''
}
