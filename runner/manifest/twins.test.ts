import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseYaml } from '../source/located-yaml.ts'
import { plain } from '../source/located.ts'
import { checkCases, type Case } from './cases.ts'
import { compileManifest } from './compile.ts'

const folder = join(import.meta.dirname, 'twins')
const twins = readdirSync(folder).map((file) => file.replace('.resource.yaml', ''))

describe('a built-in type written as a manifest', () => {
  it.each(twins)('%s keeps all cases of the type that it copies', (name) => {
    const file = join(folder, `${name}.resource.yaml`)
    const { type, diagnostics } = compileManifest(file, readFileSync(file, 'utf8'))
    expect(diagnostics).toEqual([])
    const cases = join(import.meta.dirname, '../resources', name, 'cases.yaml')
    expect(
      checkCases(
        type!,
        plain(parseYaml(cases, readFileSync(cases, 'utf8')).value!) as unknown as readonly Case[],
      ),
    ).toEqual([])
  })
})
