import { describe, expect, it } from 'vitest'
import { inventoryOf } from '../../test/harness/fake-world.ts'
import { checkLateHosts } from './check-meetings.ts'
import { load } from './load-playbook.fixture.ts'

const tasks = '  tasks:\n  - read: it\n    look: { path: /x }\n'
const two = (first: string, second = '', more = ''): string =>
  `playbook: p\nplays:\n- play: one\n  hosts: a,b\n  meet_at_end: false\n${first}${tasks}${more}- play: two\n  hosts: a\n${second}${tasks}`

describe('meet_at_end: false', () => {
  it('is taken where hosts do not meet', async () => {
    const { playbook, diagnostics } = await load(two(''))
    expect(diagnostics).toEqual([])
    expect(playbook!.plays[0]!.goesOn).toMatchObject({ line: 5 })
    expect(playbook!.plays[1]!.goesOn).toBeUndefined()
  })

  it('says nothing where it is true, which is the default', async () => {
    const { playbook } = await load(two('').replace('meet_at_end: false', 'meet_at_end: true'))
    expect(playbook!.plays[0]!.goesOn).toBeUndefined()
  })

  it.each([
    ['strategy: linear', two('  strategy: linear\n'), 'strategy: linear'],
    ['strategy: linear of the next play', two('', '  strategy: linear\n'), "play 'two'"],
    ['serial', two('  serial: 1\n'), '`serial`'],
    ['serial of the next play', two('', '  serial: 1\n'), '`serial`'],
    ['max_fail_percentage', two('  max_fail_percentage: 10\n'), '`max_fail_percentage`'],
    ['max_unreachable', two('', '  max_unreachable: 3\n'), '`max_unreachable`'],
    [
      'a barrier',
      two('', '', '  - read: then\n    look: { path: /y }\n    barrier: true\n'),
      "`barrier` of the task 'then' (line 9)",
    ],
    [
      'run_once in a block',
      two('', '', '  - block:\n    - read: then\n      look: { path: /y }\n    run_once: true\n'),
      "`run_once` of the task 'then'",
    ],
    ['a confirm', two('', '', '  - confirm: go on?\n'), '`confirm`'],
  ])('is refused beside %s', async (_name, text, words) => {
    const { playbook, diagnostics } = await load(text)
    expect(playbook).toBeNull()
    expect(diagnostics).toMatchObject([{ code: 'play/meet-at-end', at: { line: 5, column: 3 } }])
    expect(diagnostics[0]!.message).toContain(words)
    expect(diagnostics[0]!.hint).toContain('remove `meet_at_end: false`')
  })

  it('is refused of the last play', async () => {
    const { diagnostics } = await load(
      `playbook: p\nplays:\n- play: one\n  hosts: a\n  meet_at_end: false\n${tasks}`,
    )
    expect(diagnostics).toMatchObject([{ code: 'play/meet-at-end', at: { line: 5 } }])
  })

  it('is refused where the next play has hosts that would begin at once', async () => {
    const { playbook } = await load(two('').replace('hosts: a\n', 'hosts: a,c\n'))
    const inventory = inventoryOf(['a', 'b', 'c'])
    expect(checkLateHosts(playbook!.plays, inventory)).toMatchObject([
      { code: 'play/meet-at-end', at: { line: 5 }, message: expect.stringMatching(/: c$/) },
    ])
    const same = await load(two(''))
    expect(checkLateHosts(same.playbook!.plays, inventory)).toEqual([])
  })
})
