import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { readText } from '../files/read-file.ts'
import { distrust, type Trust } from '../files/trust.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { type Located } from '../source/located.ts'

/** The configuration of this controller, for all its users. */
export const systemConfigFile = '/etc/trueup/config.yaml'

/**
 * The groups whose members may write what trueup loads: `trusted_groups` of the system's configuration, names or numbers. Of a file
 * that is not there, none. A user's own configuration may not say this.
 */
export function trustedGroups(
  file: string,
  trust: Trust,
): { readonly groups: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
  const read = readText(file)
  if ('code' in read) {
    if (read.code === 'ENOENT' || read.code === 'ENOTDIR') return { groups: [], diagnostics: [] }
    return wrong(
      { file, line: 1, column: 1 },
      `${file} cannot be read: ${read.words}`,
      'chmod 644 it',
    )
  }
  const others = distrust(trust, 'the configuration', file)
  if (others) return { groups: [], diagnostics: [others] }
  const { value, diagnostics } = parseYaml(file, read.text)
  const errors = diagnostics.filter((each) => each.severity !== 'warning')
  if (errors.length > 0) return { groups: [], diagnostics: errors }
  const named = value?.kind === 'map' ? value.entries.get('trusted_groups')?.value : undefined
  return named ? groupsOf(named) : { groups: [], diagnostics: [] }
}

function groupsOf(named: Located): ReturnType<typeof trustedGroups> {
  if (named.kind !== 'list')
    return wrong(
      named.at,
      "'trusted_groups' wants a list of groups",
      'write trusted_groups: [csm-admins]',
    )
  const groups: string[] = []
  for (const item of named.items) {
    const text = item.kind === 'scalar' ? item.text : ''
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text))
      return wrong(
        item.at,
        `${JSON.stringify(text)} is not the name or the number of a group`,
        'getent group lists them',
      )
    groups.push(text)
  }
  return { groups, diagnostics: [] }
}

function wrong(at: Place, message: string, hint: string): ReturnType<typeof trustedGroups> {
  return { groups: [], diagnostics: [{ code: 'config/value', message, at, hint }] }
}
