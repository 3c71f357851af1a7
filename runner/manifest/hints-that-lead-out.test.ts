import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { typed } from '../cli/io.fixture.ts'

let folder = ''
const folders: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-ways-out-'))
  folders.push(folder)
  mkdirSync(join(folder, 'types'))
})
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })))

const type = (observe: string, change: string): string => `type: site.key
summary: A key has this text.
params:
  required: [key]
  properties:
    key: { type: string, identity: true, pattern: '^[a-z]+$', description: The key. }
    value: { type: string, description: "Its text." }
state:
  value: { type: string, description: "Its text; null where it has none." }
  more: { type: array, items: { type: string, description: A name. }, information: true, description: Others. }
probe:
  found: { read: exec, argv: [getkey, "{{ key }}"] }
observe:
  value: ${observe}
  more: !expr found.stdout.split("\\n")
desire:
  value: "{{ value }}"
change:
  - on: value
    title: write {{ key }}
    ${change}
`
const found = '{ from: found }'
const set = 'argv: [setkey, "{{ key }}", "{{ value }}"]'
const cases = (more = ''): string => `- name: is so
  params: { key: a, value: "1" }
  reads: { found: { stdout: "1\\n" } }
  diff: {}
- name: is written
  params: { key: a, value: "2" }
  reads: { found: { stdout: "1\\n" } }
  diff: { value: ["1", "2"] }
${more}  then: { found: { stdout: "2\\n" } }
- name: cannot be read
  params: { key: a, value: "2" }
  reads: { found: { exit: 1 } }
  fails: read/exit
`
async function tested(manifest: string, text: string) {
  writeFileSync(join(folder, 'types/key.resource.yaml'), manifest)
  writeFileSync(join(folder, 'types/key.cases.yaml'), text)
  const { exit, out, err } = await typed(['test', join(folder, 'types')], {
    cwd: folder,
    stateFolder: join(folder, 'state'),
  })
  return { exit, said: `${out}${err}`.replace(/\s+/g, ' ') }
}

describe('a change', () => {
  it.each(['{{ found.stdout }}', '{{ upper found.stdout }}'])(
    'that names a probe (%s) is shown the way that leads there',
    async (words) => {
      const { exit, said } = await tested(type(found, `argv: [setkey, "${words}"]`), cases())
      expect(exit).toBe(3)
      expect(said).toContain("unknown name 'found': that is a probe, and changes see the state")
      expect(said).toContain('and write current.FIELD here')
    },
  )

  it('in an expression as well; and another unknown name is no probe', async () => {
    const { said } = await tested(type(found, 'argv: [setkey, !expr found.stdout]'), cases())
    expect(said).toContain('that is a probe')
    const other = await tested(type(found, 'argv: [setkey, "{{ fond }}"]'), cases())
    expect(other.said).toContain("unknown name 'fond'")
    expect(other.said).not.toContain('that is a probe')
  })

  it('does an action for each item of a list, in its order', async () => {
    const loop =
      'actions: [{ loop: !expr "current.more + [value]", argv: [setkey, "{{ key }}", "{{ item }}"] }]'
    const does = '  does: [[setkey, a, "1"], [setkey, a, "2"]]\n'
    expect(
      await tested(
        type(found, loop),
        cases(does).replaceAll('stdout: "1\\n"', 'stdout: "1"').replace('"2\\n"', '"2"'),
      ),
    ).toEqual({ exit: 0, said: 'site.key: 3 cases, all laws hold ' })
  })

  it.each([
    ['loop: !expr current.more, argv: [x], name: made', '`name` calls one output by a name'],
    ['argv: [setkey, "{{ item }}"]', "unknown name 'item'"],
  ])('with %s is refused', async (action, message) => {
    const { exit, said } = await tested(type(found, `actions: [{ ${action} }]`), cases())
    expect(exit).toBe(3)
    expect(said).toContain(message)
  })
})

describe('trueup test', () => {
  it('says first why an answer means nothing, and not that an identity param is missing', async () => {
    const { exit, said } = await tested(type('!expr string(int(found.stdout))', set), cases())
    expect(exit).toBe(1)
    expect(said).toContain('"is so": it fails with read/unclear: ')
    expect(said).toContain('this is not a whole number')
    expect(said).not.toContain('identity params alone')
  })

  it('says what to write where `does:` is missing, as it is written', async () => {
    const { exit, said } = await tested(type(found, set), cases())
    expect(exit).toBe(1)
    expect(said).toContain('"is written": it does [["setkey","a","2"]]')
    expect(said).toContain('write these under `does:`')
  })
})

it('types are shared by two folders: by a link, as by --types', async () => {
  writeFileSync(join(folder, 'types/key.resource.yaml'), type(found, set))
  mkdirSync(join(folder, 'team'))
  symlinkSync('../types', join(folder, 'team/types'))
  const playbook = join(folder, 'team/playbook.yaml')
  writeFileSync(
    playbook,
    'playbook: t\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - read: k\n        site.key: { key: a }\n',
  )
  const at = { cwd: folder, stateFolder: join(folder, 'state') }
  expect(await typed(['validate', playbook], at)).toMatchObject({ exit: 0 })
})
