import { countOf } from '../text/count.ts'
import { foldNames } from '../text/host-ranges.ts'
import type { ChangeLabel, Said, Units } from '../model/event.ts'
import { itemNamer } from '../model/item-name.ts'
import { isInWords } from '../model/drift-words.ts'
import { placeText } from '../model/diagnostic.ts'
import { outcomes, type Outcome } from '../model/outcome.ts'
import type { AnyDiff } from '../contract/state.ts'
import { isMap, type Value } from '../contract/value.ts'
import { fromFolder } from '../text/from-folder.ts'
import { diagnosticLines } from './diagnostics.ts'
import { diffLines, valueText } from './diff-lines.ts'
import { cells, cleanLine, cleanText, cut, hang, type Look, type Paint } from './screen-text.ts'
import { anyAddress, anyHost } from './kinds.ts'
import type { Group, PlayStory, TaskStory } from './story.ts'

/** What an operator asked to see, and where. */
export interface View {
  readonly paint: Paint
  readonly color: boolean
  readonly width: number
  readonly diff: boolean
  /** Whether a diff is shown with all of its lines, each at its whole width. */
  readonly whole?: boolean
  /** 0: what matters; 1: also what was fine and each action; 2 and more: also the cost of each exchange. */
  readonly verbosity: number
  /** Whose commands' words are shown: those that acted, or those that only read as well. */
  readonly outputs: 'none' | 'acts' | 'all'
  readonly mode: 'run' | 'plan'
  /** Files inside this folder are named from it. */
  readonly folder: string
}

/** The look of each outcome. */
export const looks: { readonly [O in Outcome]: Look } = {
  failed: 'red',
  unreachable: 'magenta',
  interrupted: 'magenta',
  unknown: 'cyan',
  'would change': 'yellow',
  changed: 'yellow',
  ok: 'green',
  skipped: 'dim',
}
/** Outcomes from the worst to the calmest. */
export const bySeverity = outcomes

/** Groups of one task that are shown. */
const groupsShown = 40
const itemsShown = 20
const itemWidth = 100
const actionsShown = 20
/** Lines of a command's output that are shown. */
const outputShown = 200

/** Hosts to which the same happened, and what is worth saying about it. */
export interface ShownGroup {
  readonly outcome: Outcome
  readonly spared: Group['spared']
  readonly hosts: readonly string[]
  readonly details: readonly string[]
}

/** A task's groups as the report shows them: groups whose details read the same are one. The details fit `width`. */
export function shownGroups(task: TaskStory, view: View, width: number): readonly ShownGroup[] {
  const merged = new Map<
    string,
    { outcome: Outcome; spared: Group['spared']; hosts: string[]; details: readonly string[] }
  >()
  for (const group of task.groups.values()) {
    const details = detailLines(task, group, view, width).map((line) =>
      group.hosts.length > 1 ? anyHost(line, group.hosts[0]!) : line,
    )
    const key = `${group.outcome}\n${group.spared}\n${details.join('\n')}`
    const held = merged.get(key)
    if (held) held.hosts.push(...group.hosts)
    else
      merged.set(key, {
        outcome: group.outcome,
        spared: group.spared,
        hosts: [...group.hosts],
        details,
      })
  }
  const sorted = [...merged.values()]
    .map((group) => ({ group, first: firstPlace(task, group.hosts) }))
    .sort(
      (a, b) =>
        bySeverity.indexOf(b.group.outcome) - bySeverity.indexOf(a.group.outcome) ||
        a.first - b.first,
    )
    .map(({ group }) => group)
  return foldedRest(sorted, view)
}

/** Past the groups that are shown, the rest is one for each outcome. */
function foldedRest(groups: readonly ShownGroup[], { paint }: View): readonly ShownGroup[] {
  const rest = new Map<string, { outcome: Outcome; spared: Group['spared']; hosts: string[] }>()
  for (const { outcome, spared, hosts } of groups.slice(groupsShown)) {
    const key = `${outcome} ${spared}`
    const held = rest.get(key)
    if (held) held.hosts.push(...hosts)
    else rest.set(key, { outcome, spared, hosts: [...hosts] })
  }
  const details = [paint('dim', 'for other reasons')]
  return [
    ...groups.slice(0, groupsShown),
    ...[...rest.values()].map((each) => ({ ...each, details })),
  ]
}

/** The place in the play of the first host of a group. */
function firstPlace({ order }: TaskStory, hosts: readonly string[]): number {
  return hosts.reduce((least, host) => Math.min(least, order.get(host) ?? 0), Infinity)
}

/** The hosts of a group: `all 12 hosts`, where they are, or their names folded. */
export function hostsText(hosts: readonly string[], { hosts: of, placeOf }: PlayStory): string {
  if (hosts.length > 1 && hosts.length === of) return `all ${of} hosts`
  const place = placeOf(hosts)
  if (place !== null) return cleanLine(place)
  const folded = cleanLine(foldNames(hosts, 300))
  return hosts.length > 1 ? `${folded} (${hosts.length})` : folded
}

/** A play in words: its name, which pass of it this is, and how many hosts take part. */
export function playText({ name, hosts, pass }: PlayStory): string {
  const which = pass
    ? `pass ${pass.number} of ${pass.of}, ${pass.place === undefined ? '' : `${cleanLine(pass.place)}, `}`
    : ''
  return `${cleanLine(name)} (${which}${countOf(hosts, 'host')})`
}

/** The task in words: its verb and sentence. */
export function taskText(task: TaskStory): string {
  return `${task.label.verb}: ${cleanLine(task.label.sentence)}`
}

/** `ok 3 · changed 1`, in the looks of the outcomes. */
export function countsText(counts: ReadonlyMap<Outcome, number>, paint: Paint): string {
  return [...bySeverity]
    .reverse()
    .filter((outcome) => counts.has(outcome))
    .map((outcome) => paint(looks[outcome], `${outcome} ${counts.get(outcome)!}`))
    .join(' · ')
}

function detailLines(task: TaskStory, group: Group, view: View, width: number): readonly string[] {
  const { paint } = view
  const { outcome, reason, items } = group
  const lines: string[] = []
  const isCalm = outcome === 'ok' || outcome === 'skipped'
  if (reason !== undefined && (!isCalm || view.verbosity > 0))
    lines.push(...hang('', cleanText(reason), width).map((line) => paint('dim', line)))
  if (group.shown !== undefined) lines.push(...shownLines(group.shown, width))
  lines.push(...whatLines(group, outcome, view, width))
  lines.push(...outputLines(task, group.said, view, width))
  // An error of a loop stands at its item.
  if (group.error && !items?.some((item) => item.error))
    lines.push(...errorLines(sharedError(group), view, width))
  if (items) {
    const worth = items.filter(
      (item) => view.verbosity > 0 || (item.outcome !== 'ok' && item.outcome !== 'skipped'),
    )
    const named = itemName(items)
    let place: string | null = null
    for (const item of worth.slice(0, itemsShown)) {
      lines.push(
        paint(
          looks[item.outcome],
          `${named(item)}: ${item.outcome}${item.reason === undefined ? '' : `, ${cleanLine(item.reason)}`}`,
        ),
      )
      lines.push(...whatLines(item, item.outcome, view, width - 2).map((line) => `  ${line}`))
      lines.push(...outputLines(task, item.said, view, width - 2).map((line) => `  ${line}`))
      if (!item.error) continue
      // The line of the playbook is shown with the first of them.
      const at = item.error.at === undefined ? null : placeText(item.error.at)
      const isAgain = at !== null && at === place
      place = at
      lines.push(
        ...(isAgain
          ? hang('', cleanText(`${item.error.message} [${item.error.code}]`), width - 2)
          : errorLines(item.error, view, width - 2)
        ).map((line) => `  ${line}`),
      )
    }
    if (worth.length > itemsShown) lines.push(`… and ${worth.length - itemsShown} more items`)
  }
  if (view.verbosity > 1 && !isCalm)
    lines.push(paint('dim', cleanLine(fromFolder(task.label.at, view.folder))))
  return lines
}

/** The name of each item: as the playbook says, else what tells it from the others. */
function itemName(items: NonNullable<Group['items']>): (item: (typeof items)[number]) => string {
  const named = itemNamer(items.map(({ item }) => item))
  return ({ item, label }) =>
    cut(label === undefined ? valueText(named(item)) : cleanLine(label), itemWidth)
}

/** Whether the words of a task's commands are shown. */
export function showsOutputs({ label }: TaskStory, { outputs }: View): boolean {
  return (
    outputs === 'all' || (outputs === 'acts' && (label.verb === 'run' || label.verb === 'ensure'))
  )
}

/** What commands said: each line as it came. Where there are several, each is named. */
function outputLines(
  task: TaskStory,
  said: readonly Said[] = [],
  view: View,
  width: number,
): readonly string[] {
  if (!showsOutputs(task, view)) return []
  return said.flatMap(({ of, stdout = '', stderr = '' }) => [
    ...(said.length > 1 ? [view.paint('dim', cut(cleanLine(of), width))] : []),
    ...streamLines('', stdout, width),
    ...streamLines('stderr: ', stderr, width),
  ])
}

function streamLines(name: string, text: string, width: number): readonly string[] {
  if (text === '') return []
  const lines = cleanText(text).split('\n')
  return [
    ...lines.slice(-outputShown).flatMap((line) => hang(`  ${name}`, line, width)),
    ...(lines.length > outputShown
      ? [`  … the last ${outputShown} of ${lines.length} lines; all: \`trueup show last --json\``]
      : []),
  ]
}

/** How a change is marked: `!` where data or running work is lost, `~` where what is there leaves its place or use. */
export const marks: Readonly<
  Record<
    ChangeLabel['effect'],
    { readonly mark: string; readonly look: Parameters<Paint>[0] | null }
  >
> = {
  destroys: { mark: '! ', look: ['bold', 'red'] },
  replaces: { mark: '~ ', look: 'yellow' },
  none: { mark: '', look: null },
}

/** The changes and the diff of a group or a loop item. */
function whatLines(
  of: {
    readonly changes?: readonly ChangeLabel[]
    readonly diff?: AnyDiff | undefined
    readonly units?: Units | undefined
  },
  outcome: Outcome,
  view: View,
  width: number,
): readonly string[] {
  const { paint } = view
  const lines: string[] = []
  if (outcome === 'would change' || view.verbosity > 0) {
    for (const change of of.changes ?? []) {
      const { mark, look } = marks[change.effect]
      lines.push(
        ...hang(mark, cleanLine(change.title), width).map((line) =>
          look === null ? line : paint(look, line),
        ),
      )
      if (view.verbosity > 0) {
        const actions = change.actions.filter((action) => !change.title.includes(action))
        for (const action of actions.slice(0, actionsShown))
          lines.push(...hang('  ', cleanLine(action), width).map((line) => paint('dim', line)))
        if (actions.length > actionsShown)
          lines.push(paint('dim', `  … and ${actions.length - actionsShown} more actions`))
      }
    }
  }
  // Of a comparison the message says what is there and what is wanted; its diff adds the values that are too long for that.
  const isCheck = (outcome === 'failed' || outcome === 'unknown') && (of.changes ?? []).length === 0
  const diff = of.diff && (isCheck ? longDrifts(of.diff) : unsaidDrifts(of.diff, of.changes ?? []))
  if (diff && (view.diff || outcome === 'failed'))
    lines.push(
      ...(view.whole
        ? diffLines(diff, paint, Infinity, of.units, Infinity)
        : diffLines(diff, paint, width, of.units)),
    )
  return lines
}

/** What the titles of the changes do not say already: that a thing is made, and a value that nothing had. */
function unsaidDrifts(diff: AnyDiff, changes: readonly ChangeLabel[]): AnyDiff {
  const titles = changes.flatMap(({ title }) => title.split(/[\s,;]+/))
  const isSaid = ({ from, to }: AnyDiff[string]): boolean =>
    titles.length > 0 && (from === 'absent' || (from === null && titles.includes(String(to))))
  return Object.fromEntries(Object.entries(diff).filter(([, drift]) => !isSaid(drift)))
}

function longDrifts(diff: AnyDiff): AnyDiff {
  return Object.fromEntries(Object.entries(diff).filter(([, drift]) => !isInWords(drift)))
}

/** The error as all hosts of a group share it. Where a host did not answer, no line of the playbook is at fault. */
function sharedError({ error, outcome, hosts }: Group): NonNullable<Group['error']> {
  if (outcome !== 'unreachable') return error!
  const shared = (text: string): string =>
    hosts.length > 1 ? anyAddress(anyHost(text, hosts[0]!)) : text
  const { message, hint } = error!
  return {
    ...error!,
    at: undefined,
    message: shared(message),
    ...(hint === undefined ? {} : { hint: shared(hint) }),
  }
}

function errorLines(
  error: NonNullable<Group['error']>,
  view: View,
  width: number,
): readonly string[] {
  return diagnosticLines({ ...error, host: undefined }, { ...view, width })
}

function shownLines(shown: Value, width: number): readonly string[] {
  const isPlain = !isMap(shown) && !Array.isArray(shown)
  const text =
    typeof shown === 'string'
      ? cleanText(shown).trimEnd()
      : isPlain
        ? valueText(shown)
        : cleanText(JSON.stringify(shown, null, 2))
  return text.split('\n').flatMap((line) => (cells(line) > width ? hang('', line, width) : [line]))
}
