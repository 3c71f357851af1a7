import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/page-and-playbook.md'), 'utf8')

it('the page beside the playbook names each of its steps, in its order, and shows one as it is', async () => {
  const { out } = await typed(['docs', join(root, 'playbooks/remote-build-node.yaml')], {
    cwd: root,
    env: {},
    stateFolder: join(root, 'nowhere'),
  })
  const steps = [...out.matchAll(/^### (\d+\. .*)$/gm)].map(([, step]) => step)
  const named = [...page.matchAll(/^\|(?:[^|]*\|){3} (\d+\. [^|]*?) +\|/gm)].map(([, step]) => step)
  expect(named).toEqual(steps)
  const shown = /```text\n(### 4\.[\s\S]*?)\n```/.exec(page)![1]!
  expect(out).toContain(shown)
})
