import { existsSync } from 'node:fs'
import { withoutEnd } from '../../text/trim-end.ts'
import { dirname, join } from 'node:path'
import { readText } from '../../files/read-file.ts'

/** Where craycli keeps its token, and the gateway it belongs to. */
export type CraycliToken =
  | { readonly path: string; readonly gateway: string | null }
  | { readonly fault: string; readonly hint: string }

/** Find craycli's token file as it does itself: CRAY_CREDENTIALS, else the active configuration's gateway and user. */
export function craycliToken(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): CraycliToken {
  const folder = join(env['CRAY_CONFIG_DIR'] || home, '.config', 'cray')
  const path = given ?? (env['CRAY_CREDENTIALS'] || undefined)
  const name = env['CRAY_CONFIG'] || textOf(join(folder, 'active_config'))?.trim() || 'default'
  const file = join(folder, 'configurations', name)
  const text = textOf(file)
  const settings = text === null ? null : tomlTexts(text)
  const gateway = gatewayOf(settings?.get('core.hostname'))
  if (path !== undefined)
    return { path: path.startsWith('~/') ? join(home, path.slice(2)) : path, gateway }
  if (settings === null)
    return { fault: `craycli has no configuration ${file}`, hint: 'type: cray init' }
  const host = settings.get('core.hostname')
  const user = settings.get('auth.login.username')
  if (host === undefined)
    return { fault: `${file} names no gateway (core.hostname)`, hint: 'type: cray init' }
  if (user === undefined)
    return { fault: `${file} names no user (auth.login.username)`, hint: 'type: cray auth login' }
  const bare = /^(?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#]*)/i.exec(host)?.[1] || host
  const token = join(folder, 'tokens', `${bare.replace(/[-.]/g, '_')}.${user.replace(/\./g, '_')}`)
  if (!existsSync(token))
    return { fault: `${token} does not exist`, hint: `type: cray auth login --username ${user}` }
  // A name with a slash in it must not lead out of the folder.
  if (dirname(token) !== join(folder, 'tokens'))
    return { fault: `${file} names a strange user or gateway`, hint: 'type: cray init' }
  return { path: token, gateway }
}

function gatewayOf(host: string | undefined): string | null {
  if (host === undefined || host === '') return null
  const url = /^https?:\/\//i.test(host) ? host : `https://${host}`
  return withoutEnd(url, '/')
}

function textOf(path: string): string | null {
  const read = readText(path)
  return 'text' in read ? read.text : null
}

/** The texts of a TOML file as craycli writes it: tables and plain strings, by their dotted names. */
function tomlTexts(text: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  let table = ''
  for (const line of text.split('\n')) {
    const heading = /^\s*\[([^\]]+)\]\s*(?:#.*)?$/.exec(line)
    if (heading) {
      table = heading[1]!.trim().split('.').map(unquoted).join('.')
      continue
    }
    const pair = /^\s*([\w.-]+|"[^"]*")\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(?:#.*)?$/.exec(
      line,
    )
    if (!pair) continue
    texts.set(
      [...(table === '' ? [] : [table]), unquoted(pair[1]!)].join('.'),
      pair[3] ?? pair[2]!.replace(/\\(["\\])/g, '$1'),
    )
  }
  return texts
}

function unquoted(name: string): string {
  return name.trim().replace(/^"(.*)"$/, '$1')
}
