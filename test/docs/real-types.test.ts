import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

// Every built-in type is driven on real parts by `npm run test:real`, or listed with the reason why not.

const root = join(import.meta.dirname, '../..')
/** The playbooks that the real tests run, beside what stands in the tests themselves. */
const playbooks = [
  'storage',
  'after-reboot',
  'return-node',
  'remote-build-node',
  'tasks/ceph-client',
  'tasks/build-cache',
  'tasks/register',
].map((name) => join(root, 'playbooks', `${name}.yaml`))
const tests = readdirSync(join(root, 'test/real'))
  .filter((name) => name.endsWith('.real.ts'))
  .map((name) => join(root, 'test/real', name))
const types = readdirSync(join(root, 'runner/resources'), { withFileTypes: true })
  .filter((each) => each.isDirectory())
  .map(({ name }) => name)

it('each type is driven on real parts, or said not to be', () => {
  const lines = [...playbooks, ...tests].flatMap((path) => readFileSync(path, 'utf8').split('\n'))
  const driven = types.filter((type) =>
    lines.some((line) =>
      new RegExp(`^\\s+${type}:(\\s|$)|\\n  ${type}: |\\\\n  ${type}: `).test(line),
    ),
  )
  const listed = parse(readFileSync(join(root, 'test/real/not-driven.yaml'), 'utf8')) as Record<
    string,
    string
  >
  expect([...driven, ...Object.keys(listed)].sort()).toEqual([...types].sort())
  for (const reason of Object.values(listed)) expect(reason).toMatch(/\w+ \w+/)
})
