import { schemaValueText } from '../schema/schema-words.ts'
import { judgingConditions, type Task, type Teaching, type Tree } from '../model/playbook.ts'
import { durationText } from '../text/duration.ts'

/** What the keywords of a task say, in words: where and when it is done, how often, and what a failure is. */
export function keywordWords(task: Task): readonly string[] {
  const { failedWhen, changedWhen } = judgingConditions(task)
  return [
    ...(task.delegateTo ? [`on \`${treeText(task.delegateTo)}\``] : []),
    ...(task.become ? [`as ${treeText(task.become)}`] : []),
    ...(task.runOnce ? ['once for all hosts'] : []),
    ...(task.verb === 'confirm' && task.attended
      ? ['who is at a terminal: `--yes` does not answer it']
      : []),
    ...(task.barrier ? ['when all hosts have come to it'] : []),
    ...(task.when.length > 0 ? [`only when ${all(task.when)}`] : []),
    ...sparedWords(task),
    ...(task.loop ? [`for each item of \`${treeText(task.loop)}\``] : []),
    ...timeWords(task),
    ...(failedWhen.length > 0 ? [`failed when ${all(failedWhen)}`] : []),
    ...(changedWhen.length > 0 ? [`a change when ${all(changedWhen)}`] : []),
    ...(task.ignoreErrors ? ['a failure does not stop the host'] : []),
    ...(task.register === undefined ? [] : [`what it gives is called \`${task.register}\` below`]),
    ...(task.notify.length > 0 ? [`a change brings: ${task.notify.join(', ')}`] : []),
  ]
}

function all(conditions: Task['when']): string {
  return conditions.map((each) => `\`${each.text}\``).join(' and ')
}

function sparedWords(task: Task): readonly string[] {
  if (task.verb !== 'run') return []
  const { creates, removes, unless } = task
  return [
    ...(creates ? [`not when \`${treeText(creates)}\` is there`] : []),
    ...(removes ? [`not when \`${treeText(removes)}\` is gone`] : []),
    ...(unless ? [`not when \`${treeText(unless)}\` succeeds`] : []),
  ]
}

function timeWords(task: Task): readonly string[] {
  const { retries, delay, timeout } = task
  const times = task.verb === 'ensure' || task.verb === 'wait' ? task : null
  return [
    ...(times?.for === undefined ? [] : [`for at most ${durationText(times.for)}`]),
    ...(times?.every === undefined ? [] : [`looked at every ${durationText(times.every)}`]),
    ...(timeout === undefined ? [] : [`at most ${durationText(timeout)} for each command`]),
    ...(retries > 0
      ? [`tried again up to ${retries} times after a failure, ${durationText(delay)} apart`]
      : []),
  ]
}

/** What the playbook teaches before a step: why it is done, and what to beware of. */
export function teachingBefore({ why, warning }: Teaching = {}): readonly string[] {
  return [
    ...(warning === undefined ? [] : [quoted(`**Warning:** ${warning.trim()}`)]),
    ...(why === undefined ? [] : [why.trim()]),
  ]
}

/** What the playbook teaches behind a step: what is seen when it goes well, and where to look when it does not. */
export function teachingAfter({ exampleOutput, whenItFails }: Teaching = {}): readonly string[] {
  return [
    ...(exampleOutput === undefined ? [] : ['For example:', fence(exampleOutput.trimEnd())]),
    ...(whenItFails === undefined ? [] : [`**When it fails:** ${whenItFails.trim()}`]),
  ]
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}

/** A block of text as it stands. */
export function fence(text: string): string {
  const ticks = /`{3,}/.test(text) ? '````' : '```'
  return `${ticks}text\n${text}\n${ticks}`
}

/** A value of a playbook as it is written. */
export function treeText(tree: Tree): string {
  if (tree.kind === 'computed') return tree.computed.text
  if (tree.kind === 'constant') return schemaValueText({}, tree.value)
  if (tree.kind === 'list') return `[${tree.items.map(treeText).join(', ')}]`
  return `{ ${Object.entries(tree.entries)
    .map(([name, each]) => `${name}: ${treeText(each)}`)
    .join(', ')} }`
}
