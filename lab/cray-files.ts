import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Token } from './csm/keycloak.ts'
import { DiagnosticError } from '../runner/model/diagnostic.ts'

/** What lies in a lab's folder for the `cray` command and for curl. */
export interface CrayFiles {
  /** `CRAY_CONFIG_DIR`: its configuration names the lab's gateway. */
  readonly folder: string
  /** `CRAY_CREDENTIALS`: a token, as Keycloak gives it. */
  readonly token: string
  /** The same token as a line of HTTP, for `curl --header @FILE`. */
  readonly header: string
}

/** Where the files for `cray` lie in a lab's folder. */
export function crayFiles(labFolder: string): CrayFiles {
  const folder = join(labFolder, 'cray')
  return { folder, token: join(folder, 'token.json'), header: join(folder, 'header') }
}

// Only a folder that holds this was made by a lab, and is removed with it.
const markerOf = ({ folder }: CrayFiles): string => join(folder, '.made-by-lab')

/** Writes a configuration of `cray` for a gateway, with a token. What another program keeps there is left alone. */
export function writeCrayFiles(labFolder: string, gateway: string, token: Token): void {
  const files = crayFiles(labFolder)
  const marker = markerOf(files)
  if (existsSync(files.folder) && !existsSync(marker))
    throw new DiagnosticError({
      code: 'lab/folder',
      message: `${files.folder} is there already, and the lab did not make it`,
      hint: 'move it away, or raise the lab in another folder with --folder',
    })
  // `cray` looks below its folder as below a home.
  const configuration = join(files.folder, '.config/cray')
  for (const name of ['configurations', 'logs', 'tokens'])
    mkdirSync(join(configuration, name), { recursive: true, mode: 0o700 })
  writeFileSync(marker, '')
  writeFileSync(join(configuration, 'active_config'), 'default')
  writeFileSync(
    join(configuration, 'configurations/default'),
    `[core]\nhostname = "${gateway}"\ntenant = ""\n`,
  )
  writeFileSync(files.token, JSON.stringify({ ...token, client_id: 'admin-client' }), {
    mode: 0o600,
  })
  writeFileSync(files.header, `Authorization: Bearer ${token.access_token}\n`, { mode: 0o600 })
}

/** Removes the files for `cray` where a lab wrote them, with what `cray` added. */
export function removeCrayFiles(labFolder: string): void {
  const files = crayFiles(labFolder)
  if (existsSync(markerOf(files))) rmSync(files.folder, { recursive: true, force: true })
}
