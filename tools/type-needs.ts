import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyResourceType } from '../runner/contract/resource.ts'
import { checkCases, type Case } from '../runner/manifest/cases.ts'
import { typeFolders } from '../runner/manual/registry.ts'
import { parseYaml } from '../runner/source/located-yaml.ts'
import { plain } from '../runner/source/located.ts'

/** What a type starts and whom it asks, as its cases show it. */
interface TypeNeeds {
  readonly programs: readonly string[]
  readonly services: readonly string[]
}

// Whatever a playbook writes is started and asked.
const open = new Set(['command', 'http'])

/** The module that says what each built-in type needs: where it lies, and what it must hold. */
export async function typeNeeds(root: string): Promise<ReadonlyMap<string, string>> {
  const resources = join(root, 'runner/resources')
  const needs: Record<string, TypeNeeds> = {}
  const folders = [...typeFolders(resources)].sort((a, b) => (a.folder < b.folder ? -1 : 1))
  for (const { folder, name } of folders) {
    if (open.has(folder)) continue
    const module = (await import(join(resources, folder, 'index.ts'))) as Record<
      string,
      AnyResourceType
    >
    const found = needsOf(module[name]!, join(resources, folder, 'cases.yaml'))
    if (found.programs.length + found.services.length > 0) needs[folder] = found
  }
  const lines = Object.entries(needs).map(
    ([name, each]) => `  ${name}: ${JSON.stringify(each).replaceAll('"', "'")},`,
  )
  return new Map([
    [
      'runner/doctor/type-needs.generated.ts',
      [
        '// Written by `npm run generate` from the cases of the types.',
        '',
        '/** The programs that each type starts on its host, and the services that it asks, as its cases show it. */',
        'export const typeNeeds: Readonly<',
        '  Record<string, { readonly programs: readonly string[]; readonly services: readonly string[] }>',
        '> = {',
        ...lines,
        '}',
        '',
      ].join('\n'),
    ],
  ])
}

function needsOf(type: AnyResourceType, file: string): TypeNeeds {
  const programs = new Set<string>()
  const services = new Set<string>()
  const hear = (each: unknown): void => {
    const { read, do: does, argv, service } = each as Record<string, unknown>
    if (read === 'exec' || does === 'exec') programs.add((argv as string[])[0]!)
    if ((read === 'http' || does === 'http') && typeof service === 'string') services.add(service)
  }
  const cases = plain(parseYaml(file, readFileSync(file, 'utf8')).value!)
  checkCases(heard(type, hear), cases as unknown as readonly Case[])
  return { programs: [...programs].sort(), services: [...services].sort() }
}

/** The type, with an ear for everything that it asks and does. */
function heard(type: AnyResourceType, hear: (each: unknown) => void): AnyResourceType {
  return {
    ...type,
    probe(params, seen) {
      const asked = type.probe(params, seen)
      Object.values(asked)
        .filter((probe) => probe !== undefined)
        .forEach(hear)
      return asked
    },
    ...(type.change
      ? {
          change(diff: unknown, params: unknown, current: unknown) {
            const changes = type.change!(diff, params, current)
            changes.flatMap((each) => each.actions).forEach(hear)
            return changes
          },
        }
      : {}),
  }
}
