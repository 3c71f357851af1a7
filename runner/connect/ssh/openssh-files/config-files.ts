import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DiagnosticError } from '../../../model/diagnostic.ts'
import { readConfig, type ConfigFiles, type Directive } from './config.ts'

const systemFile = '/etc/ssh/ssh_config'

/** The user's ssh_config and the system's; a file that is named takes the place of both, as with `ssh -F`, and `none` means no file. */
export function loadSshConfig(
  named: string | undefined,
  home: string,
): readonly (readonly Directive[])[] {
  const files = configFiles(home)
  if (named === 'none') return []
  if (named !== undefined) {
    if (files.read(named) === null)
      throw new DiagnosticError({
        code: 'connect/ssh-config',
        message: `there is no ssh_config ${named}`,
        hint: 'name one that is there, or `none`',
      })
    return [readConfig(named, files)]
  }
  const own = join(home, '.ssh', 'config')
  refuseWritable(own)
  return [readConfig(own, files), readConfig(systemFile, files)]
}

function configFiles(home: string): ConfigFiles {
  return {
    read(file) {
      try {
        return readFileSync(file, 'utf8')
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        // A folder that an Include's pattern hit is passed over, as a missing file is.
        if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null
        throw new DiagnosticError({
          code: 'connect/ssh-config',
          message,
          hint: `make ${file} readable`,
        })
      }
    },
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

// OpenSSH refuses it too: who can write this file can make us run to another host.
function refuseWritable(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) return
  if ((found.mode & 0o022) !== 0 || (found.uid !== 0 && found.uid !== process.getuid?.())) {
    throw new DiagnosticError({
      code: 'connect/ssh-config',
      message: `${file} can be written by others, so it is not trusted`,
      hint: `chmod go-w ${file}`,
    })
  }
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
