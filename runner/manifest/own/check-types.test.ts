import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compileManifest } from '../compile.ts'
import { checkType } from './check-types.ts'

const folder = mkdtempSync(join(tmpdir(), 'check-types-'))
afterAll(() => rmSync(folder, { recursive: true }))

const manifest = `type: site.chassis
summary: A chassis has a label in a file.
params:
  required: [xname, file]
  properties:
    xname: { type: string, format: xname, pattern: '^x\\d+c\\d+$', identity: true, description: A chassis. }
    file: { type: string, format: path, identity: true, description: The file. }
    size: { type: string, format: size, default: 1K, description: A size. }
state: { label: { type: string, description: The label; null where there is none. } }
probe: { show: { read: text, path: "{{ file }}" } }
observe: { label: { from: show, regexp: '\\S+', otherwise: null } }
desire: { label: !expr xname }
change: [{ on: label, title: write the label, argv: [label, "{{ file }}", "{{ xname }}"] }]
`
const cases = `- name: it is there
  params: { xname: x1000c0, file: /tmp/x, size: 2K }
  reads: { show: { text: "x1000c0\\n" } }
  diff: {}
- name: it is written
  params: { xname: x1000c0, file: /tmp/x }
  reads: { show: { exists: false } }
  diff: { label: [null, x1000c0] }
  does: [[label, /tmp/x, x1000c0]]
  then: { show: { exists: true, text: "x1000c0\\n" } }
- name: it cannot be read
  params: { xname: x1000c0, file: /tmp/x }
  reads: { show: { failed: denied } }
  fails: read/denied
`

function checked(text: string) {
  const file = join(folder, 'chassis.resource.yaml')
  writeFileSync(file, manifest)
  writeFileSync(join(folder, 'chassis.cases.yaml'), text)
  const { type, diagnostics } = compileManifest(file, manifest)
  expect(diagnostics).toEqual([])
  return checkType({ type: type!, file } as Parameters<typeof checkType>[0])
}

describe('the cases of a type', () => {
  it('take the params that a playbook takes', () => {
    expect(checked(cases)).toEqual({ cases: 3, faults: [] })
  })

  it('refuse others with the code, the words and the hint of a playbook, where they stand', () => {
    const { faults } = checked(
      cases.replace(
        'xname: x1000c0, file: /tmp/x, size: 2K',
        'xname: x1, file: relative, size: -5',
      ),
    )
    expect(
      faults.slice(0, 3).map(({ code, at, message, hint }) => [code, at?.column, message, hint]),
    ).toEqual([
      [
        'param/xname',
        20,
        `"it is there": 'x1' is a Cabinet, which site.chassis.xname does not take`,
        'A chassis.',
      ],
      ['param/path', 30, `"it is there": 'relative' is not an absolute path`, 'write /relative'],
      [
        'param/type',
        46,
        '"it is there": site.chassis.size wants a size; YAML takes -5 for an integer',
        'write a number and a unit: 512, 50G, 1.5T',
      ],
    ])
  })

  it('name the param that no case uses, and the file that a case is missing in', () => {
    const [fault] = checked(cases.replace(', size: 2K', '')).faults
    expect(fault).toMatchObject({
      code: 'cases/law',
      message: "no case uses the param 'size'",
      hint: expect.stringContaining('chassis.cases.yaml') as string,
    })
  })
})
