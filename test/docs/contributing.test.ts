import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
const run = promisify(execFile)

/** A copy of the sources, in which the recipes are followed. */
let copy: string
beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), 'trueup-contributing-')))
  for (const path of [
    'runner',
    'lab',
    'tools',
    'docs',
    'schemas',
    'man',
    'playbooks',
    'inventory',
    'completions',
    'package.json',
    'tsconfig.json',
    '.dependency-cruiser.cjs',
  ])
    if (existsSync(join(root, path)))
      cpSync(join(root, path), join(copy, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const edit = (path: string, change: (text: string) => string): void => {
  const before = readFileSync(join(copy, path), 'utf8')
  const after = change(before)
  expect(after).not.toBe(before)
  writeFileSync(join(copy, path), after)
}
const read = (path: string): string => readFileSync(join(copy, path), 'utf8')
const source = async (...words: string[]): Promise<string> =>
  (await run(process.execPath, ['--import', './tools/run-typescript.mjs', ...words], { cwd: copy }))
    .stdout

describe('the recipes', () => {
  it('name files and folders that exist', () => {
    const paths = [...page.matchAll(/`((?:runner|test|docs)\/[\w./-]+)`/g)].map(([, path]) => path!)
    expect(paths.length).toBeGreaterThan(8)
    expect(
      paths.filter((path) => !/TYPE|NAME/.test(path) && !existsSync(join(root, path))),
    ).toEqual([])
  })

  it('add a param: the manual and the schema follow', async () => {
    edit('runner/resources/hostname/index.ts', (text) =>
      text.replace(
        /properties: \{\n/,
        (head) => `${head}      planted: { type: 'string', description: 'A planted param.' },\n`,
      ),
    )
    expect(await source('tools/generate.ts')).toContain('docs/types/hostname.md')
    expect(read('docs/types/hostname.md')).toContain('| `planted` | text |  | A planted param. |')
    expect(read('schemas/playbook.schema.json')).toContain('A planted param.')
  })

  it('add a format: one entry is read, printed and offered everywhere', async () => {
    edit('runner/text/formats.ts', (text) =>
      text
        .replace(
          'const localFile: Format<LocalFile>',
          (head) =>
            `const even: Format<number> = {
  words: 'an even number',
  hint: 'write 2',
  read: (text) => (/^[0-9]*[02468]$/.test(text) ? { value: Number(text) } : {}),
  print: (value) => \`2 x \${value / 2}\`,
  editorPattern: () => '^[0-9]*[02468]$',
}

${head}`,
        )
        .replace('  url,\n', () => '  url,\n  even,\n'),
    )
    edit('runner/resources/hostname/index.ts', (text) =>
      text.replace(
        /properties: \{\n/,
        (head) =>
          `${head}      pairs: { type: 'string', format: 'even', description: 'An even number.' },\n`,
      ),
    )
    await source('tools/generate.ts')
    expect(read('schemas/playbook.schema.json')).toContain('^[0-9]*[02468]$')
    for (const schema of ['playbook', 'resource', 'event'])
      expect(read(`schemas/${schema}.schema.json`), schema).toContain('"even"')
    expect(read('docs/types/hostname.md')).toContain('| `pairs` | even |')
    writeFileSync(
      join(copy, 'even.yaml'),
      'playbook: a\nplays: [{ play: p, hosts: all, tasks: [{ ensure: a, hostname: { name: a, pairs: "7" } }] }]\n',
    )
    const refused = await source('runner/cli/main.ts', 'validate', 'even.yaml').catch(
      (error: { readonly stderr: string; readonly stdout: string }) =>
        `${error.stdout}${error.stderr}`,
    )
    expect(refused).toContain("'7' is not an even number [param/format]")
    expect(refused).toContain('hint: write 2')
  })

  it('add a type: the registry and its manual page follow', async () => {
    cpSync(join(copy, 'runner/resources/hostname'), join(copy, 'runner/resources/planted'), {
      recursive: true,
    })
    edit('runner/resources/planted/index.ts', (text) =>
      text
        .replace('export const hostname =', () => 'export const planted =')
        .replace("name: 'hostname'", () => "name: 'planted'"),
    )
    await source('tools/generate.ts')
    expect(read('runner/resources/index.generated.ts')).toContain("from './planted/index.ts'")
    expect(read('docs/types/planted.md')).toContain('# planted')
    expect(await source('runner/cli/main.ts', 'types', 'planted')).toContain('planted')
  })

  it('add an output form: the option and the report follow', async () => {
    writeFileSync(
      join(copy, 'runner/report/count.ts'),
      "import type { Listener } from '../model/event.ts'\n\n/** Counts events. */\nexport function createCountReport(write: (text: string) => void): Listener {\n  let count = 0\n  return (event) => {\n    count += 1\n    if (event.type === 'run-ended') write(`${count} events\\n`)\n  }\n}\n",
    )
    edit('runner/report/forms.ts', (text) => text.replace("'json'", () => "'json', 'count'"))
    edit('runner/wiring/choose-report.ts', (text) =>
      text
        .replace(
          /^import /,
          () => "import { createCountReport } from '../report/count.ts'\nimport ",
        )
        .replace(
          "  if (flags.output === 'json')",
          () =>
            "  if (flags.output === 'count') return withoutScreen(createCountReport(write))\n  if (flags.output === 'json')",
        ),
    )
    expect(await source('runner/cli/main.ts', 'run', '--help')).toMatch(/choices: .*"count"/)
    writeFileSync(
      join(copy, 'one.yaml'),
      'playbook: one\nplays:\n  - play: one\n    hosts: localhost\n    tasks:\n      - require: it holds\n        that: true\n',
    )
    const words = ['run', 'one.yaml', '--output', 'count', '--no-log', '--state-dir', 'state']
    expect(await source('runner/cli/main.ts', ...words)).toMatch(/^\d+ events\n$/)
  })

  it('add a transport: what it implements is the contract of transports', () => {
    expect(read('runner/connect/transport.ts')).toContain('export interface Transport')
    expect(page).toContain('test/contract/session-contract.ts')
  })
})

describe('the page on the architecture', () => {
  it('has a row for each folder of the runner', async () => {
    const { readdirSync } = await import('node:fs')
    const folders = readdirSync(join(root, 'runner'))
    const rows = [...architecture.matchAll(/^\| `runner\/(\w+)`/gm)].map(([, name]) => name!)
    expect(folders.filter((name) => !rows.includes(name))).toEqual([])
  })
})
