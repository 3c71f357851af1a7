import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseYaml } from '../../runner/source/located-yaml.ts'
import { plain } from '../../runner/source/located.ts'

const folder = join(import.meta.dirname, '../../playbooks')
interface Written {
  readonly inputs: Readonly<Record<string, { readonly default?: unknown }>>
  readonly plays: readonly { readonly include?: string; readonly inputs?: object }[]
}
const read = (name: string): Written =>
  plain(parseYaml(name, readFileSync(join(folder, name), 'utf8')).value!) as unknown as Written
const whole = read('whole.yaml')
const includes = whole.plays.flatMap(({ include, inputs = {} }) =>
  include === undefined ? [] : [[include, inputs as Readonly<Record<string, string>>] as const],
)

it('the whole procedure is made of other playbooks', () =>
  expect(includes.length).toBeGreaterThan(4))

it.each(includes)('%s gets each of its inputs from the whole procedure', (name, given) => {
  // What `lock.yaml` unlocks again, the whole procedure does not do.
  const own = Object.keys(read(name).inputs).filter(
    (input) => !(name === 'lock.yaml' && input === 'state'),
  )
  expect(Object.keys(given).sort()).toEqual(own.sort())
})

it.each(includes)('%s has the defaults that it has alone', (name, given) => {
  const own = read(name).inputs
  for (const [input, value] of Object.entries(given)) {
    const from = /^\{\{ (\w+) \}\}$/.exec(value)?.[1]
    expect(from).toBeDefined()
    if (input !== 'wanted') expect(whole.inputs[from!]!.default).toEqual(own[input]!.default)
  }
})
