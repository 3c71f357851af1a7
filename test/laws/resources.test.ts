import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { registryFile } from '../../runner/manual/registry.ts'
import { checkCases, type Case } from '../../runner/manifest/cases.ts'
import { builtinTypes } from '../../runner/resources/index.generated.ts'
import type { ParamSchema } from '../../runner/contract/param-schema.ts'
import { parseYaml } from '../../runner/source/located-yaml.ts'
import { plain } from '../../runner/source/located.ts'

const resources = fileURLToPath(new URL('../../runner/resources/', import.meta.url))
const entries = readdirSync(resources, { withFileTypes: true })
const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)

describe.each(folders)('the type %s', (folder) => {
  const type = builtinTypes.find((each) => each.name === folder)

  it('is called as its folder', () => {
    expect(builtinTypes.map((each) => each.name)).toContain(folder)
  })

  it('keeps its cases and the laws of types', () => {
    const file = join(resources, folder, 'cases.yaml')
    const { value, diagnostics } = parseYaml(file, readFileSync(file, 'utf8'))
    expect(diagnostics).toEqual([])
    const faults = checkCases(type!, plain(value!) as unknown as readonly Case[])
    expect(faults).toEqual([])
  })

  it('has a summary, a source and a readme that fits under a heading of the manual', () => {
    expect(type!.summary).toMatch(/\.$/)
    const readme = readFileSync(join(resources, folder, 'readme.md'), 'utf8')
    expect(readme.trim().length).toBeGreaterThan(80)
    expect(readme).not.toMatch(/^##? /m)
  })

  it('marks what identifies its thing', () => {
    const marked = Object.values(type!.params.properties).filter((param) => param.identity)
    expect(marked.length).toBeGreaterThan(0)
  })

  it('shows a whole task in its readme', () => {
    expect(readFileSync(join(resources, folder, 'readme.md'), 'utf8')).toMatch(
      new RegExp(
        '```yaml\\n- (?:ensure|require|wait|read|run): .*\\n(?:  .*\\n)*?  ' + folder + ':',
        'm',
      ),
    )
  })
})

/** Texts of several lines: contents, keys, bodies and scripts. Every other text becomes a line, a header or an argument that is split. */
const ofSeveralLines = new Set([
  'authorized_key.key',
  'blockinfile.block',
  'bos_session_template.description',
  'ceph_keyring.keyring',
  'cfs_configuration.description',
  'command.argv',
  'command.cmd',
  'command.environment',
  'command.stdin',
  'copy.content',
  'k8s_secret.value',
  's3_object.content',
  'vault_secret.values',
  'secret_file.value',
])

describe('a text that becomes a line', () => {
  const texts = (
    name: string,
    schema: ParamSchema,
  ): readonly (readonly [string, ParamSchema])[] => [
    ...(schema.type === 'string' && schema.enum === undefined ? [[name, schema] as const] : []),
    ...(schema.items ? texts(name, schema.items) : []),
    ...(schema.additionalProperties ? texts(name, schema.additionalProperties) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, each]) =>
      texts(`${name}.${key}`, each),
    ),
  ]
  const all = builtinTypes.flatMap((type) =>
    Object.entries(type.params.properties).flatMap(([name, schema]) =>
      texts(`${type.name}.${name}`, schema),
    ),
  )
  const fitting = [
    'a',
    '/a',
    'a/b',
    '%s',
    '$6$a$b',
    '{mark}',
    'https://a/b',
    'sha256:',
    '0',
    'a.b',
    'A1',
  ]
  // Formats whose reader takes one line only.
  const isOneLine = ({ format, pattern, matcher }: ParamSchema): boolean =>
    format === 'line' ||
    format === 'pattern' ||
    format !== undefined ||
    matcher === true ||
    (pattern !== undefined &&
      fitting.every((text) =>
        ['\n', '\r', '\n* * * * * id'].every(
          (end) => !new RegExp(pattern, 'u').test(`${text}${end}`),
        ),
      ))

  it('holds no line end', () => {
    const open = all.filter(([, schema]) => !isOneLine(schema)).map(([name]) => name)
    expect(open.filter((name) => !ofSeveralLines.has(name))).toEqual([])
  })

  it('is not excused where it is one', () => {
    const open = new Set(all.filter(([, schema]) => !isOneLine(schema)).map(([name]) => name))
    expect([...ofSeveralLines].filter((name) => !open.has(name))).toEqual([])
  })
})

describe('the code of the types', () => {
  const files = entries.flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(join(resources, entry.name))
          .filter((name) => name.endsWith('.ts'))
          .map((name) => join(entry.name, name))
      : entry.name.endsWith('.ts')
        ? [entry.name]
        : [],
  )
  const forbidden: readonly (readonly [RegExp, string])[] = [
    [/\btry\s*\{|\bcatch\b/, 'try/catch'],
    [/\.\.\.params\b|Object\.(?:entries|keys|values|assign)\(params\b/, 'spread of params'],
    [/\bDate\b|Math\.random|\bsetTimeout\b/, 'clock or chance'],
    [/\basync\b|\bawait\s|\bPromise\b/, 'waiting'],
  ]

  it.each(files)('%s has no hands', (file) => {
    const code = readFileSync(join(resources, file), 'utf8').replace(
      /\/\*[\s\S]*?\*\/|\/\/.*$|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/gm,
      '',
    )
    expect(forbidden.filter(([pattern]) => pattern.test(code)).map(([, what]) => what)).toEqual([])
  })

  it.each(files.filter((file) => file.endsWith('index.ts')))('%s fits two screens', (file) => {
    // What is longer stands in files beside it: changes, foreign formats, the params of a large map.
    expect(readFileSync(join(resources, file), 'utf8').split('\n').length).toBeLessThan(170)
  })
})

describe('the registry', () => {
  it('is not stale', () => {
    const { path, text } = registryFile(resources)
    expect(existsSync(path)).toBe(true)
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})
