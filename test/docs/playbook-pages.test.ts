import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'
import { makeKey } from '../../runner/connect/ssh/sshd.fixture.ts'

// Each playbook has a page, and the page says of it what the playbook itself says.

const root = join(import.meta.dirname, '../..')
const playbooks = readdirSync(join(root, 'playbooks'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))

/** Tables without the blanks that align their columns, which say nothing. */
const narrow = (text: string): string =>
  text.replace(/^\|.*$/gm, (row) => row.replace(/ {2,}/g, ' ').replace(/-{4,}/g, '---'))

/** The recorded run of a page: what stands behind the playbook in its command, and what it said. */
const sampleRun = /^\$ trueup run playbooks\/[\w-]+\.yaml (-i .*)\n([^]*?)^```$/m

/** The inputs of a command line: any file stands for one that is named, and two keys for those in the file of inputs. */
function inputsOf(options: string): readonly string[] {
  return [...options.matchAll(/-e (?:'([^']*)'|(\S+))/g)]
    .map(([, quoted, plain]) => (quoted ?? plain!).replace(/\$PWD\S+/, join(root, 'package.json')))
    .flatMap((input) =>
      input.startsWith('@')
        ? [`new_key=${makeKey().public}`, `old_key=${makeKey().public}`]
        : [input],
    )
    .flatMap((input) => ['-e', input])
}

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

  it('shows a run of the tasks that the playbook has', async () => {
    const page = readFileSync(join(root, 'docs/playbooks', `${playbook}.md`), 'utf8')
    const [, options, said] = sampleRun.exec(page)!
    const listed = await typed(
      [
        ...['run', join(root, 'playbooks', `${playbook}.yaml`), '--list-tasks'],
        ...['-i', join(root, 'inventory/lab.yaml'), ...inputsOf(options!)],
      ],
      { cwd: root, env: {}, stateFolder: join(root, 'nowhere') },
    )
    expect(listed).toMatchObject({ exit: 0, err: '' })
    const leftOut = [...said!.matchAll(/^play: (.*) \([^)]*\): left out, /gm)].map(
      ([, play]) => play,
    )
    const wanted = [...listed.out.matchAll(/^(\S.*): \d+ hosts? of .*\n((?: .*\n)*)/gm)]
      .filter(([, play]) => !leftOut.includes(play))
      .flatMap(([, , tasks]) => [...tasks!.matchAll(/^ +\d+ {2}(\w+: .*?) {2}\S/gm)])
    const shown = [...said!.matchAll(/^(?:ok|changed|skipped) +(\w+: .*): [\w-]+$/gm)]
    const tasksOf = (found: readonly RegExpExecArray[]): readonly string[] =>
      [...new Set(found.map(([, task]) => task!))].toSorted()
    expect(tasksOf(shown)).toEqual(tasksOf(wanted))
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
