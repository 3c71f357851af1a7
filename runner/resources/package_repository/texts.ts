import { invalid } from '../unclear.ts'

interface Repository {
  readonly name: string
  readonly url: string
  readonly enabled: boolean
  readonly key: string | undefined
  readonly gpgcheck: boolean
}

/** The file that defines a repository of this name. */
export function pathOf(manager: 'apt' | 'dnf', name: string): string {
  return manager === 'apt'
    ? `/etc/apt/sources.list.d/${name}.sources`
    : `/etc/yum.repos.d/${name}.repo`
}

/** A repository as apt's deb822 files say it. */
export function aptText(
  repository: Repository & {
    readonly suites: readonly string[] | undefined
    readonly components: readonly string[] | undefined
  },
): string {
  const { url, enabled, key, gpgcheck, suites, components } = repository
  if (suites === undefined)
    return invalid('apt needs to know the suites', 'add `suites:`, as in `suites: bookworm`')
  if (!components && suites.some((suite) => !suite.endsWith('/')))
    return invalid(
      'apt needs to know the components',
      'add `components: main`, or end the suite with / for a flat repository',
    )
  if (key !== undefined && !key.startsWith('/'))
    return invalid(
      'apt takes a key from a file on the host only',
      'bring it with `download` or `copy`, and give its path',
    )
  const lines = [
    ['Enabled', enabled ? 'yes' : 'no'],
    ['Types', 'deb'],
    ['URIs', url],
    ['Suites', suites.join(' ')],
    ...(components ? [['Components', components.join(' ')]] : []),
    ...(key === undefined ? [] : [['Signed-By', key]]),
    ...(gpgcheck ? [] : [['Trusted', 'yes']]),
  ]
  return lines.map(([name, value]) => `${name}: ${value}\n`).join('')
}

/** A repository as dnf's files say it. */
export function dnfText({
  name,
  url,
  enabled,
  key,
  gpgcheck,
  description,
}: Repository & { readonly description: string | undefined }): string {
  const place = key?.startsWith('/') ? `file://${key}` : key
  const lines = [
    ['name', description ?? name],
    ['baseurl', url],
    ['enabled', enabled ? '1' : '0'],
    ['gpgcheck', gpgcheck ? '1' : '0'],
    ...(place === undefined ? [] : [['gpgkey', place]]),
  ]
  return `[${name}]\n${lines.map(([key, value]) => `${key}=${value}\n`).join('')}`
}
