import type { SeenReading } from '../../contract/probe.ts'
import type { Said } from '../../model/event.ts'
import type { Task } from '../../model/playbook.ts'
import type { ActionResult } from '../../model/session.ts'
import type { Examined } from '../model.ts'
import { probeText } from './repairs.ts'

/** Characters of a stream that are kept: its end, where a failure says why. */
const mostOfStream = 8192
/** Commands of one task whose words are kept. */
const mostCommands = 20

/** What an action said; nothing where it was silent, or where its output is a secret. */
export function saidBy(of: string, { stdout, stderr }: ActionResult): readonly Said[] {
  return saidOf(of, typeof stdout === 'string' ? stdout : '', stderr)
}

/** What the command of a reading said: of a task whose type is a call, where nothing is acted. */
export function saidByReading(task: Task, examined: Examined | null): readonly Said[] {
  const judged = examined !== null && 'judged' in examined ? examined.judged : null
  const asked = task.type?.act && judged?.asked.get('call')
  if (!asked || asked.probe.read !== 'exec') return []
  const { stdout, stderr } = asked.answered as SeenReading
  return saidOf(probeText(asked.probe), textOf(stdout), textOf(stderr))
}

/** What several commands said, of which the first are kept. */
export function joined(...parts: readonly (readonly Said[] | undefined)[]): readonly Said[] {
  return parts.flatMap((part) => part ?? []).slice(0, mostCommands)
}

function saidOf(of: string, stdout: string, stderr: string): readonly Said[] {
  const [out, error] = [endOf(stdout), endOf(stderr)]
  if (out === '' && error === '') return []
  return [
    { of, ...(out === '' ? {} : { stdout: out }), ...(error === '' ? {} : { stderr: error }) },
  ]
}

function endOf(text: string): string {
  const trimmed = text.trimEnd()
  return trimmed.length > mostOfStream ? `…${trimmed.slice(-mostOfStream)}` : trimmed
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
