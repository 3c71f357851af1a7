import { tasksOf, verbOf, type Playbook, type Task } from '../model/playbook.ts'
import { placeText } from '../model/diagnostic.ts'
import type { Host } from '../model/host.ts'
import { countOf } from '../text/count.ts'
import { fromFolder } from '../text/from-folder.ts'

/** What a run would do, as far as the playbook and the inventory tell. */
export interface Selection {
  readonly playbook: Playbook
  /** The hosts of each play, within the limit. */
  readonly hosts: readonly (readonly Host[])[]
  isSelected(task: Task): boolean
}

/** What `--list-tasks` and `--list-hosts` print: each play with its tasks, its hosts or both. */
export function taskListText(
  { playbook, hosts, isSelected }: Selection,
  shown: { readonly tasks: boolean; readonly hosts: boolean },
): string {
  const folder = playbook.file.slice(0, playbook.file.lastIndexOf('/'))
  let number = 0
  const lines = playbook.plays.flatMap((play, index) => {
    const names = hosts[index]!.map((host) => `       ${host.name}`)
    const tasks = [...tasksOf(play.tasks)].flatMap((task) => {
      number += 1
      return isSelected(task) ? [taskLine(task, number, folder)] : []
    })
    return [
      `${play.name}: ${countOf(names.length, 'host')} of ${play.hosts}`,
      ...(shown.hosts ? names : []),
      ...(shown.tasks ? tasks : []),
    ]
  })
  return `${lines.join('\n')}\n`
}

function taskLine(task: Task, number: number, folder: string): string {
  const type = task.type ? `  (${task.type.name})` : ''
  const tags = task.tags.length > 0 ? `  tags: ${task.tags.join(', ')}` : ''
  const place = fromFolder(placeText(task.at), folder)
  return `  ${String(number).padStart(3)}  ${verbOf(task)}: ${task.sentence}${type}${tags}  ${place}`
}
