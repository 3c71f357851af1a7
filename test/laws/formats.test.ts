import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../runner/config/read-config.ts'
import { Matcher } from '../../runner/contract/matcher.ts'
import type { ParamSchema } from '../../runner/contract/param-schema.ts'
import { defineResource, type AnyResourceType } from '../../runner/contract/resource.ts'
import { canonical, type Value } from '../../runner/contract/value.ts'
import { fileAccounts } from '../../runner/files/accounts.ts'
import { buildInventory } from '../../runner/inventory/load-inventory.ts'
import { manualOf } from '../../runner/manual/type-manual.ts'
import { paramsOfCase } from '../../runner/manifest/case-params.ts'
import { compileManifest } from '../../runner/manifest/compile.ts'
import { manifestSchema } from '../../runner/manifest/manifest-schema.ts'
import { driftWords } from '../../runner/model/drift-words.ts'
import { asDiagnosticError } from '../../runner/model/diagnostic.ts'
import type { Task } from '../../runner/model/playbook.ts'
import { valueOf } from '../../runner/model/value-tree.ts'
import { inputKeys } from '../../runner/playbook/declared-inputs.ts'
import { loadPlaybook } from '../../runner/playbook/load-playbook.ts'
import { diffLines } from '../../runner/report/diff-lines.ts'
import {
  paramDefinitions,
  paramJsonSchema,
  type Json,
} from '../../runner/schema/value-json-schema.ts'
import { readValue } from '../../runner/schema/read-value.ts'
import { noFiles, unknownValue, writtenValue } from '../../runner/schema/written.ts'
import {
  formatNames,
  formatOf,
  printedFormats,
  printedText,
  type FormatName,
} from '../../runner/text/formats.ts'
import { random } from '../harness/random.ts'

// Every entrance reads a format by the one table: what one takes, all take, as the same value, printed in the same form.

const texts: readonly string[] = [
  '',
  ' ',
  '0',
  '0644',
  '644',
  '99999',
  '50G',
  ' 50 GiB ',
  '1.5t',
  '9999999E',
  '-5',
  '30s',
  '1h 30m',
  '30',
  '1d',
  '/etc/x',
  '/etc//../x',
  '~root/x',
  '~/x',
  'etc/x',
  '/a\nb',
  'a\r',
  'a\0b',
  'x3000c0s19b1n0',
  ' X3000C0S019B1N00 ',
  'x3000c0s19b1',
  'x3000',
  's0',
  'a(b',
  '^a.*b$',
  '(?=a)',
  'https://host/path?x=1',
  'http://u:p@host/',
  'ftp://host/',
  'https://',
]
const others: readonly Value[] = [0, 1, -1, 1.5, 644, true, false, null, [], ['a'], { a: 'b' }]

/** Pieces of the texts above, put together by chance. */
function* mixed(seed: number, count: number): Generator<string> {
  const next = random(seed)
  for (let i = 0; i < count; i++) {
    const [a, b] = [texts[next(texts.length)]!, texts[next(texts.length)]!]
    yield a.slice(next(a.length + 1)) + b.slice(0, next(b.length + 1))
  }
}
const values: readonly Value[] = [...texts, ...others, ...mixed(7, 150)]

const place = { file: 'here', line: 1, column: 1 }
const named = formatNames.filter((name) => formatOf(name).isLocal !== true)
const schemaOf = (format: FormatName): ParamSchema => ({
  type: 'string',
  description: 'It.',
  format,
  identity: true,
})

/** The canonical value as text; null where the value is refused. */
type Entrance = (format: FormatName, value: Value) => string | null | Promise<string | null>

const read: Entrance = (format, value) => {
  const made = readValue(schemaOf(format), writtenValue(value, place, noFiles), {
    name: 'it',
    files: noFiles,
    report: () => undefined,
  })
  return made === unknownValue ? null : canonical(made)
}

function typeOf(format: FormatName): AnyResourceType {
  return defineResource({
    name: 'thing',
    summary: 'A thing.',
    params: { type: 'object', properties: { it: schemaOf(format) } },
    state: { it: { type: 'string', description: 'It.' } },
    probe: () => ({}),
    observe: () => ({ it: null }),
  }) as AnyResourceType
}

/** The one task of a playbook whose text is given; null where the playbook is refused. */
async function taskOf(
  format: FormatName,
  text: string,
  inputs: Readonly<Record<string, Value>> = {},
): Promise<{ readonly task: Task; readonly inputs: Readonly<Record<string, Value>> } | null> {
  const { playbook } = await loadPlaybook({
    version: '0.1.0',
    file: '/p.yaml',
    types: new Map([['thing', typeOf(format)]]),
    inputs,
    knownVars: new Set(),
    readText: () => Promise.resolve(text),
  })
  return playbook && { task: playbook.plays[0]!.tasks[0] as Task, inputs: playbook.inputs }
}

/** What the task's param becomes when it is rendered. */
function rendered({
  task,
  inputs,
}: NonNullable<Awaited<ReturnType<typeof taskOf>>>): string | null {
  const tree = task.params!.fields['it']!
  try {
    return canonical(task.params!.accept('it', valueOf(tree, inputs), tree.at))
  } catch (error) {
    if (!asDiagnosticError(error)) throw error
    return null
  }
}

const playbookOf = (it: string, more = ''): string =>
  `playbook: b\n${more}plays: [{ play: p, hosts: all, tasks: [{ read: a, thing: { it: ${it} } }] }]\n`

/** A value as YAML: JSON is YAML, and no text in it is a template. */
const yamlOf = (value: Value): string =>
  typeof value === 'string' ? `!raw ${JSON.stringify(value)}` : JSON.stringify(value)

const entrances: Readonly<Record<string, Entrance>> = {
  'a param of a playbook': async (format, value) => {
    const found = await taskOf(format, playbookOf(yamlOf(value)))
    return found && rendered(found)
  },
  'a computed param': async (format, value) => {
    const found = await taskOf(format, playbookOf('"{{ x }}"', 'inputs: { x: { type: any } }\n'), {
      x: value,
    })
    return found && rendered(found)
  },
  'an input that is given': async (format, value) => {
    const inputs = `inputs: { x: { type: string, format: ${format} } }\n`
    const found = await taskOf(format, playbookOf('"{{ x }}"', inputs), { x: value })
    return found && rendered(found)
  },
  'the default of an input': async (format, value) => {
    // A default that is null says that the input may be left out.
    if (value === null) return null
    const inputs = `inputs: { x: { type: string, format: ${format}, default: ${yamlOf(value)} } }\n`
    const found = await taskOf(format, playbookOf('"{{ x }}"', inputs))
    return found && rendered(found)
  },
  'a case of a type': (format, value) => {
    const params = { type: 'object', properties: { it: schemaOf(format) } } as const
    const { params: made, faults } = paramsOfCase(params, { it: value }, 'thing')
    return faults.length > 0 ? null : canonical(made['it'])
  },
  'the default of a manifest': (format, value) => {
    if (value === null) return null
    const { type, diagnostics } = compileManifest(
      'thing.resource.yaml',
      `type: site.thing
summary: A thing.
params:
  properties:
    name: { type: string, identity: true, description: Name. }
    it: { type: string, format: ${format}, default: ${JSON.stringify(value)}, description: It. }
state: { there: { type: boolean, description: Whether. } }
probe: { show: { read: text, path: /x } }
observe: { there: { from: show, exists: true } }
`,
    )
    if (diagnostics.some(({ code }) => code === 'manifest/param')) return null
    expect(diagnostics).toEqual([])
    return read(format, type!.params.properties['it']!.default!) as string | null
  },
}

/** Settings of a configuration that have a format. */
const settingOf: Partial<Record<FormatName, readonly [file: string, name: string]>> = {
  size: ['keep_runs: { size: IT }', 'keep_runs.size'],
  duration: ['lock_timeout: IT', 'lock_timeout'],
  url: ['on_end: { webhook: IT }', 'on_end.webhook'],
}

describe('a format', () => {
  it.each(named)('%s is read alike by every entrance', async (format) => {
    for (const value of values) {
      const expected = await read(format, value)
      for (const [name, entrance] of Object.entries(entrances)) {
        // The text of a computed value is data; of an input that is text nothing is a template either.
        const found = await entrance(format, value)
        expect(found, `${format} ${JSON.stringify(value)}, ${name}`).toBe(expected)
      }
    }
  })

  it.each(named)('%s takes some texts and refuses others', async (format) => {
    const taken = texts.filter((text) => read(format, text) !== null)
    expect(taken.length).toBeGreaterThan(0)
    expect(taken.length).toBeLessThan(texts.length)
  })

  it.each(Object.keys(settingOf) as FormatName[])('%s is read alike in a setting', (format) => {
    const [, name] = settingOf[format]!
    const variable = `TRUEUP_${name.toUpperCase().replaceAll('.', '_')}`
    for (const text of values.filter((value) => typeof value === 'string')) {
      const { values: found } = readConfig({
        env: { HOME: '/nowhere', [variable]: text },
        cwd: '/',
        systemFile: '/nowhere/config.yaml',
        trust: { user: null, groups: [], product: null, accounts: fileAccounts() },
      })
      const setting = found.get(name)
      expect(setting ? canonical(setting.read) : null, `${name} ${JSON.stringify(text)}`).toBe(
        read(format, text),
      )
    }
  })

  it('duration is read alike in a keyword, where it is not zero', async () => {
    for (const value of values.filter((each) => each !== null)) {
      const { diagnostics } = await loadPlaybook({
        version: '0.1.0',
        file: '/p.yaml',
        types: new Map([['thing', typeOf('duration')]]),
        inputs: {},
        knownVars: new Set(),
        readText: () =>
          Promise.resolve(
            `playbook: b\nplays: [{ play: p, hosts: all, tasks: [{ read: a, thing: { it: 1s }, timeout: ${yamlOf(value)} }] }]\n`,
          ),
      })
      const isTaken = Number(read('duration', value) ?? 0) > 0
      expect(diagnostics.length === 0, `timeout: ${JSON.stringify(value)}`).toBe(isTaken)
    }
  })

  it('duration is read alike in an inventory, which takes seconds too', () => {
    for (const value of values) {
      const { inventory, diagnostics } = buildInventory([
        {
          path: '/i.yaml',
          text: `hosts: { a: { connect_timeout: ${yamlOf(value)} } }`,
          about: { kind: 'inventory' },
        },
      ])
      const isSeconds = /^[0-9]{1,9}$/.test(String(value)) || typeof value === 'number'
      const seconds = isSeconds ? Number(value) : Number(read('duration', value) ?? 0)
      const found = inventory?.hosts.get('a')?.connection.connectTimeout
      const isTaken = seconds > 0 && seconds <= 86_400
      expect(found, `connect_timeout: ${JSON.stringify(value)}`).toBe(isTaken ? seconds : undefined)
      expect(diagnostics.length === 0).toBe(isTaken)
    }
  })

  it('url is read alike in an inventory, whose services have no query', () => {
    for (const value of values) {
      const { diagnostics } = buildInventory([
        {
          path: '/i.yaml',
          text: `services: { a: { url: ${yamlOf(value)} } }`,
          about: { kind: 'inventory' },
        },
      ])
      const isTaken = read('url', value) !== null && !/[?#]/.test(String(value))
      expect(diagnostics.length === 0, `url: ${JSON.stringify(value)}`).toBe(isTaken)
    }
  })

  it.each(named)('%s is taken alike by an editor', (format) => {
    const check = new Ajv({ strict: false }).compile({
      ...paramJsonSchema(schemaOf(format)),
      $defs: paramDefinitions,
    })
    const expression = /[("'[{?]|^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/
    for (const value of values) {
      const isTaken = read(format, value) !== null
      // An editor knows neither the largest size nor each mistake in an expression; it takes what may be computed.
      const mayBeComputed = typeof value === 'string' && expression.test(value)
      const isBeyondEditors = format === 'pattern' || /\d{4,}E/i.test(String(value))
      if (isTaken || !(mayBeComputed || isBeyondEditors))
        expect(check(value), `${format} ${JSON.stringify(value)}`).toBe(isTaken)
    }
  })

  it.each(printedFormats)('%s is printed alike everywhere', (format) => {
    const numbers = values
      .map((value) => JSON.parse((read(format, value) as string | null) ?? 'null') as Value)
      .filter((value) => typeof value === 'number')
    expect(numbers.length).toBeGreaterThan(3)
    for (const number of new Set(numbers)) {
      const text = printedText(format, number)!
      const field = { type: 'number', format, description: 'It.' } as const
      const plain = diffLines({ it: { from: number, to: null } }, (_, said) => said, 200, {
        it: format,
      })
      expect(plain.join('\n')).toContain(`it: ${text} → `)
      expect(driftWords({ it: { from: number, to: null } }, { it: field })).toContain(text)
      expect(String(new Matcher('at_least', number, format))).toBe(`at least ${text}`)
      const type = typeOf(format)
      const params = { type: 'object', properties: { it: { ...field, default: number } } } as const
      expect(manualOf({ ...type, params } as AnyResourceType, '')).toContain(`\`${text}\``)
      // What is printed can be written again.
      expect(read(format, text), text).not.toBeNull()
    }
  })

  it('is offered wherever a format may be written', () => {
    const manifest = manifestSchema as unknown as {
      readonly definitions: { readonly param: { readonly properties: { readonly format: Json } } }
    }
    expect(manifest.definitions.param.properties.format['enum']).toEqual(
      formatNames.filter((name) => name !== 'host-folder'),
    )
    expect((inputKeys['format']!.schema as Json)['enum']).toEqual(named)
  })
})
