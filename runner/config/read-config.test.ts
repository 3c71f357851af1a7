import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileAccounts } from '../files/accounts.ts'
import { readConfig, type Config } from './read-config.ts'
import { settings, variableOf } from './settings.ts'

let root: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'trueup-config-')))
})
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string, text: string, mode = 0o644): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

const read = (env: Record<string, string> = {}, folder = 'site/playbooks'): Config => {
  mkdirSync(join(root, folder), { recursive: true })
  return readConfig({
    env: { HOME: join(root, 'home'), ...env },
    cwd: join(root, folder),
    systemFile: join(root, 'etc/config.yaml'),
    trust: {
      user: process.geteuid?.() ?? null,
      groups: [],
      product: null,
      accounts: fileAccounts(),
    },
  })
}
const valuesOf = ({ values }: Config): Record<string, unknown> =>
  Object.fromEntries([...values].map(([name, { value }]) => [name, value]))
const codes = ({ diagnostics }: Config): readonly string[] => diagnostics.map(({ code }) => code)

describe('a configuration', () => {
  it('takes each setting from its strongest place and says which it is', () => {
    put('etc/config.yaml', 'forks: 5\noutput: plain\ndiff: true\nlock_timeout: 1m\n')
    put('home/.config/trueup/config.yaml', 'forks: 6\noutput: json\n')
    put('site/trueup.yaml', 'forks: 7\n')
    const config = read({ TRUEUP_DIFF: 'false' })
    expect(config.diagnostics).toEqual([])
    expect(valuesOf(config)).toEqual({
      forks: 7,
      output: 'json',
      diff: false,
      lock_timeout: '1m',
    })
    expect(config.values.get('diff')!.origin).toBe('TRUEUP_DIFF')
    expect(config.values.get('forks')!.origin).toBe(`${join(root, 'site/trueup.yaml')}:1:8`)
    expect(config.files.map((file) => file.slice(root.length + 1))).toEqual([
      'site/trueup.yaml',
      'home/.config/trueup/config.yaml',
      'etc/config.yaml',
    ])
  })

  it('has paths that are relative to their file, and words that are not', () => {
    put('site/trueup.yaml', 'inventory: [inventory, ~/mine]\non_end: { command: [logger, -t] }\n')
    expect(valuesOf(read())).toEqual({
      inventory: [join(root, 'site/inventory'), join(root, 'home/mine')],
      'on_end.command': ['logger', '-t'],
    })
  })

  it('is the nearest one above, and no other', () => {
    put('trueup.yaml', 'forks: 1\n')
    put('site/trueup.yaml', 'diff: true\n')
    expect(valuesOf(read())).toEqual({ diff: true })
  })

  it('is refused where others could write it', () => {
    put('site/trueup.yaml', 'forks: 7\n', 0o666)
    const config = read()
    expect(valuesOf(config)).toEqual({})
    expect(config.diagnostics[0]!.message).toContain('0666')
  })

  it.each([
    ['forks: many\n', 'config/value', 'forks wants an integer, not a text'],
    ['forks: 0\n', 'config/value', 'forks is 0; the least is 1'],
    ['output: pretty\n', 'config/value', 'output is not one of auto, plain, json'],
    ['keep_runs: { age: soon }\n', 'config/value', "'soon' is not a duration"],
    ['keep_runs: 10\n', 'config/unknown-setting', "'keep_runs' is a map of settings"],
    ['fork: 10\n', 'config/unknown-setting', "'fork' is not a setting"],
    ['keep_runs: { sise: 1G }\n', 'config/unknown-setting', "'keep_runs.sise' is not a setting"],
    ['on_end: { webhook: "https://me:pw@host/" }\n', 'config/value', 'without a user'],
    ['trusted_groups: [wheel]\n', 'config/unknown-setting', "the system's configuration alone"],
    ['- forks\n', 'config/value', 'a configuration is a map of settings'],
  ])('of %j is an error with its place', (text, code, message) => {
    put('site/trueup.yaml', text)
    const [first] = read().diagnostics
    expect([first!.code, first!.at!.line]).toEqual([code, 1])
    expect(first!.message).toContain(message)
    expect(first!.hint).toBeTruthy()
  })

  it('takes trusted groups in the file of the system', () => {
    put('etc/config.yaml', 'trusted_groups: [csm-admins]\n')
    expect(codes(read())).toEqual([])
  })

  it('names a variable that is nearly a setting, and leaves those of others alone', () => {
    const config = read({ TRUEUP_FORK: '5', TRUEUP_SOMETHING_ELSE: '1' })
    expect(codes(config)).toEqual(['config/unknown-variable'])
    expect(config.diagnostics[0]!.hint).toBe('did you mean TRUEUP_FORKS?')
  })

  it('refuses a variable with a value that means nothing', () => {
    expect(codes(read({ TRUEUP_DIFF: 'perhaps' }))).toEqual(['config/value'])
    expect(read({ TRUEUP_LOCK_TIMEOUT: 'soon' }).diagnostics[0]!.message).toBe(
      "TRUEUP_LOCK_TIMEOUT: 'soon' is not a duration",
    )
  })

  it('has a variable for each setting', () => {
    const names = settings.map(variableOf)
    expect(new Set(names).size).toBe(settings.length)
    expect(names).toContain('TRUEUP_KEEP_RUNS_AGE')
  })
})
