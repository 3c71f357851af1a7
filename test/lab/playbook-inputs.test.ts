import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Value } from '../../runner/contract/value.ts'
import type { Diagnostic } from '../../runner/model/diagnostic.ts'
import { loadPlaybook } from '../../runner/playbook/load-playbook.ts'
import { builtinTypes } from '../../runner/resources/index.generated.ts'

// A text of a shipped playbook that no host could use is refused before any host is asked, with its place and what to type.

const folder = join(import.meta.dirname, '../..', 'playbooks')
const types = new Map(builtinTypes.map((type) => [type.name, type]))
const load = (file: string, inputs: Readonly<Record<string, Value>>) =>
  loadPlaybook({
    version: '0.1.0',
    file: join(folder, file),
    types,
    inputs,
    knownVars: new Set(),
  })
const odd = [
  '',
  ' ',
  '$(reboot)',
  'a;b',
  "it's",
  '{{ facts.arch }}',
  '-oProxyCommand=x',
  '../../etc',
  'ünïcödé',
  'a\nb',
  '\u001b[2J',
  '\u202eb',
  '\0',
  'x y'.repeat(10_000),
]
/** Texts in which some of these are no mistake: words of a kernel, or a pattern of names. */
const free: Readonly<Record<string, readonly string[]>> = {
  kernel_parameters: [
    '',
    '$(reboot)',
    'a;b',
    "it's",
    '{{ facts.arch }}',
    '-oProxyCommand=x',
    '../../etc',
    'x y'.repeat(10_000),
  ],
  base_image: ['$(reboot)', 'a;b', "it's", '-oProxyCommand=x', '../../etc'],
}

/** What is wrong with a text for one input; nothing where the playbook takes it. */
async function faultsOf(file: string, name: string, value: string): Promise<readonly Diagnostic[]> {
  const { playbook, diagnostics } = await load(file, { [name]: value })
  return playbook ? [] : diagnostics
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
  it(`${file} refuses texts that are none`, async () => {
    const { inputs } = await load(file, {})
    const texts = inputs.filter(({ schema }) => schema.type === 'string')
    const accepted: string[] = []
    for (const value of odd) {
      const wrong = texts.filter(({ name }) => !free[name]?.includes(value))
      // Together: an input is refused by itself, whatever the others are.
      const given = Object.fromEntries(wrong.map(({ name }) => [name, value]))
      const { diagnostics } = await load(file, given)
      for (const { name, schema } of wrong) {
        const own = diagnostics.filter(
          ({ code, message }) =>
            code === 'input/value' && new RegExp(`^the input '?${name}'?(?![\\w-])`).test(message),
        )
        const faults = own.length > 0 ? own : await faultsOf(file, name, value)
        if (faults.length === 0) accepted.push(`${name}=${JSON.stringify(value).slice(0, 40)}`)
        for (const { at, hint } of faults)
          expect([at?.line, hint], `${name} ${schema.pattern}`).toEqual([
            expect.any(Number),
            expect.any(String),
          ])
      }
    }
    expect(accepted).toEqual([])
  })
}
