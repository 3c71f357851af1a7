import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Farm } from './farm.ts'

/** The files that every tool is given: the same hosts, the same checks. */
export interface Files {
  readonly folder: string
  readonly names: readonly string[]
  readonly playbook: string
  readonly inventory: string
  readonly ansiblePlaybook: string
  readonly ansibleInventory: string
  readonly pyinfraDeploy: string
  readonly pyinfraInventory: string
  readonly sshConfig: string
  /** What `floor` and clush run on each host: the same checks as one script. */
  readonly script: string
}

const repositories = ['Basesystem', 'Containers'].map((pool) => ({
  file: `${pool}.repo`,
  line: `baseurl=https://packages.local/repository/SUSE-SLE-Module-${pool}-15-SP5-x86_64-Pool/`,
}))
const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0Xkn9NSqGyOsa7ZlY5Hn0sN5V0jIUr2KbqkP0vV0aB cray-ims-remote-keys'
const reads = [
  ['cat', '/etc/os-release'],
  ['cat', '/proc/sys/kernel/ostype'],
  ['sh', '-c', 'command -v sh'],
]

/** Writes the files. `names` hosts are spread over the farm; `root` is where the hosts' own files lie, one folder each. */
export function writeFiles(
  folder: string,
  farm: Farm,
  count: number,
  root: string,
  extra = 0,
): Files {
  mkdirSync(folder, { recursive: true })
  const names = Array.from({ length: count }, (_, i) => `n${String(i).padStart(4, '0')}`)
  const portOf = (i: number): number => farm.hosts[i % farm.hosts.length]!.port
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  const known = file(
    'known_hosts',
    farm.hosts.map((host) => `[127.0.0.1]:${host.port} ${host.hostKey}\n`).join(''),
  )
  // The tools that go through OpenSSH each read all of it at every start.
  const sshConfig = file(
    'ssh_config',
    names.map((name, i) => `Host ${name}\n  HostName 127.0.0.1\n  Port ${portOf(i)}\n`).join('') +
      `Host *\n  User root\n  IdentityFile ${farm.keyFile}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${known}\n  LogLevel ERROR\n`,
  )
  const at = (host: string, path: string): string => `${root}/${host}${path}`
  return {
    folder,
    names,
    sshConfig,
    playbook: file(
      'playbook.yaml',
      trueupPlaybook((path) => at('{{ host.name }}', path), extra),
    ),
    inventory: file(
      'inventory.yaml',
      `address: 127.0.0.1\nuser: root\nhost_keys: strict\nknown_hosts_file: ${known}\nkey_files: [${farm.keyFile}]\nhosts:\n${names.map((name, i) => `  ${name}: { port: ${portOf(i)} }\n`).join('')}`,
    ),
    ansiblePlaybook: file(
      'ansible.yaml',
      ansiblePlaybook((path) => at('{{ inventory_hostname }}', path)),
    ),
    ansibleInventory: file(
      'hosts.ini',
      names
        .map(
          (name, i) =>
            `${name} ansible_host=127.0.0.1 ansible_port=${portOf(i)} ansible_user=root ansible_ssh_private_key_file=${farm.keyFile} ansible_python_interpreter=/usr/bin/python3\n`,
        )
        .join(''),
    ),
    pyinfraDeploy: file(
      'deploy.py',
      pyinfraDeploy((path) => at('{name}', path)),
    ),
    pyinfraInventory: file(
      'hosts.py',
      `hosts = [\n${names.map((name, i) => `    (${JSON.stringify(name)}, {"ssh_hostname": "127.0.0.1", "ssh_port": ${portOf(i)}, "ssh_user": "root", "ssh_key": ${JSON.stringify(farm.keyFile)}, "ssh_known_hosts_file": ${JSON.stringify(known)}}),\n`).join('')}]\n`,
    ),
    script: shellScript((path) => at('$H', path)),
  }
}

/** Adds the proxies' ports to what is known, and nothing else. */
export function trust(files: Files, farm: Farm): void {
  appendFileSync(
    join(files.folder, 'known_hosts'),
    farm.hosts.map((host) => `[127.0.0.1]:${host.port} ${host.hostKey}\n`).join(''),
  )
}

type At = (path: string) => string

function trueupPlaybook(at: At, extra: number): string {
  const more = Array.from(
    { length: extra },
    (_, i) =>
      `      - ensure: folder ${i}\n        file: { path: "${at(`/extra${i}`)}", state: directory }\n`,
  )
  return `playbook: The node part of a remote build node
plays:
  - play: each node can run IMS jobs
    hosts: all
    tasks:
      - require: the node runs Linux
        that: facts.os != "unknown"
      - ensure: its folder
        file: { path: "${at('')}", state: directory, mode: '0755' }
${repositories.map(({ file, line }) => `      - ensure: ${file}\n        lineinfile: { path: "${at(`/${file}`)}", line: "${line}", create: true }\n`).join('')}      - ensure: IMS may sign in
        lineinfile: { path: "${at('/authorized_keys')}", line: "${publicKey}", create: true, mode: '0600' }
      - ensure: the cache
        file: { path: "${at('/cache')}", state: directory, mode: '1777' }
${reads
  .slice(1)
  .map(
    (argv, i) =>
      `      - require: reading ${i} works\n        command: { argv: ${JSON.stringify(argv)}, ahead: true }\n`,
  )
  .join('')}${more.join('')}`
}

function ansiblePlaybook(at: At): string {
  return `- hosts: all
  gather_facts: false
  tasks:
    - command: ${JSON.stringify(reads[0]!.join(' '))}
      changed_when: false
    - file: { path: "${at('')}", state: directory, mode: '0755' }
${repositories.map(({ file, line }) => `    - lineinfile: { path: "${at(`/${file}`)}", line: "${line}", create: true }\n`).join('')}    - lineinfile: { path: "${at('/authorized_keys')}", line: "${publicKey}", create: true, mode: '0600' }
    - file: { path: "${at('/cache')}", state: directory, mode: '1777' }
${reads
  .slice(1)
  .map((argv) => `    - command: { argv: ${JSON.stringify(argv)} }\n      changed_when: false\n`)
  .join('')}`
}

function pyinfraDeploy(at: At): string {
  const path = (p: string): string => `f"${at(p)}"`
  return `from pyinfra import host
from pyinfra.facts.server import Command
from pyinfra.operations import files

name = host.name
host.get_fact(Command, command=${JSON.stringify(reads[0]!.join(' '))})
files.directory(path=${path('')}, mode="755")
${repositories.map(({ file, line }) => `files.line(path=${path(`/${file}`)}, line=${JSON.stringify(line)})\n`).join('')}files.line(path=${path('/authorized_keys')}, line=${JSON.stringify(publicKey)})
files.directory(path=${path('/cache')}, mode="1777")
${reads
  .slice(1)
  .map(
    (argv) =>
      `host.get_fact(Command, command=${JSON.stringify(argv.map((word) => (/^[\w/.-]+$/.test(word) ? word : `'${word}'`)).join(' '))})\n`,
  )
  .join('')}`
}

function shellScript(at: At): string {
  return [
    `H=$1; cat /etc/os-release; cat /proc/sys/kernel/ostype; command -v sh`,
    `stat -c '%a %U %F' "${at('')}" "${at('/cache')}" "${at('/authorized_keys')}"`,
    ...repositories.map(({ file }) => `cat "${at(`/${file}`)}"`),
    `cat "${at('/authorized_keys')}"`,
  ].join('; ')
}
