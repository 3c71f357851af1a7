import { foldNames } from '../text/host-ranges.ts'
import type { Host, Inventory, Service } from '../model/host.ts'
import { Secret } from '../contract/secret.ts'
import type { Value } from '../contract/value.ts'
import { compareNames } from '../text/xname.ts'
import { durationText } from '../text/duration.ts'
import type { GroupedInventory } from './load-inventory.ts'
import type { SourceRead } from './sources/gather.ts'

const mask = '(secret)'

/** What `trueup inventory --list` shows as data: hosts, groups and services, with every secret masked. */
export function inventoryData(inventory: Inventory): { readonly [key: string]: Value } {
  return {
    hosts: Object.fromEntries(
      [...inventory.hosts.values()].map((host) => [host.name, hostData(host)]),
    ),
    groups: Object.fromEntries(
      [...inventory.groups].map(([name, members]) => [name, [...members]]),
    ),
    services: Object.fromEntries(
      [...inventory.services].map(([name, service]) => [name, serviceData(service)]),
    ),
  }
}

/** What `trueup inventory --host X` shows as data. */
export function hostData(host: Host): Value {
  return {
    name: host.name,
    groups: [...host.groups],
    connection: masked(host.connection),
    vars: masked(host.vars),
  }
}

/** The inventory in short: a line for the hosts, one for each group, one for each service. */
export function listText(inventory: Inventory): string {
  const groups = [...inventory.groups].filter(([name]) => name !== 'all')
  const width = Math.max(3, ...groups.map(([name]) => name.length + 1))
  const lines = [
    `${'all'.padEnd(width)}  ${counted(inventory.hosts.size, 'host')}  ${foldNames([...inventory.hosts.keys()], 400)}`,
  ]
  for (const [name, members] of groups)
    lines.push(
      `${`@${name}`.padEnd(width)}  ${counted(members.length, 'host')}  ${foldNames(members, 400)}`.trimEnd(),
    )
  if (inventory.services.size > 0)
    lines.push(
      '',
      'services',
      ...[...inventory.services.values()].map((service) => `  ${serviceText(service)}`),
    )
  return `${lines.join('\n')}\n`
}

/** How the sources of an inventory were read, a line each; nothing where it has none. */
export function sourcesText(reads: readonly SourceRead[], now: number): string {
  if (reads.length === 0) return ''
  const lines = reads.map(
    ({ path, kind, at, cached }) =>
      `  ${path}  ${kind}  ${cached ? `read ${ageText(now - at)} ago, from the cache` : 'read now'}`,
  )
  return `\nsources\n${lines.join('\n')}\n`
}

/** The same as data. */
export function sourcesData(
  reads: readonly SourceRead[],
  now: number,
): { readonly [key: string]: Value } {
  if (reads.length === 0) return {}
  return {
    sources: reads.map(({ path, kind, at, cached }) => ({
      file: path,
      kind,
      read_at: new Date(at).toISOString(),
      cached,
      age: cached ? Math.round((now - at) / 1000) : 0,
    })),
  }
}

function ageText(milliseconds: number): string {
  return durationText(Math.max(0, Math.round(milliseconds / 1000)))
}

/** The groups as a tree, hosts below the innermost that names them. What stands in several places is drawn once. */
export function graphText(inventory: GroupedInventory): string {
  const groups = [...inventory.groups.keys()].filter((name) => name !== 'all')
  const inner = new Set([...inventory.children.values()].flat())
  const lines: string[] = ['@all']
  const drawn = new Set<string>()
  const walk = (names: readonly string[], indent: string): void => {
    for (const name of names) {
      const children = inventory.children.get(name) ?? []
      const again =
        drawn.has(name) && (children.length > 0 || inventory.groups.get(name)!.length > 0)
      lines.push(`${indent}@${name}${again ? ' (as above)' : ''}`)
      if (again) continue
      drawn.add(name)
      walk(children, `${indent}  `)
      addHosts(inventory.groups.get(name)!, children, `${indent}  `)
    }
  }
  const addHosts = (
    members: readonly string[],
    children: readonly string[],
    indent: string,
  ): void => {
    const covered = new Set(children.flatMap((each) => inventory.groups.get(each)!))
    const own = members.filter((host) => !covered.has(host))
    if (own.length > 0) lines.push(`${indent}${foldNames(own, 400)}`)
  }
  walk(
    groups.filter((name) => !inner.has(name)),
    '  ',
  )
  addHosts([...inventory.hosts.keys()], groups, '  ')
  return `${lines.join('\n')}\n`
}

/** One host in words: how it is reached, its groups, its vars. */
export function hostText(host: Host): string {
  const lines = [host.name]
  for (const [title, held] of [
    ['connection', host.connection],
    ['vars', host.vars],
  ] as const) {
    const entries = Object.entries(held).sort(([a], [b]) => compareNames(a, b))
    if (title === 'vars')
      lines.push(`  groups: ${host.groups.length > 0 ? host.groups.join(', ') : 'none'}`)
    lines.push(`  ${title}:${entries.length > 0 ? '' : ' none'}`)
    for (const [key, value] of entries)
      lines.push(
        `    ${settingNames[key] !== undefined && title === 'connection' ? settingNames[key] : key}: ${shown(value as Value)}`,
      )
  }
  return `${lines.join('\n')}\n`
}

/** Settings by the words that an inventory has for them. */
const settingNames: Readonly<Record<string, string>> = {
  kind: 'connection',
  keyFiles: 'key_files',
  keyPassphrase: 'key_passphrase',
  transport: 'transport',
  sshConfig: 'ssh_config',
  hostKeys: 'host_keys',
  knownHostsFile: 'known_hosts_file',
  connectTimeout: 'connect_timeout',
  becomePassword: 'become_password',
}

function serviceData(service: Service): Value {
  return masked(service)
}

function serviceText(service: Service): string {
  const parts = [service.name, service.url]
  if (service.via !== undefined) parts.push(`via ${service.via}`)
  if (service.token) parts.push(`token from ${service.token.from}`)
  if (service.insecure === true) parts.push('certificates NOT verified')
  return parts.join('  ')
}

function masked(value: unknown): Value {
  if (value instanceof Secret) return mask
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, masked(held)]))
  return value as Value
}

/** A value on one line. What a file says could move a terminal's cursor: control characters are written as JSON writes them. */
function shown(value: Value): string {
  const plain = masked(value)
  if (
    typeof plain === 'string' &&
    plain !== '' &&
    !/[\u0000-\u001f\u007f-\u009f]|^[\s"'[{]|\s$/.test(plain)
  )
    return plain
  return JSON.stringify(plain).replace(
    /[\u007f-\u009f]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function counted(count: number, what: string): string {
  return `${count} ${count === 1 ? what : `${what}s`}`
}
