import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AnyResourceType } from '../contract/resource.ts'
import { checkCases, type Case } from '../manifest/cases.ts'
import { builtinTypes } from '../resources/index.generated.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { plain } from '../source/located.ts'
import {
  everyScript,
  programsForSomeParams,
  programsOfTypes,
  servicesOfTypes,
} from './started-programs.ts'

// What types start and whom they ask, as their cases show it, is what the table says.

/** A type that says what it asks and does, and everything that it said. */
function heard(type: AnyResourceType): {
  readonly type: AnyResourceType
  readonly programs: Set<string>
  readonly services: Set<string>
} {
  const programs = new Set<string>()
  const services = new Set<string>()
  const hear = (each: unknown): void => {
    const { read, do: does, argv, service } = each as Record<string, unknown>
    if (read === 'exec' || does === 'exec') programs.add((argv as string[])[0]!)
    if ((read === 'http' || does === 'http') && typeof service === 'string') services.add(service)
  }
  return {
    programs,
    services,
    type: {
      ...type,
      probe(params, seen) {
        const asked = type.probe(params, seen)
        Object.values(asked).filter(Boolean).forEach(hear)
        return asked
      },
      ...(type.change
        ? {
            change(diff, params, current) {
              const changes = type.change!(diff, params, current)
              changes.flatMap((each) => each.actions).forEach(hear)
              return changes
            },
          }
        : {}),
    },
  }
}

// Whatever a playbook writes is started and asked.
const open = new Set(['command', 'http'])
// Which of them depends on the system: the table has the sets.
const alternatives = new Set(['package', 'package_repository'])
const shells = new Set(['sh', 'test', ...everyScript])

describe.each(builtinTypes.filter(({ name }) => !open.has(name)).map((type) => [type.name, type]))(
  '%s',
  (name, type) => {
    const file = join(import.meta.dirname, `../resources/${name}/cases.yaml`)
    const cases = plain(parseYaml(file, readFileSync(file, 'utf8')).value!)
    const spy = heard(type)
    checkCases(spy.type, cases as unknown as readonly Case[])

    it('starts what the table says', () => {
      const started = [...spy.programs].filter((each) => !shells.has(each)).sort()
      const told = [
        ...(programsOfTypes[name] ?? []).flat(3),
        ...(programsForSomeParams[name] ?? []),
      ]
      if (alternatives.has(name)) expect(told).toEqual(expect.arrayContaining(started))
      else expect([...told].sort()).toEqual(started)
    })

    it('asks the services that the table says', () => {
      expect([...(servicesOfTypes[name] ?? [])].sort()).toEqual([...spy.services].sort())
    })
  },
)

it('names types that exist', () => {
  const names = new Set(builtinTypes.map((type) => type.name))
  for (const table of [programsOfTypes, programsForSomeParams, servicesOfTypes])
    for (const name of Object.keys(table)) expect(names).toContain(name)
})
