import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from './io.fixture.ts'

// A playbook and the cases of a type are judged by one reader: what one of them takes, the other takes, in the same words.

const folder = mkdtempSync(join(tmpdir(), 'trueup-one-reader-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const chassis = (more: string): string => `type: site.chassis
summary: A chassis has a label in a file.
params:
  required: [xname, file]
  properties:
    xname: { type: string, format: xname, ${more}identity: true, description: A chassis. }
    file: { type: string, format: path, identity: true, description: The file. }
    size: { type: string, format: size, default: 1K, description: A size. }
state: { label: { type: string, description: The label; null where there is none. } }
probe: { show: { read: text, path: "{{ file }}" } }
observe: { label: { from: show, regexp: '\\S+', otherwise: null } }
desire: { label: !expr xname }
change: [{ on: label, title: write the label, argv: [sh, -c, 'printf "%s\\n" "$2" >"$1"', sh, "{{ file }}", "{{ xname }}"] }]
`

const cases = (params: string, xname: string, file: string): string => `- name: it is there
  params: ${params}
  reads: { show: { text: "${xname}\\n" } }
  diff: {}
- name: it is written
  params: ${params}
  reads: { show: { exists: false } }
  diff: { label: [null, ${xname}] }
  does: [[sh, -c, 'printf "%s\\n" "$2" >"$1"', sh, ${file}, ${xname}]]
  then: { show: { text: "${xname}\\n" } }
- name: it cannot be read
  params: ${params}
  reads: { show: { failed: denied } }
  fails: read/denied
`

const playbook = (task: string): string => `playbook: labels
plays:
  - play: the label
    hosts: localhost
    tasks:
      - ${task}
`

function place(files: Readonly<Record<string, string>>): (...argv: string[]) => Promise<Ended> {
  const at = mkdtempSync(join(folder, 'place-'))
  mkdirSync(join(at, 'types'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, name), text)
  return (...argv) =>
    typed(
      argv.map((word) => word.replace('AT', at)),
      { cwd: at, stateFolder: join(at, 'state') },
    )
}

describe('a param', () => {
  it('that the playbook takes is taken in a case: a chassis is an xname too', async () => {
    const params = '{ xname: x1000c0, file: /tmp/no-such-label, size: 2K }'
    const trueup = place({
      'types/chassis.resource.yaml': chassis("pattern: '^x\\d+c\\d+$', "),
      'types/chassis.cases.yaml': cases(params, 'x1000c0', '/tmp/no-such-label'),
      'playbook.yaml': playbook(`ensure: the label is there\n        site.chassis: ${params}`),
    })
    const tested = await trueup('test', 'AT/types')
    expect([tested.exit, tested.out]).toEqual([
      0,
      expect.stringContaining('site.chassis: 3 cases, all laws hold'),
    ])
    expect((await trueup('plan', 'AT/playbook.yaml')).exit).toBe(2)
  })

  it('that the playbook refuses is refused in a case, in the same words', async () => {
    const params = '{ xname: x1000c0s0b0n0, file: relative/label, size: -5 }'
    const trueup = place({
      'types/chassis.resource.yaml': chassis(''),
      'types/chassis.cases.yaml': cases(params, 'x1000c0s0b0n0', 'relative/label'),
      'playbook.yaml': playbook(`ensure: the label is there\n        site.chassis: ${params}`),
    })
    const [tested, planned] = [
      await trueup('test', 'AT/types'),
      await trueup('plan', 'AT/playbook.yaml'),
    ]
    expect([tested.exit, planned.exit]).toEqual([1, 3])
    for (const code of ['param/path', 'param/type'])
      for (const said of [tested.out + tested.err, planned.err]) expect(said).toContain(code)
    for (const said of [tested.out + tested.err, planned.err])
      expect(said).toContain("'relative/label' is no")
  })

  it('of more than 8P is counted, and a diff shows sizes as sizes', async () => {
    const trueup = place({
      'playbook.yaml': playbook(
        'require: there is room\n        disk_space: { path: /tmp, free: { at_least: 10P } }',
      ),
    })
    const run = await trueup('run', 'AT/playbook.yaml', '--output', 'plain')
    expect(run.exit).toBe(1)
    expect(run.out).toMatch(/free is [\d.]+[KMGT], wanted at least 10P/)
  })
})
