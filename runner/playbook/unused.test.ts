import { describe, expect, it } from 'vitest'
import { builtinTypes } from '../resources/index.generated.ts'
import { adviceOn } from './advice.ts'
import { loadPlaybook } from './load-playbook.ts'

const types = new Map(builtinTypes.map((type) => [type.name, type]))

async function unused(text: string): Promise<readonly string[]> {
  const { playbook, diagnostics } = await loadPlaybook({
    version: '0.1.0',
    file: '/b.yaml',
    types,
    inputs: {},
    knownVars: null,
    readText: () => Promise.resolve(text),
  })
  expect(diagnostics).toEqual([])
  return adviceOn(playbook!)
    .filter(({ code }) => code.startsWith('advice/unused-'))
    .map(({ code, at }) => `${at!.line} ${code}`)
}

const head = (inputs: string): string =>
  `playbook: p\ninputs:\n${inputs}plays:\n  - play: p\n    hosts: a\n    tasks:\n`
const read = (more: string): string =>
  `      - read: f\n        file: { path: /x }\n        register: f\n${more}`

describe('what nothing uses', () => {
  it('is named with its place: an input, a register, a handler', async () => {
    expect(
      await unused(
        `${head('  size: { type: integer, default: 3, description: d }\n')}${read('')}    handlers:\n      - ensure: it was restarted\n        systemd_service: { name: a, state: restarted }\n`,
      ),
    ).toEqual(['8 advice/unused-register', '12 advice/unused-handler', '3 advice/unused-input'])
  })

  it.each([
    ['a condition', '      - require: it holds\n        that: f.mode == "0644" && size > 1\n'],
    [
      'a template and a loop',
      '      - read: it is shown\n        print: { value: "{{ f.mode }} {{ size }}" }\n        when: "true"\n',
    ],
    [
      'a block around tasks',
      '      - when: f.mode == "0644"\n        block:\n          - require: it holds\n            that: size > 1\n',
    ],
  ])('is not what %s reads', async (_where, task) => {
    expect(
      await unused(
        `${head('  size: { type: integer, default: 3, description: d }\n')}${read(task)}`,
      ),
    ).toEqual([])
  })

  it('is not a handler that some task notifies', async () => {
    expect(
      await unused(
        `playbook: p\nplays:\n  - play: p\n    hosts: a\n    tasks:\n      - ensure: it is there\n        copy: { dest: /x, content: y }\n        notify: it was restarted\n    handlers:\n      - ensure: it was restarted\n        systemd_service: { name: a, state: restarted }\n`,
      ),
    ).toEqual([])
  })

  it('is silenced by its name', async () => {
    expect(
      await unused(
        `playbook: p\nplays:\n  - play: p\n    hosts: a\n    tasks:\n      # trueup: allow advice/unused-register\n${read('')}`,
      ),
    ).toEqual([])
  })
})
