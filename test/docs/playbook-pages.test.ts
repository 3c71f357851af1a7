import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'

// Each playbook has a page, and the page says of it what the playbook itself says.

const root = join(import.meta.dirname, '../..')
const playbooks = readdirSync(join(root, 'playbooks'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))

/** Tables without the blanks that align their columns, which say nothing. */
const narrow = (text: string): string =>
  text.replace(/^\|.*$/gm, (row) => row.replace(/ {2,}/g, ' ').replace(/-{4,}/g, '---'))

describe.each(playbooks)('%s.yaml', (playbook) => {
  it('has a page with its inputs, what it touches, how it is undone, and a run', async () => {
    const page = narrow(readFileSync(join(root, 'docs/playbooks', `${playbook}.md`), 'utf8'))
    expect(page.startsWith(`# ${playbook}.yaml\n`)).toBe(true)
    const manual = await typed(['docs', join(root, 'playbooks', `${playbook}.yaml`)], {
      cwd: root,
      env: {},
      stateFolder: join(root, 'nowhere'),
    })
    const table = /^## Inputs\n\n((?:\|.*\n)+)/m.exec(manual.out)?.[1]
    expect(table).toBeDefined()
    expect(page).toContain(`## Inputs\n\n${narrow(table!)}`)
    for (const part of [
      '**Needs**: ',
      '**Touches**: ',
      '**Undo**: ',
      `$ trueup run playbooks/${playbook}.yaml `,
    ])
      expect(page).toContain(part)
  })

  it('stands in the list of playbooks', () => {
    expect(narrow(readFileSync(join(root, 'docs/playbooks.md'), 'utf8'))).toContain(
      `| [${playbook}.yaml](playbooks/${playbook}.md) |`,
    )
  })
})

it('has no page of a playbook that is gone', () => {
  expect(readdirSync(join(root, 'docs/playbooks')).sort()).toEqual(
    playbooks.map((playbook) => `${playbook}.md`).sort(),
  )
})
