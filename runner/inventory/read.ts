import { didYouMean } from '../source/suggest.ts'
import { parseYaml, type ParsedYaml } from '../source/located-yaml.ts'
import {
  emptyDraft,
  fail,
  hostNamed,
  type Draft,
  type GroupDraft,
  type HostDraft,
} from './parse-state.ts'
import type { InventoryFile, VarsOf } from '../model/inventory-text.ts'
import { hostKey } from './host-names.ts'
import { readInventoryFile, readVarsFile } from './inventory-file.ts'
import { isAnsibleList, readAnsibleList } from './sources/ansible-list.ts'
import type { CsmAnswer } from './sources/csm-answer.ts'
import { enterAliases, parseCsm, readCsm } from './sources/csm-read.ts'
import { parseJson } from './sources/located-json.ts'
import { printedName, programSource, readSource, type Source } from './sources/source.ts'

/** A file is parsed once, although sources are looked for before the inventory is built. */
const parsed = new WeakMap<InventoryFile, ParsedYaml>()

/** Reads all files into a draft: each where it stands in their order, its source's answer just before it; vars of groups and hosts last. */
export function readFiles(draft: Draft, files: readonly InventoryFile[]): void {
  const answers = new Map(
    files.flatMap((file) => (file.about.kind === 'answer' ? [[file.path, file] as const] : [])),
  )
  const nodes = new Map<Source, CsmAnswer>()
  const sources = new Map<InventoryFile, Source>()
  for (const file of files) {
    const source = sourceOf(draft, file)
    const answer = answers.get(file.path)
    if (!source) continue
    sources.set(file, source)
    const said = source.asks.kind === 'csm' && answer ? parseCsm(draft, source, answer.text) : null
    if (said) nodes.set(source, said)
    if (said) enterAliases(draft, source, said)
  }
  for (const file of files) {
    const source = sources.get(file)
    if (source) readAnswer(draft, source, answers.get(file.path), nodes.get(source))
    if (file.about.kind === 'inventory') readInventory(draft, file)
  }
  for (const file of files)
    if (file.about.kind === 'group' || file.about.kind === 'host') readVars(draft, file, file.about)
}

/** The sources that files name, each of which must be asked. What is wrong with one is said when the inventory is built. */
export function sourcesIn(files: readonly InventoryFile[]): readonly Source[] {
  const draft = emptyDraft({
    home: '/',
    environment: {},
    secretFiles: new Map(),
    warned: new Set(),
    printed: new Set(),
  })
  return files.flatMap((file) => sourceOf(draft, file) ?? [])
}

function sourceOf(draft: Draft, file: InventoryFile): Source | null {
  if (file.about.kind === 'program') return programSource(file.path)
  if (file.about.kind !== 'inventory') return null
  const { value } = parsedOf(file)
  const entry = value?.kind === 'map' ? value.entries.get('source') : undefined
  return entry ? readSource(draft, entry, file) : null
}

function readAnswer(
  draft: Draft,
  source: Source,
  answer: InventoryFile | undefined,
  nodes: CsmAnswer | undefined,
): void {
  if (!answer) {
    if (!draft.partial)
      fail(
        draft,
        'inventory/not-asked',
        'this source was not asked',
        source.at,
        'ask it: trueup inventory -i PATH',
      )
    return
  }
  if (source.asks.kind === 'csm') {
    if (nodes) readCsm(draft, source, source.asks, nodes)
    return
  }
  const printed = printedName(source.asks.path)
  draft.world.printed.add(printed)
  const { value, diagnostics } = parseJson(printed, answer.text, { raw: true })
  draft.diagnostics.push(...diagnostics)
  if (value) readAnsibleList(draft, value)
}

function readInventory(draft: Draft, file: InventoryFile): void {
  const { value, diagnostics } = parsedOf(file)
  draft.diagnostics.push(...diagnostics)
  if (!value) return
  if (!file.path.endsWith('.json') || !isAnsibleList(value)) return readInventoryFile(draft, value)
  readAnsibleList(draft, parseJson(file.path, file.text, { raw: true }).value ?? value)
}

function readVars(draft: Draft, file: InventoryFile, about: VarsOf): void {
  const { value, diagnostics } = parsedOf(file)
  draft.diagnostics.push(...diagnostics)
  if (!value) return
  const target = targetOf(draft, about, file.path)
  const layer = readVarsFile(draft, value)
  target?.fromFiles.push(layer)
}

function targetOf(draft: Draft, about: VarsOf, file: string): GroupDraft | HostDraft | undefined {
  const found =
    about.kind === 'group' ? draft.groups.get(about.name) : hostNamed(draft, hostKey(about.name))
  if (found) return found
  const known = about.kind === 'group' ? draft.groups.keys() : draft.hosts.keys()
  if (about.sure && !draft.partial)
    fail(
      draft,
      `inventory/no-${about.kind}`,
      `this file is about the ${about.kind} '${about.name}', which does not exist`,
      { file, line: 1, column: 1 },
      didYouMean(about.name, known),
    )
  return undefined
}

function parsedOf(file: InventoryFile): ParsedYaml {
  let found = parsed.get(file)
  if (!found)
    parsed.set(
      file,
      (found = file.path.endsWith('.json')
        ? parseJson(file.path, file.text, { raw: false })
        : parseYaml(file.path, file.text)),
    )
  return found
}
