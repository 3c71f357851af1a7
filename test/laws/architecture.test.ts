import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ESLint, type Linter } from 'eslint'
import tseslint from 'typescript-eslint'
import { afterAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
// Its types are not known to the compiler: it is a plain module.
const { houseRules } = (await import(join(root, 'eslint.config.js'))) as {
  houseRules: Linter.Config[]
}
const run = promisify(execFile)
const planted: string[] = []
afterAll(() => {
  for (const folder of planted) rmSync(folder, { recursive: true, force: true })
})

/** A house of its own with these files. */
function plant(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-house-'))
  planted.push(folder)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, text] of Object.entries({
    'package.json': readFileSync(join(root, 'package.json'), 'utf8'),
    'tsconfig.json':
      '{"compilerOptions":{"module":"NodeNext","allowImportingTsExtensions":true,"noEmit":true}}',
    ...files,
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** The rules that the import table finds broken, and where. */
async function brokenRules(folder: string): Promise<readonly string[]> {
  const argv = [
    join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    join(root, '.dependency-cruiser.cjs'),
    '--output-type',
    'json',
    ...['runner', 'lab'].filter((name) => existsSync(join(folder, name))),
  ]
  // Its exit code counts the violations.
  const { stdout } = await run(process.execPath, argv, { cwd: folder, maxBuffer: 64 << 20 }).catch(
    (error: { stdout: string }) => error,
  )
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string }; from: string }[] }
  }
  return summary.violations.map((each) => `${each.rule.name} in ${each.from}`)
}

describe('the import table', () => {
  it('holds', async () => {
    expect(await brokenRules(root)).toEqual([])
  })

  it('is broken by each planted violation, by name', async () => {
    const empty = 'export const nothing = 0\n'
    const folder = plant({
      'runner/model/a.ts': "import '../source/a.ts'\n",
      'runner/model/b.ts': "import 'node:fs'\n",
      'runner/contract/secret-text.ts': empty,
      'runner/contract/a.ts': "import type { N } from '../model/n.ts'\nexport type A = N\n",
      'runner/model/n.ts': 'export type N = 0\n',
      'runner/source/a.ts': empty,
      'runner/source/c.ts': "import './d.ts'\nexport const c = 0\n",
      'runner/source/d.ts': "import './c.ts'\nexport const d = 0\n",
      'runner/connect/a.ts': "import '../contract/secret-text.ts'\nexport type A = 0\n",
      'runner/engine/a.ts': "import type { A } from '../connect/a.ts'\nexport type B = A\n",
      'runner/engine/b.ts': "import 'vitest'\n",
      'runner/engine/c.ts': "import './d.test.ts'\n",
      'runner/engine/d.test.ts': "import 'ssh2'\nimport '../connect/a.ts'\n",
      'runner/engine/model.ts': "import type { E } from './decide/e.ts'\nexport type M = E\n",
      'runner/engine/tell.ts': "import './decide/e.ts'\nexport const t = 0\n",
      'runner/engine/decide/e.ts': 'export type E = 0\n',
      'runner/engine/decide/f.ts': "import type { G } from '../ask/g.ts'\nexport type F = G\n",
      'runner/engine/ask/g.ts': "import type { H } from '../act/h.ts'\nexport type G = H\n",
      'runner/engine/act/h.ts': "import '../ask/g.ts'\nexport type H = 0\n",
      'runner/engine/act/i.ts': "import '../schedule/j.ts'\n",
      'runner/engine/schedule/j.ts': "import '../act/h.ts'\nimport '../tell.ts'\n",
      'runner/journal/a.ts': "import type { B } from './b.ts'\nexport type A = B\n",
      'runner/journal/b.ts': "import type { A } from './a.ts'\nexport type B = 0 | A[]\n",
      'runner/report/a.ts': "import '../contract/secret-text.ts'\n",
      'runner/report/c.ts': "import type { A } from '../journal/a.ts'\nexport type C = A\n",
      'runner/journal/c.ts': "import type { B } from '../cli/a.ts'\nexport type A = B\n",
      'runner/cli/a.ts': "import '../manual/a.ts'\nexport type B = 0\n",
      'runner/manual/a.ts': "import type { B } from '../cli/a.ts'\nexport type D = B\n",
      'runner/wiring/a.ts': "import type { B } from '../cli/a.ts'\nexport type E = B\n",
      'runner/text/a.ts': "import type { A } from '../model/c.ts'\nexport type F = A\n",
      'runner/model/c.ts': 'export type A = 0\n',
      'runner/source/b.ts': "import 'handlebars'\nimport 'listr2'\n",
      'lab/a.ts': "import '../runner/engine/b.ts'\n",
      'lab/b.ts': "import type { C } from './c.ts'\nexport type B = C\n",
      'lab/c.ts': "import type { B } from './b.ts'\nexport type C = 0 | B[]\n",
      'runner/report/b.ts': "import '../nowhere.ts'\n",
      'runner/playbook/a.ts': "import 'yaml'\n",
      'runner/inventory/a.ts': "import '../playbook/a.ts'\n",
      'runner/resources/one/index.ts': "import '../two/index.ts'\n",
      'runner/resources/two/index.ts': "import '../shared.ts'\n",
      'runner/resources/shared.ts': "import 'ajv'\n",
    })
    const broken = await brokenRules(folder)
    for (const expected of [
      'model-imports in runner/model/a.ts',
      'handless in runner/model/b.ts',
      'contract-imports in runner/contract/a.ts',
      'no-cycle in runner/source/c.ts',
      'no-cycle in runner/journal/a.ts',
      'no-cycle in lab/b.ts',
      'engine-imports in runner/engine/a.ts',
      'engine-model-imports in runner/engine/model.ts',
      'engine-tell-imports in runner/engine/tell.ts',
      'engine-decide-imports in runner/engine/decide/f.ts',
      'engine-ask-imports in runner/engine/ask/g.ts',
      'engine-act-imports in runner/engine/act/h.ts',
      'engine-act-imports in runner/engine/act/i.ts',
      'unlisted-package in runner/engine/b.ts',
      'no-tests-inside in runner/engine/c.ts',
      'reveal in runner/report/a.ts',
      'report-imports in runner/report/c.ts',
      'journal-imports in runner/journal/c.ts',
      'manual-imports in runner/manual/a.ts',
      'wiring-imports in runner/wiring/a.ts',
      'text-imports in runner/text/a.ts',
      'lab-imports in lab/a.ts',
      'home-of-listr2 in runner/source/b.ts',
      'resolvable in runner/report/b.ts',
      'home-of-yaml in runner/playbook/a.ts',
      'inventory-imports in runner/inventory/a.ts',
      'types-apart in runner/resources/one/index.ts',
      'home-of-ajv in runner/resources/shared.ts',
      'handless in runner/resources/shared.ts',
    ])
      expect(broken).toContain(expected)
    // What is allowed stays allowed: a test may reach further, and connect/ may reveal.
    expect(
      broken.filter((each) =>
        /d\.test\.ts$|connect\/a\.ts$|two\/index\.ts$|schedule\/j\.ts$/.test(each),
      ),
    ).toEqual([])
  })
})

describe('the size of the command line', () => {
  it('is argv and wiring only: at most 1,500 lines without tests', () => {
    const lines = readdirSync(join(root, 'runner/cli'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/\.(?:test|fixture)\.ts$/.test(path))
      .map((path) => readFileSync(join(root, 'runner/cli', path), 'utf8').split('\n').length - 1)
      .reduce((sum, count) => sum + count, 0)
    expect(lines).toBeLessThanOrEqual(1500)
  })
})

describe('the contract and the types have no hands', () => {
  it('cannot name a network, a process, a timer or a file', async () => {
    const names = [
      'fetch',
      'process',
      'setTimeout',
      'console',
      'Buffer',
      'globalThis.fetch',
      'performance',
      'URL',
    ]
    const folder = plant({
      'tsconfig.pure.json': JSON.stringify({
        extends: join(root, 'tsconfig.pure.json'),
        compilerOptions: { pretty: false },
        include: ['runner'],
        exclude: [],
      }),
      'runner/model/hands.ts': `${names.map((name, i) => `export const hand${i} = ${name}`).join('\n')}\nimport { readFileSync } from 'node:fs'\nexport const hand = readFileSync\n`,
    })
    const { stdout } = await run(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.pure.json'],
      { cwd: folder },
    ).catch((error: { stdout: string }) => error)
    const lines = stdout.split('\n').flatMap((line) => /hands\.ts\((\d+),/.exec(line)?.[1] ?? [])
    expect([...new Set(lines.map(Number))].sort((a, b) => a - b)).toEqual(
      [...names, 'node:fs'].map((_name, i) => i + 1),
    )
  })
})

describe('the rules of the house', () => {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser as never } },
      ...houseRules,
    ],
  })
  const breaks = async (file: string, code: string): Promise<boolean> => {
    const [result] = await eslint.lintText(code, { filePath: join(root, file) })
    expect(result!.fatalErrorCount).toBe(0)
    return result!.errorCount > 0
  }
  const type = 'runner/resources/planted/index.ts'

  it.each([
    ['catches', 'export function probe(params) { try { return params.name } catch { return {} } }'],
    ['spreads its params', 'export function desire(params) { return { ...params } }'],
    ['takes a rest of its params', 'export function desire({ name, ...rest }) { return rest }'],
    ['lists its params', 'export const desire = (params) => Object.entries(params)'],
    ['prints its params', 'export const desire = (params) => JSON.stringify(params)'],
    ['waits', 'export async function probe(params) { return params.name }'],
    ['reads a clock', 'export const probe = () => ({ at: Date.now() })'],
    ['makes a date', 'export const probe = () => new Date()'],
    ['throws dice', 'export const probe = () => Math.random()'],
    [
      'puts values into a shell script',
      "export const probe = (params) => ask(['sh', '-c', `cat ${params.path}`])",
    ],
    [
      'adds values to a shell script',
      "export const probe = (params) => ask(['bash', '-ec', 'cat ' + params.path])",
    ],
  ])('a type that %s is refused', async (_what, code) => {
    expect(await breaks(type, code)).toBe(true)
  })

  it('a type that names what it needs is not', async () => {
    expect(
      await breaks(
        type,
        "export const probe = (params) => ask(['sh', '-c', 'cat \"$1\"', 'sh', params.path], [...params.exits])",
      ),
    ).toBe(false)
  })

  it.each([
    ['text.replace("a", found)', true],
    ['text.replaceAll("a", `${found}`)', true],
    ['text.replace(/a/g, String(found))', true],
    ['text.replace("a", () => found)', false],
    ["text.replace(/a/g, '\\\\$&')", false],
    ['text.replaceAll("a", `b`)', false],
  ])(
    'a text that comes from elsewhere is no pattern of a replacement: %s',
    async (code, breaksIt) => {
      expect(
        await breaks(
          'runner/engine/planted.ts',
          `export const x = (text: string, found: string) => ${code}`,
        ),
      ).toBe(breaksIt)
    },
  )

  it.each([
    ['tries every way', 'export const found = (text) => /^(a+)+$/.test(text)'],
    ['looks for its end again and again', "export const bare = (url) => url.replace(/\\/+$/, '')"],
  ])('a pattern that %s over what a host says is refused', async (_what, code) => {
    expect(await breaks('runner/connect/planted.ts', code)).toBe(true)
    expect(await breaks(type, code)).toBe(true)
  })

  it('elsewhere too: no default export, no shell from text, no console', async () => {
    expect(await breaks('runner/engine/planted.ts', 'export default 1')).toBe(true)
    expect(
      await breaks(
        'runner/connect/planted.ts',
        "import { execSync } from 'node:child_process'\nexecSync('true')",
      ),
    ).toBe(true)
    expect(await breaks('runner/report/planted.ts', "console.log('x')")).toBe(true)
  })
})
