import {
  judgingConditions,
  verbOf,
  type Block,
  type Playbook,
  type Play,
  type Step,
  type Task,
} from '../model/playbook.ts'
import { schemaValueText, schemaWords } from '../schema/schema-words.ts'
import type { DeclaredInput } from '../playbook/inputs.ts'
import { table } from './type-manual.ts'
import { serviceOf, workplaceOf } from './prompts.ts'
import type { OutcomeEvent } from '../model/event.ts'
import { fence, keywordWords, teachingAfter, teachingBefore, treeText } from './step-words.ts'

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
  const contents = createContents()
  const page: Page = {
    comment: ({ file, line }) => commentAbove(lines.get(file) ?? [], line),
    heading: contents.add,
    next: 1,
    host,
    play: 0,
  }
  const top = (lines.get(playbook.file) ?? []).findIndex((line) => line.startsWith('playbook:')) + 1
  const parts = playbook.plays.flatMap((play, index) =>
    !host || host.isIn(index) ? playParts(play, index, page) : [],
  )
  return `${[
    `# ${playbook.title}${host ? ` on ${host.name}` : ''}`,
    ...page.comment({ file: playbook.file, line: top }),
    ...(inputs.length === 0
      ? []
      : ['## Inputs', table(['input', 'type', 'default', 'what it is for'], inputs.map(inputRow))]),
    ...contents.parts(),
    ...parts,
  ].join('\n\n')}\n`
}

/** Headings from which a page of few steps is seen at a glance. */
const fewHeadings = 6

/** The headings of a page as they are made, and the list that links to them. */
function createContents(): {
  readonly add: (level: 2 | 3, text: string) => string
  readonly parts: () => readonly string[]
} {
  const lines: string[] = []
  const used = new Map<string, number>()
  return {
    add(level, text) {
      const anchor = anchorOf(text)
      const before = used.get(anchor) ?? 0
      used.set(anchor, before + 1)
      const target = before === 0 ? anchor : `${anchor}-${before}`
      lines.push(`${level === 2 ? '' : '  '}- [${text.replace(/[[\]]/g, '\\$&')}](#${target})`)
      return `${'#'.repeat(level)} ${text}`
    },
    parts: () => (lines.length > fewHeadings ? ['## Contents', lines.join('\n')] : []),
  }
}

/** The anchor that Markdown pages give a heading. */
function anchorOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

interface Page {
  /** The comment above a place, as a paragraph or none. */
  comment(at: { readonly file: string; readonly line: number }): readonly string[]
  /** A heading, entered in the list of contents. */
  heading(level: 2 | 3, text: string): string
  next: number
  readonly host: HostPart | null
  play: number
}

function inputRow({ name, schema, secret, required, fallback }: DeclaredInput): readonly string[] {
  const kind = schema.enum ? schema.enum.join(' or ') : schemaWords(schema)
  return [
    `\`${name}\``,
    secret ? `secret ${kind}` : kind,
    required
      ? 'required'
      : fallback === undefined
        ? ''
        : `\`${schemaValueText(schema, fallback)}\``,
    schema.description,
  ]
}

function playParts(play: Play, index: number, page: Page): readonly string[] {
  page.play = index
  const title = page.heading(2, play.name)
  const become = play.become ? `, as ${treeText(play.become)}` : ''
  return [
    title,
    ...page.comment(play.at),
    ...teachingBefore(play.teaching),
    `On \`${play.hosts}\`${become}.${passWords(play)}`,
    ...varParts(play),
    ...play.tasks.flatMap((step) => stepParts(play, step, page, [])),
    ...(play.handlers.length === 0
      ? []
      : [
          page.heading(3, 'When something changed'),
          ...play.handlers.flatMap((task) =>
            taskParts(play, task, page, { title: `**${task.sentence}**`, around: [] }),
          ),
        ]),
    ...teachingAfter(play.teaching),
  ]
}

/** The vars that decide whether steps of a play are done: what they are here. */
function varParts({ vars, tasks }: Play): readonly string[] {
  const conditions = (steps: readonly Step[]): Task['when'] =>
    steps.flatMap((step) =>
      step.kind === 'task'
        ? step.when
        : [...step.when, ...conditions([...step.block, ...step.rescue, ...step.always])],
    )
  const roots = new Set(conditions(tasks).flatMap(({ paths }) => paths.map(([root]) => root)))
  const said = Object.entries(vars).flatMap(([name, tree]) => {
    const text = treeText(tree)
    return roots.has(name) && text.length <= longestVar ? [`\`${name}\` is \`${text}\``] : []
  })
  return said.length === 0 ? [] : [`In this play ${said.join(', ')}.`]
}

/** Characters of a var that are shown before the steps. */
const longestVar = 120

/** How the hosts of a play come to it. */
function passWords(play: Play): string {
  const { order, serial, maxFailPercentage, maxUnreachable } = play
  const orders: Readonly<Record<string, string>> = {
    reverse: 'from the last to the first',
    inventory: 'as the inventory is written',
  }
  return [
    ...(order === undefined || order === 'sorted'
      ? []
      : [
          typeof order === 'string'
            ? `Hosts begin ${orders[order]}.`
            : `${order.patterns.join(', ')} begin, in this order.`,
        ]),
    ...(serial.length > 0 ? [`In passes: ${serial.join(', ')}.`] : []),
    ...(maxFailPercentage === undefined
      ? []
      : [`It ends when more than ${maxFailPercentage} percent of the hosts fail.`]),
    ...(maxUnreachable === undefined
      ? []
      : [`It ends when more than ${maxUnreachable} hosts cannot be reached.`]),
  ]
    .map((sentence) => ` ${sentence}`)
    .join('')
}

/** `around` are the conditions of the blocks around a step. */
function stepParts(play: Play, step: Step, page: Page, around: Task['when']): readonly string[] {
  if (step.kind === 'block') return blockParts(play, step, page, around)
  return taskParts(play, step, page, {
    title: page.heading(3, `${page.next++}. ${step.sentence}`),
    around,
  })
}

function blockParts(play: Play, block: Block, page: Page, around: Task['when']): readonly string[] {
  const inner = [...around, ...block.when]
  const part = (title: string, steps: readonly Step[]): readonly string[] =>
    steps.length === 0
      ? []
      : [title, ...steps.flatMap((step) => stepParts(play, step, page, inner))]
  return [
    ...page.comment(block.at),
    ...teachingBefore(block.teaching),
    ...(block.again
      ? [`These are begun again up to ${block.again.retries} times when one of them fails:`]
      : []),
    ...block.block.flatMap((step) => stepParts(play, step, page, inner)),
    ...part('If one of these fails:', block.rescue),
    ...part('In any case:', block.always),
    ...teachingAfter(block.teaching),
  ]
}

function taskParts(
  play: Play,
  task: Task,
  page: Page,
  { title, around }: { readonly title: string; readonly around: Task['when'] },
): readonly string[] {
  const service = serviceOf(task)
  const place =
    service === null
      ? `\`${workplaceOf(play, task, page.host?.name)}\``
      : service === ''
        ? 'The service of the URL'
        : `Service \`${service}\``
  const facts = keywordWords({ ...task, when: [...around, ...task.when] })
  const fields = Object.entries(task.params?.fields ?? {}).map(
    ([name, tree]) =>
      `- \`${name}\`: ${task.noLog && !isIdentity(task, name) ? 'hidden by `no_log`' : codeText(treeText(tree))}`,
  )
  return [
    title,
    ...page.comment(task.at),
    ...teachingBefore(task.teaching),
    `${task.type ? `${place}: ` : ''}${verbText[verbOf(task)]}${task.type ? ` with \`${task.type.name}\`` : ''}${facts.length > 0 ? `; ${facts.join('; ')}` : ''}.`,
    ...(task.verb === 'confirm' && task.text ? [treeText(task.text).trim()] : []),
    ...thatParts(task),
    ...(fields.length > 0 ? [fields.join('\n')] : []),
    ...(page.host
      ? foundParts(
          page.host.found(page.play, task.id),
          service === null ? `${workplaceOf(play, task, page.host.name)} ` : '',
        )
      : []),
    ...teachingAfter(task.teaching),
  ]
}

function thatParts(task: Task): readonly string[] {
  const { that } = judgingConditions(task)
  if (that.length === 0) return []
  const list = that.map((each) => `- \`${each.text}\``).join('\n')
  return task.type ? ['What it reads must say:', list] : [list]
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

function codeText(text: string): string {
  return text.includes('\n')
    ? `\n\n  \`\`\`\n${text
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n')}\n  \`\`\``
    : `\`${text}\``
}
