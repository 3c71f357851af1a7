import type { Located, LocatedEntry } from '../source/located.ts'
import { connectionWords } from './connection-words.ts'
import { ansibleWords, readAnsible } from './ansible.ts'
import { fail, type Draft, type Settings } from './parse-state.ts'
import { isHop, nameFault } from './host-names.ts'
import {
  readInteger,
  readPath,
  readSecret,
  readSecretFile,
  readSeconds,
  readText,
  readTexts,
  readWord,
  pathFrom,
} from './typed-values.ts'

type Reader = (draft: Draft, word: string, located: Located, settings: Settings) => void

/** How a word's value becomes a setting. */
function setting<K extends keyof Settings>(
  key: K,
  read: (draft: Draft, word: string, located: Located) => Settings[K],
): Reader {
  return (draft, word, located, settings) => {
    const value = read(draft, word, located)
    if (value !== undefined) settings[key] = value
  }
}

const readers: ReadonlyMap<string, Reader> = new Map<keyof typeof connectionWords, Reader>([
  ['address', setting('address', readAddress)],
  [
    'port',
    setting('port', (draft, word, located) =>
      readInteger(draft, word, located, connectionWords.port),
    ),
  ],
  ['user', setting('user', readUser)],
  [
    'connection',
    setting('kind', (draft, word, located) =>
      readWord(draft, word, located, connectionWords.connection.enum),
    ),
  ],
  [
    'key_files',
    setting('keyFiles', (draft, word, located) =>
      readTexts(draft, word, located)?.map((text) => pathFrom(draft, located.at.file, text)),
    ),
  ],
  ['password', setting('password', readSecret)],
  [
    'password_file',
    setting('password', (draft, _, located) => readSecretFile(draft, 'password', located)),
  ],
  ['key_passphrase', setting('keyPassphrase', readSecret)],
  [
    'key_passphrase_file',
    setting('keyPassphrase', (draft, _, located) =>
      readSecretFile(draft, 'key_passphrase', located),
    ),
  ],
  ['jump', setting('jump', readJump)],
  [
    'host_keys',
    setting('hostKeys', (draft, word, located) =>
      readWord(draft, word, located, connectionWords.host_keys.enum),
    ),
  ],
  ['known_hosts_file', setting('knownHostsFile', readPath)],
  [
    'transport',
    setting('transport', (draft, word, located) =>
      readWord(draft, word, located, connectionWords.transport.enum),
    ),
  ],
  ['ssh_config', setting('sshConfig', readSshConfig)],
  ['connect_timeout', setting('connectTimeout', readSeconds)],
  ['become_password', setting('becomePassword', readSecret)],
  [
    'become_password_file',
    setting('becomePassword', (draft, _, located) =>
      readSecretFile(draft, 'become_password', located),
    ),
  ],
])

/** Reads an entry that says how hosts are reached, in our words or Ansible's; false where it says no such thing. */
export function readConnectionEntry(
  draft: Draft,
  entry: LocatedEntry,
  settings: Settings,
): boolean {
  const reader = readers.get(entry.key)
  if (reader) {
    reader(draft, entry.key, entry.value, settings)
    return true
  }
  const word = ansibleWords.get(entry.key)
  if (word !== undefined) {
    readers.get(word)!(draft, entry.key, entry.value, settings)
    return true
  }
  return readAnsible(draft, entry, settings)
}

/** A path, or `none` for no file at all. */
function readSshConfig(draft: Draft, word: string, located: Located): string | undefined {
  return located.kind === 'scalar' && located.value === 'none'
    ? 'none'
    : readPath(draft, word, located)
}

function readAddress(draft: Draft, word: string, located: Located): string | undefined {
  const text = readText(draft, word, located)
  const fault = text === undefined ? null : nameFault(text)
  if (!fault) return text
  fail(
    draft,
    'inventory/address',
    `'${word}' is a name or an address: ${fault.message}`,
    located.at,
    fault.hint,
  )
  return undefined
}

function readUser(draft: Draft, word: string, located: Located): string | undefined {
  const text = readText(draft, word, located)
  if (text === undefined || /^[A-Za-z0-9_][A-Za-z0-9_.@\\$-]*$/.test(text)) return text
  fail(
    draft,
    'inventory/value',
    `'${word}': ${JSON.stringify(text)} is not a user name`,
    located.at,
    'write letters, digits, dots, dashes, plus signs and underscores',
  )
  return undefined
}

function readJump(draft: Draft, word: string, located: Located): string | undefined {
  const hops = readTexts(draft, word, located)
    ?.flatMap((text) => text.split(','))
    .map((hop) => hop.trim())
  const wrong = hops?.find((hop) => !isHop(hop))
  if (wrong === undefined) return hops?.join(',')
  fail(
    draft,
    'inventory/jump',
    `'${word}': ${JSON.stringify(wrong)} is not a host to jump over`,
    located.at,
    'write user@host:port; user and port may be left out; join several by commas, the nearest first',
  )
  return undefined
}
