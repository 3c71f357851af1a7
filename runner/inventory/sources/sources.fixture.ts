import { fileAccounts } from '../../files/accounts.ts'
import type { Trust } from '../../files/trust.ts'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Inventory } from '../../model/host.ts'
import type { HttpProbe } from '../../contract/probe.ts'
import { Unreachable, type Connections } from '../../model/session.ts'
import type { Value } from '../../contract/value.ts'
import { fileCache } from './cache.ts'
import { loadAsking, type AskedInventory, type Asking } from './gather.ts'

const folders: string[] = []

/** Removes what the tests of a file made. */
export function cleanUp(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/** A folder with these files; those that begin with `#!` are executable. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'inventory-sources-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text, {
      mode: text.startsWith('#!') && !name.startsWith('plain') ? 0o700 : 0o600,
    })
  }
  return folder
}

/** Services that answer from a table of paths without their query; what is not in it cannot be reached. */
export function answering(
  table: Readonly<Record<string, Value>>,
  asked: string[] = [],
): (inventory: Inventory) => Connections {
  return (inventory) => ({
    session: (endpoint) =>
      Promise.resolve({
        exchange: ({ probes }) =>
          Promise.resolve({
            actions: [],
            cost: { scripts: 0, requests: probes.length, bytesSent: 0, bytesReceived: 0 },
            readings: (probes as readonly HttpProbe[]).map((probe) => {
              const service = 'service' in endpoint ? endpoint.service! : ''
              if (!inventory.services.has(service)) throw new Error(`no service ${service}`)
              asked.push(`${service} ${probe.path}`)
              const json = table[`${service} ${probe.path.split('?')[0]!}`]
              if (json === undefined)
                throw new Unreachable(service, `service ${service}: nothing listens there`)
              return { status: 200, body: JSON.stringify(json), json }
            }),
          }),
      }),
    release: () => Promise.resolve(),
    closeAll: () => Promise.resolve(),
  })
}

/** Trust of this process's user in itself and in root. */
const trusting: Trust = {
  user: process.geteuid!(),
  groups: [],
  product: null,
  accounts: fileAccounts(),
}

/** Loads an inventory of a folder whose cache lies beside it. */
export function ask(
  folder: string,
  names: readonly string[],
  more: Partial<Asking> = {},
): Promise<AskedInventory> {
  return loadAsking(
    names.map((name) => join(folder, name)),
    {
      now: Date.now,
      cache: fileCache(join(folder, '.cache')),
      isNamed: true,
      trust: trusting,
      world: { env: { PATH: process.env['PATH'] }, cwd: folder },
      connect: answering({}),
      ...more,
    },
  )
}

/** Codes with their places, the file by its own name. */
export function said({ diagnostics }: Pick<AskedInventory, 'diagnostics'>): readonly string[] {
  return diagnostics.map(({ code, at }) =>
    at ? `${code} ${at.file.split('/').at(-1)}:${at.line}:${at.column}` : code,
  )
}
