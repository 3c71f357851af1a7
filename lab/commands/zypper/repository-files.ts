import type { Machine } from '../../node/machine.ts'
import type { View } from '../../node/view.ts'

/** A section of a file in /etc/zypp/repos.d: the file is the state, a hand edit counts. */
export interface Repository {
  readonly alias: string
  readonly file: string
  /** Every key, in order. */
  readonly values: ReadonlyMap<string, string>
}

/** Where zypper keeps them. */
export const folder = '/etc/zypp/repos.d'

/** The repositories that the files define, by alias. */
export function repositoriesOf(files: View, within = folder): readonly Repository[] {
  const found: { alias: string; file: string; values: Map<string, string> }[] = []
  for (const name of files.list(within).filter((each) => each.endsWith('.repo'))) {
    const file = `${within}/${name}`
    let current: (typeof found)[number] | null = null
    for (const line of files
      .readText(file)
      .split('\n')
      .map((each) => each.trim())) {
      const section = /^\[([^\]]+)\]$/.exec(line)
      if (section) found.push((current = { alias: section[1]!, file, values: new Map() }))
      else if (current && /^[^#;=][^=]*=/.test(line))
        current.values.set(
          line.slice(0, line.indexOf('=')).trim(),
          line.slice(line.indexOf('=') + 1).trim(),
        )
    }
  }
  return found.sort((a, b) => (a.alias < b.alias ? -1 : 1))
}

/** Writes a repository to its file, beside what else stands there; `null` values remove it. */
export function storeRepository(
  files: View,
  alias: string,
  values: ReadonlyMap<string, string> | null,
  file = `${folder}/${alias.replaceAll('/', '_')}.repo`,
): void {
  const others = repositoriesOf(files, file.slice(0, file.lastIndexOf('/'))).filter(
    (each) => each.file === file && each.alias !== alias,
  )
  const all = values === null ? others : [...others, { alias, values }]
  if (all.length === 0) return files.unlink(file)
  files.write(
    file,
    all
      .map(
        (each) =>
          `[${each.alias}]\n${[...each.values].map(([key, value]) => `${key}=${value}\n`).join('')}`,
      )
      .join('\n'),
    0o644,
  )
}

/** A key as a boolean, or what stands for it when it is not written. */
export function flag(
  repository: Pick<Repository, 'values'>,
  key: string,
  otherwise: boolean,
): boolean {
  const value = repository.values.get(key)
  return value === undefined ? otherwise : /^(?:1|yes|true|on)$/i.test(value)
}

/** 1 is taken first; 99 when it is not written. */
export function priorityOf(repository: Repository): number {
  return Number(repository.values.get('priority') ?? 99)
}

/** The URL with zypper's macros filled in, without a trailing slash. */
export function urlOf(repository: Pick<Repository, 'values'>, machine: Machine): string {
  const { arch, servicePack } = machine.spec
  const values: Readonly<Record<string, string>> = {
    releasever: `15.${servicePack}`,
    releasever_major: '15',
    releasever_minor: String(servicePack),
    basearch: arch,
    arch,
  }
  return (repository.values.get('baseurl') ?? '')
    .replace(/\$\{?(\w+)\}?/g, (whole, name: string) => values[name] ?? whole)
    .replace(/\/+$/, '')
}

/** The repository that an operand names: by alias, number or URL. */
export function repositoryNamed(
  repositories: readonly Repository[],
  operand: string,
): Repository | undefined {
  return (
    repositories.find((each) => each.alias === operand) ??
    (/^\d+$/.test(operand)
      ? repositories[Number(operand) - 1]
      : repositories.find(
          (each) => each.values.get('baseurl')?.replace(/\/+$/, '') === operand.replace(/\/+$/, ''),
        ))
  )
}

// What each of zypper's words for the GPG check writes: gpgcheck, repo_gpgcheck, pkg_gpgcheck; null takes the key away.
const checks: Readonly<Record<string, readonly (string | null)[]>> = {
  gpgcheck: ['1', null, null],
  'gpgcheck-strict': ['1', '1', '1'],
  'gpgcheck-allow-unsigned': ['1', '0', '0'],
  'gpgcheck-allow-unsigned-repo': ['1', '0', null],
  'gpgcheck-allow-unsigned-package': ['1', null, '0'],
  'no-gpgcheck': ['0', null, null],
  'default-gpgcheck': [null, null, null],
}

/** The options of addrepo and modifyrepo, as `parse` takes them. */
export const repositoryOptions = `p= priority= n= name= e enable d disable f refresh r F no-refresh R g G k keep-packages K no-keep-packages ${Object.keys(checks).join(' ')}`

/** Applies the options of addrepo and modifyrepo. */
export function withOptions(
  values: ReadonlyMap<string, string>,
  options: { has(...names: string[]): boolean; value(...names: string[]): string | undefined },
  letters: { readonly refresh: string; readonly noRefresh: string },
): Map<string, string> {
  const next = new Map(values)
  const set = (key: string, value: string | null | undefined): void => {
    if (value === null) next.delete(key)
    else if (value !== undefined) next.set(key, value)
  }
  set('name', options.value('n', 'name'))
  set('priority', options.value('p', 'priority') === '99' ? null : options.value('p', 'priority'))
  if (options.has('e', 'enable')) set('enabled', '1')
  if (options.has('d', 'disable')) set('enabled', '0')
  if (options.has('refresh', letters.refresh)) set('autorefresh', '1')
  if (options.has('no-refresh', letters.noRefresh)) set('autorefresh', '0')
  if (options.has('k', 'keep-packages')) set('keeppackages', '1')
  if (options.has('K', 'no-keep-packages')) set('keeppackages', '0')
  for (const [name, [main, repo, packages]] of Object.entries(checks)) {
    if (
      !options.has(name) &&
      !(name === 'gpgcheck' && options.has('g')) &&
      !(name === 'no-gpgcheck' && options.has('G'))
    )
      continue
    set('gpgcheck', main)
    set('repo_gpgcheck', repo)
    set('pkg_gpgcheck', packages)
  }
  return next
}
