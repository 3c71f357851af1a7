import { execFileSync } from 'node:child_process'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Names that say what a file is for in any folder. */
const usual: ReadonlySet<string> = new Set(['index.ts'])

/** Names that still stand twice. The list only shrinks: a change that renames a file removes its name. */
const twice: ReadonlySet<string> = new Set([
  'accounts.ts',
  'actions.ts',
  'adapt.ts',
  'apply.ts',
  'base64.test.ts',
  'base64.ts',
  'bench.fixture.ts',
  'catalog.ts',
  'changes.ts',
  'cluster.ts',
  'components.ts',
  'config.ts',
  'conformance.test.ts',
  'connections.ts',
  'demo.ts',
  'edit.ts',
  'entries.ts',
  'fetch.test.ts',
  'files.ts',
  'generated.ts',
  'groups.ts',
  'history.ts',
  'home.ts',
  'json.test.ts',
  'json.ts',
  'lab.ts',
  'load.fixture.ts',
  'load.test.ts',
  'load.ts',
  'login.ts',
  'main.ts',
  'mode.ts',
  'names.ts',
  'node.ts',
  'nodes.ts',
  'operations.ts',
  'options.ts',
  'outcome.ts',
  'param-rules.ts',
  'params.ts',
  'pattern.ts',
  'play.ts',
  'playbooks.ts',
  'problem.ts',
  'process.ts',
  'program.ts',
  'rbd.ts',
  'readings.ts',
  'records.ts',
  'rehearsal.test.ts',
  'repositories.ts',
  'resume.ts',
  'route.ts',
  'run.ts',
  'schema.test.ts',
  'schema.ts',
  'schemas.ts',
  'scope.ts',
  'script.ts',
  'session.ts',
  'sessions.ts',
  'settle.ts',
  'shell.ts',
  'site.ts',
  'table.ts',
  'transport.test.ts',
  'transport.ts',
  'tree.ts',
  'trust.test.ts',
  'types.ts',
  'values.ts',
  'world.ts',
  'xname.ts',
  'yaml.ts',
])

it('no two files have the same name, so that a name finds one file', () => {
  const files = execFileSync('git', ['ls-files', 'runner', 'lab', 'tools', 'test'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => /\.(?:ts|mjs|cjs)$/.test(file) && !file.includes('/twins/'))
  const places = new Map<string, string[]>()
  for (const file of files)
    places.set(basename(file), [...(places.get(basename(file)) ?? []), file])
  const again = [...places].filter(([name, paths]) => paths.length > 1 && !usual.has(name))
  expect(again.filter(([name]) => !twice.has(name))).toEqual([])
  expect([...twice].filter((name) => (places.get(name) ?? []).length < 2)).toEqual([])
})
