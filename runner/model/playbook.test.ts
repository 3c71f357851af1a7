import { expect, it } from 'vitest'
import { command, setting } from '../../test/harness/toys.ts'
import { task } from '../../test/harness/fake-world.ts'
import type { CallableType, RepairableType } from '../contract/resource.ts'
import { judgingConditions, type Task, type TaskKeywords, type TaskParams } from './playbook.ts'

declare const keywords: TaskKeywords
declare const params: TaskParams
const conditions = [] as const

/** What a verb does not have does not compile. These are never called: the compiler is what judges them. */
export const impossible = {
  // @ts-expect-error A confirmation has no type.
  confirmWithType: (): Task => ({ ...keywords, verb: 'confirm', type: setting, params }),
  // @ts-expect-error A type that makes calls has no state that could be ensured.
  ensureCall: (type: CallableType): Task => ({ ...keywords, verb: 'ensure', type, params }),
  ensureThat: (type: RepairableType): Task => ({
    ...keywords,
    ...{ verb: 'ensure' as const, type, params },
    // @ts-expect-error `ensure` has no conditions of its own.
    that: conditions,
  }),
  // @ts-expect-error A call has conditions that judge it.
  runWithoutJudge: (type: CallableType): Task => ({ ...keywords, verb: 'run', type, params }),
  // @ts-expect-error `read` needs a type.
  readConditions: (): Task => ({ ...keywords, verb: 'read', that: conditions }),
  requireCreates: (): Task => ({
    ...keywords,
    ...{ verb: 'require' as const, that: conditions },
    // @ts-expect-error Only a call can be spared.
    creates: undefined as never as TaskParams,
  }),
}

it('a task tells its judging conditions, whatever its verb has', () => {
  const none = { that: [], failedWhen: [], changedWhen: [] }
  expect(judgingConditions(task('confirm', 'a person looks', null))).toEqual(none)
  expect(judgingConditions(task('ensure', 'it is so', setting))).toEqual(none)
  expect(judgingConditions(task('run', 'it is called', command))).toEqual(none)
})
