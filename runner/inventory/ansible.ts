import type { LocatedEntry, Located } from '../source/located.ts'
import { fail, warn, type Draft, type Settings } from './parse-state.ts'
import { isHop } from './host-names.ts'
import { pathFrom, readText } from './typed-values.ts'

/** Ansible's words for what ours say. */
export const ansibleWords: ReadonlyMap<string, string> = new Map([
  ...['ansible_host', 'ansible_ssh_host'].map((word) => [word, 'address'] as const),
  ...['ansible_port', 'ansible_ssh_port'].map((word) => [word, 'port'] as const),
  ...['ansible_user', 'ansible_ssh_user'].map((word) => [word, 'user'] as const),
  ...['ansible_ssh_private_key_file', 'ansible_private_key_file'].map(
    (word) => [word, 'key_files'] as const,
  ),
  ...['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'].map(
    (word) => [word, 'password'] as const,
  ),
  ...['ansible_ssh_private_key_passphrase', 'ansible_private_key_passphrase'].map(
    (word) => [word, 'key_passphrase'] as const,
  ),
  ...[
    'ansible_become_password',
    'ansible_become_pass',
    'ansible_sudo_pass',
    'ansible_sudo_password',
  ].map((word) => [word, 'become_password'] as const),
  ...['ansible_timeout', 'ansible_ssh_timeout'].map((word) => [word, 'connect_timeout'] as const),
])

/** Words of Ansible that say nothing here: no Python is needed on a host, and requests are always joined. */
const needless: ReadonlySet<string> = new Set([
  'ansible_python_interpreter',
  'ansible_ssh_pipelining',
  'ansible_pipelining',
  'ansible_ssh_transfer_method',
  'ansible_scp_if_ssh',
  'ansible_shell_type',
  'ansible_shell_executable',
  'ansible_ssh_retries',
])
const transports: ReadonlyMap<string, 'ssh' | 'local'> = new Map([
  ['ssh', 'ssh'],
  ['smart', 'ssh'],
  ['paramiko', 'ssh'],
  ['paramiko_ssh', 'ssh'],
  ['local', 'local'],
])

/** Reads the words of Ansible whose values are not ours; false where the entry is not one of Ansible's. */
export function readAnsible(draft: Draft, entry: LocatedEntry, settings: Settings): boolean {
  const { key, value } = entry
  if (!key.startsWith('ansible_')) return false
  if (needless.has(key)) return true
  if (key === 'ansible_connection') {
    const text = readText(draft, key, value)
    const kind = transports.get(text?.replace(/^ansible\.builtin\./, '') ?? '')
    if (kind) settings.kind = kind
    else if (text !== undefined)
      fail(
        draft,
        'inventory/value',
        `'${key}': hosts are reached by ssh or local, not by ${text}`,
        value.at,
        'write connection: ssh',
      )
  } else if (key === 'ansible_host_key_checking' || key === 'ansible_ssh_host_key_checking') {
    if (value.kind === 'scalar' && typeof value.value === 'boolean')
      settings.hostKeys = value.value ? 'strict' : 'off'
    else
      fail(
        draft,
        'inventory/value',
        `'${key}' wants true or false`,
        value.at,
        'write host_keys: strict, accept-new or off',
      )
  } else if (
    key === 'ansible_ssh_common_args' ||
    key === 'ansible_ssh_extra_args' ||
    key === 'ansible_ssh_args'
  ) {
    const text = readText(draft, key, value)
    if (text !== undefined) readArguments(draft, key, text, value, settings)
  } else {
    const become = key.startsWith('ansible_become')
    const hint = become
      ? 'write become: beside the tasks or on the play'
      : 'remove it, or name it otherwise if it is a var of your own'
    warn(draft, key, {
      code: 'inventory/not-read',
      message: `'${key}' is not read`,
      at: entry.keyAt,
      hint,
    })
  }
  return true
}

/** Options of ssh(1) that change nothing here. */
const harmless =
  /^(?:Control\w+|ServerAlive\w+|TCPKeepAlive|LogLevel|Compression|PreferredAuthentications|PasswordAuthentication|GSSAPIAuthentication|ForwardAgent|BatchMode|IdentitiesOnly|HashKnownHosts)$/i

function readArguments(
  draft: Draft,
  key: string,
  text: string,
  located: Located,
  settings: Settings,
): void {
  const words = [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3]!,
  )
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]!
    if (/^-(?:C|q|v|4|6|A|a|x|T)+$/.test(word)) continue
    const flag = /^-([oJipF])(.*)$/.exec(word)
    const operand = flag ? flag[2] || words[(i += 1)] : undefined
    const [name, argument] =
      flag?.[1] === 'o' ? splitOption(operand ?? '') : [flag?.[1] ?? '', operand ?? '']
    if (!flag || !argument || !applyOption(draft, name, argument, located, settings)) {
      fail(
        draft,
        'inventory/ssh-arguments',
        `'${key}': ${[word, flag && !flag[2] ? operand : ''].join(' ').trim()} is not supported`,
        located.at,
        'write jump, host_keys, known_hosts_file, key_files; anything else belongs into ~/.ssh/config',
      )
    }
  }
}

function splitOption(option: string): readonly [string, string] {
  const match = /^([A-Za-z]+)(?:\s*=|\s)(.*)$/.exec(option.trim())
  return match ? [match[1]!, match[2]!.trim().replace(/^"(.*)"$/, '$1')] : ['', '']
}

function applyOption(
  draft: Draft,
  name: string,
  argument: string,
  located: Located,
  settings: Settings,
): boolean {
  switch (name.toLowerCase()) {
    case 'j':
    case 'proxyjump':
      if (!argument.split(',').every(isHop)) return false
      settings.jump = argument
      return true
    case 'f':
      settings.sshConfig =
        argument === 'none' ? argument : pathFrom(draft, located.at.file, argument)
      return true
    case 'i':
    case 'identityfile':
      settings.keyFiles = [...(settings.keyFiles ?? []), pathFrom(draft, located.at.file, argument)]
      return true
    case 'p':
    case 'port':
      settings.port = Number(argument)
      return Number.isInteger(settings.port) && settings.port >= 1 && settings.port <= 65_535
    case 'user':
      settings.user = argument
      return /^[A-Za-z0-9_][\w.-]*$/.test(argument)
    case 'connecttimeout':
      settings.connectTimeout = Number(argument)
      return settings.connectTimeout > 0
    case 'userknownhostsfile':
      if (argument !== '/dev/null')
        settings.knownHostsFile = pathFrom(draft, located.at.file, argument)
      return true
    case 'stricthostkeychecking': {
      const keys = ({ no: 'off', off: 'off', yes: 'strict', 'accept-new': 'accept-new' } as const)[
        argument.toLowerCase() as 'no'
      ]
      if (keys) settings.hostKeys = keys
      return keys !== undefined
    }
    default:
      return harmless.test(name)
  }
}
