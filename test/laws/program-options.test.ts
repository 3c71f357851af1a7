import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { optionsOf } from '../../tools/program-options.mjs'

const root = join(import.meta.dirname, '../..')
const spec = {
  count: { type: 'number', least: 1, default: 5 },
  seed: { type: 'number' },
  name: { type: 'string', default: 'a' },
  all: { type: 'boolean', default: false },
} as const

describe('options of a program', () => {
  it('are numbers, texts and truths, with their defaults', () => {
    expect(optionsOf([], spec)).toEqual({
      values: { count: 5, name: 'a', all: false },
      positionals: [],
    })
    expect(optionsOf(['--count', '7', '--seed', '0', '--all'], spec)).toMatchObject({
      values: { count: 7, seed: 0, all: true },
    })
    expect(optionsOf(['a', 'b'], spec, { positionals: true })).toMatchObject({
      positionals: ['a', 'b'],
    })
  })

  it.each([
    [['--count', 'abc'], "--count wants a whole number, 1 or more, not 'abc'"],
    [['--count', '0'], "--count wants a whole number, 1 or more, not '0'"],
    [['--seed', '1.5'], "--seed wants a whole number, 0 or more, not '1.5'"],
    [['--seed=-1'], "--seed wants a whole number, 0 or more, not '-1'"],
    [['--frob'], "Unknown option '--frob'; there are --count, --seed, --name, --all"],
    [['--count'], /^Option '--count <value>' argument missing; there are --count/],
    [['word'], /^Unexpected argument 'word'/],
  ] as const)('%j are refused in words', (argv, wrong) => {
    const read = optionsOf(argv, spec)
    if (typeof wrong === 'string') expect(read.wrong).toBe(wrong)
    else expect(read.wrong).toMatch(wrong)
  })

  it.each(['race', 'pairs', 'campaign', 'bench'])(
    'npm run %s begins nothing with a wrong one',
    (name) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--import', './tools/run-typescript.mjs', `test/${name}/main.ts`, '--frob'],
        { cwd: root, encoding: 'utf8' },
      )
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
      expect(stderr).toMatch(
        new RegExp(`^${name}: Unknown option '--frob'; there are --\\w+.*\\n$`),
      )
    },
  )
})
