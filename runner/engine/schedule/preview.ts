import type { OutcomeEvent } from '../../model/event.ts'
import type { Task } from '../../model/playbook.ts'
import type { PlayRun, RunOptions, Subject } from '../model.ts'
import { outcomeEvent } from '../tell.ts'
import type { Pass } from './pass.ts'
import { takeTurn } from './turn.ts'

/** What a plan says of a task on these hosts now: nothing is done, and nothing is reported or kept. */
export function previewOf(
  pass: Pass,
  subjects: readonly Subject[],
  task: Task,
): Promise<readonly OutcomeEvent[]> {
  const { note: _note, record: _record, promise: _promise, ...rest } = pass.options
  const options: RunOptions = { ...rest, mode: 'plan', emit: () => undefined }
  const run: PlayRun = { ...pass.run, options, inQueue: (_turn, wait) => wait() }
  return Promise.all(
    subjects.map(async (subject) =>
      outcomeEvent(task, subject.host.name, await takeTurn(run, subject, task, () => []), {
        at: options.clock.now(),
        play: pass.index,
        basis: 'known',
        seconds: 0,
        ignored: false,
        rescued: false,
      }),
    ),
  )
}
