import type { Block, Playbook, Play, Step, Task, Tree } from '../model/playbook.ts'
import { Secret } from '../contract/secret.ts'
import type { Value } from '../contract/value.ts'
import type { DeclaredInput } from '../playbook/inputs.ts'
import { table } from './type-manual.ts'
import { serviceOf, workplaceOf } from './prompts.ts'
import type { OutcomeEvent } from '../model/event.ts'

/** One host's part of a playbook: what a plan found of each task there. */
export interface HostPart {
  readonly name: string
  /** By play and id of the task. */
  found(play: number, task: string): OutcomeEvent | undefined
  /** Whether the host is in the play. */
  isIn(play: number): boolean
}

/** A playbook as the manual page that it replaces, in Markdown: its inputs, and each step with what the playbook's comments say of it. For a host also with the commands that would be run. */
export function playbookManual(
  playbook: Playbook,
  inputs: readonly DeclaredInput[],
  host: HostPart | null = null,
): string {
  const lines = new Map(playbook.sources.map((source) => [source.file, source.text.split(/\r?\n/)]))
  const page: Page = {
    comment: ({ file, line }) => commentAbove(lines.get(file) ?? [], line),
    next: 1,
    host,
    play: 0,
  }
  const top = (lines.get(playbook.file) ?? []).findIndex((line) => line.startsWith('playbook:')) + 1
  return `${[
    `# ${playbook.title}${host ? ` on ${host.name}` : ''}`,
    ...page.comment({ file: playbook.file, line: top }),
    ...(inputs.length === 0
      ? []
      : ['## Inputs', table(['input', 'type', 'default', 'what it is for'], inputs.map(inputRow))]),
    ...playbook.plays.flatMap((play, index) =>
      !host || host.isIn(index) ? playParts(play, index, page) : [],
    ),
  ].join('\n\n')}\n`
}

interface Page {
  /** The comment above a place, as a paragraph or none. */
  comment(at: { readonly file: string; readonly line: number }): readonly string[]
  next: number
  readonly host: HostPart | null
  play: number
}

/** Types of inputs as playbooks and people call them. */
const inputWords: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'list',
  object: 'map',
}

function inputRow({ name, schema, secret, required, fallback }: DeclaredInput): readonly string[] {
  const kind = schema.enum ? schema.enum.join(' or ') : (inputWords[schema.type] ?? schema.type)
  return [
    `\`${name}\``,
    secret ? `secret ${kind}` : kind,
    required ? 'required' : fallback === undefined ? '' : `\`${valueText(fallback)}\``,
    schema.description,
  ]
}

function playParts(play: Play, index: number, page: Page): readonly string[] {
  page.play = index
  const become = play.become ? `, as ${treeText(play.become)}` : ''
  const serial = play.serial.length > 0 ? ` In passes: ${play.serial.join(', ')}.` : ''
  return [
    `## ${play.name}`,
    ...page.comment(play.at),
    `On \`${play.hosts}\`${become}.${serial}`,
    ...play.tasks.flatMap((step) => stepParts(play, step, page)),
    ...(play.handlers.length === 0
      ? []
      : [
          '### When something changed',
          ...play.handlers.flatMap((task) => taskParts(play, task, page, `**${task.sentence}**`)),
        ]),
  ]
}

function stepParts(play: Play, step: Step, page: Page): readonly string[] {
  if (step.kind === 'block') return blockParts(play, step, page)
  return taskParts(play, step, page, `### ${page.next++}. ${step.sentence}`)
}

function blockParts(play: Play, block: Block, page: Page): readonly string[] {
  const part = (title: string, steps: readonly Step[]): readonly string[] =>
    steps.length === 0 ? [] : [title, ...steps.flatMap((step) => stepParts(play, step, page))]
  return [
    ...page.comment(block.at),
    ...block.block.flatMap((step) => stepParts(play, step, page)),
    ...part('If one of these fails:', block.rescue),
    ...part('In any case:', block.always),
  ]
}

function taskParts(play: Play, task: Task, page: Page, title: string): readonly string[] {
  const service = serviceOf(task)
  const place =
    service === null ? `\`${workplaceOf(play, task, page.host?.name)}\`` : `Service \`${service}\``
  const facts = [
    ...(task.delegateTo ? [`on \`${treeText(task.delegateTo)}\``] : []),
    ...(task.become ? [`as ${treeText(task.become)}`] : []),
    ...(task.runOnce ? ['once for all hosts'] : []),
    ...(task.when.length > 0
      ? [`only when ${task.when.map((each) => `\`${each.text}\``).join(' and ')}`]
      : []),
    ...(task.loop ? [`for each item of \`${treeText(task.loop)}\``] : []),
    ...(task.notify.length > 0 ? [`a change brings: ${task.notify.join(', ')}`] : []),
  ]
  const fields = Object.entries(task.params?.fields ?? {}).map(
    ([name, tree]) =>
      `- \`${name}\`: ${task.noLog && !isIdentity(task, name) ? 'hidden by `no_log`' : codeText(treeText(tree))}`,
  )
  return [
    title,
    ...page.comment(task.at),
    `${task.type ? `${place}: ` : ''}${verbText[task.verb]}${task.type ? ` with \`${task.type.name}\`` : ''}${facts.length > 0 ? `; ${facts.join('; ')}` : ''}.`,
    ...(task.that ? [task.that.map((each) => `- \`${each.text}\``).join('\n')] : []),
    ...(fields.length > 0 ? [fields.join('\n')] : []),
    ...(page.host
      ? foundParts(
          page.host.found(page.play, task.id),
          service === null ? `${workplaceOf(play, task, page.host.name)} ` : '',
        )
      : []),
  ]
}

/** Whether a param says which thing is meant and holds nothing that was computed for it. A command's words may be a secret. */
function isIdentity({ type }: Task, name: string): boolean {
  const schema = type?.params.properties[name]
  return schema?.identity === true && !['command', 'http'].includes(type!.name) && !schema.orSecret
}

/** What a plan found of a step: the commands that would be run, or why no command would be run. */
function foundParts(found: OutcomeEvent | undefined, prompt: string): readonly string[] {
  if (!found) return ['Not reached.']
  const changes = [
    ...(found.changes ?? []),
    ...(found.items ?? []).flatMap((item) => item.changes ?? []),
  ]
  const commands = changes.flatMap((change) => change.actions).map((action) => `${prompt}${action}`)
  const said =
    found.outcome === 'ok'
      ? 'Nothing to do: it is so already.'
      : `${found.outcome[0]!.toUpperCase()}${found.outcome.slice(1)}${found.error ? `: ${found.error.message}` : found.reason === undefined ? '' : ` (${found.reason})`}.`
  return commands.length === 0 ? [said] : [fence(commands.join('\n'))]
}

function fence(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``
}

const verbText: Readonly<Record<Task['verb'], string>> = {
  ensure: 'Made true',
  require: 'Must be so',
  wait: 'Waited for',
  read: 'Read',
  run: 'Run',
  confirm: 'Confirmed by a person',
}

/** The comment lines right above a line, as one paragraph; what speaks to programs is left out. */
function commentAbove(lines: readonly string[], line: number): readonly string[] {
  const said: string[] = []
  for (let i = line - 2; i >= 0 && /^\s*#/.test(lines[i]!); i--)
    said.unshift(lines[i]!.replace(/^\s*#\s?/, ''))
  const text = said
    .filter((each) => !/^\s*(?:yaml-language-server:|trueup:)/.test(each))
    .join('\n')
    .trim()
  return text === '' ? [] : [text]
}

function treeText(tree: Tree): string {
  if (tree.kind === 'computed') return tree.computed.text
  if (tree.kind === 'constant') return valueText(tree.value)
  if (tree.kind === 'list') return `[${tree.items.map(treeText).join(', ')}]`
  return `{ ${Object.entries(tree.entries)
    .map(([name, each]) => `${name}: ${treeText(each)}`)
    .join(', ')} }`
}

function valueText(value: Value): string {
  if (value instanceof Secret) return String(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function codeText(text: string): string {
  return text.includes('\n')
    ? `\n\n  \`\`\`\n${text
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n')}\n  \`\`\``
    : `\`${text}\``
}
