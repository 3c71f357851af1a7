import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readFile } from '../../../files/read-file.ts'
import { DiagnosticError } from '../../../model/diagnostic.ts'
import { word } from '../../batch/quote.ts'
import {
  readSshConfig,
  type ConfigFiles,
  type ConfigText,
  type Directive,
} from './ssh-config-file.ts'

const systemFile = '/etc/ssh/ssh_config'

/** The user's ssh_config and the system's; a file that is named takes the place of both, as with `ssh -F`, and `none` means no file. */
export function loadSshConfig(
  named: string | undefined,
  home: string,
): readonly (readonly Directive[])[] {
  const files = configFiles(home)
  if (named === 'none') return []
  if (named !== undefined) {
    if (!existsSync(named))
      throw new DiagnosticError({
        code: 'connect/ssh-config',
        message: `the ssh_config ${named} does not exist`,
        hint: 'name a file that exists, or `none`',
      })
    return [readSshConfig(named, files, 'checked')]
  }
  return [
    readSshConfig(join(home, '.ssh', 'config'), files, 'checked'),
    // Only root writes below /etc; what the system's file includes is checked, as OpenSSH does it.
    readSshConfig(systemFile, files, 'trusted'),
  ]
}

function configFiles(home: string): ConfigFiles {
  return {
    read: readWithOwner,
    expand(pattern, from) {
      const folder = from.startsWith('/etc/ssh/') ? '/etc/ssh' : join(home, '.ssh')
      return expandGlob(
        pattern.startsWith('/')
          ? pattern
          : pattern.startsWith('~/')
            ? join(home, pattern.slice(2))
            : join(folder, pattern),
      )
    },
  }
}

/** The text of a file, with why it is not trusted: owner and mode are those of the very file that is read. */
function readWithOwner(file: string): ConfigText | null {
  const read = readFile(file)
  if ('bytes' in read)
    return { text: read.bytes.toString('utf8'), untrusted: distrust(file, read.stats) }
  // A folder that the pattern of an Include names is passed over, as a missing file is.
  if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(read.code)) return null
  throw new DiagnosticError({
    code: 'connect/ssh-config',
    message: `${file} cannot be read: ${read.words}`,
    hint: `make ${file} readable`,
  })
}

// OpenSSH refuses such a file too: a user who can write it decides which machine is reached, and what is trusted there.
function distrust(
  file: string,
  { mode, uid }: { readonly mode: number; readonly uid: number },
): ConfigText['untrusted'] {
  const own = process.getuid?.()
  const found = `its owner is user ${uid}, its mode 0${(mode & 0o777).toString(8)}`
  if (uid !== 0 && uid !== own)
    return {
      message: `${file} belongs to another user, so it is not trusted (${found})`,
      hint: `chown ${own ?? 0} ${word(file)}`,
    }
  if ((mode & 0o022) !== 0)
    return {
      message: `${file} can be written by others, so it is not trusted (${found})`,
      hint: `chmod go-w ${word(file)}`,
    }
  return null
}

function expandGlob(pattern: string): readonly string[] {
  let found = ['/']
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    if (!/[*?[]/.test(part)) {
      found = found.map((folder) => join(folder, part))
      continue
    }
    const wanted = globExpression(part)
    found = found.flatMap((folder) =>
      namesIn(folder)
        .filter((name) => wanted.test(name) && (!name.startsWith('.') || part.startsWith('.')))
        .sort()
        .map((name) => join(folder, name)),
    )
  }
  return found
}

function globExpression(part: string): RegExp {
  // eslint-disable-next-line regexp/no-super-linear-move -- a word of the user's own ssh_config
  const source = part.replace(/\[!?[^\]]+\]|[\s\S]/g, (token) => {
    if (token === '*') return '[^/]*'
    if (token === '?') return '[^/]'
    if (token.length > 1) return token.replace(/^\[!/, '[^').replace(/\\/g, '\\\\')
    return token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${source}$`)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
