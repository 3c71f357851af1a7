import { expect, it } from 'vitest'
import { parseYaml } from './located-yaml.ts'
import { numberForms } from './number-forms.ts'

const warned = (text: string): readonly string[] =>
  numberForms(parseYaml('f', text).value!).map(({ message }) => message)

it.each([
  ['1.10', '1.1'],
  ['1.0', '1'],
  ['08', '8'],
  ['0644', '644'],
  ['0x1F', '31'],
  ['0o17', '15'],
  ['1e3', '1000'],
  ['+5', '5'],
  ['12345678901234567890', '12345678901234567000'],
])('warns of %s, which is the number %s', (written, number) => {
  expect(warned(`a: [{ b: ${written} }]`)).toEqual([`${written} is the number ${number} here`])
})

it.each(['1.1', '0', '-3', '"1.10"', '!raw 1.10', '1.10.2', '.inf', '1_000', 'true', '~'])(
  'does not warn of %s',
  (written) => {
    expect(warned(`a: ${written}`)).toEqual([])
  },
)
