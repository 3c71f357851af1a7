import { dirname } from 'node:path'
import { shippedPlaybook } from '../files/shipped-folder.ts'
import { verbs } from '../model/playbook.ts'
import type { Place } from '../model/diagnostic.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { type Located, type LocatedList, type LocatedMap } from '../source/located.ts'
import { fileFault, fromFolder } from './local-files.ts'
import { report, type Loading } from './load-context.ts'
import { readList, readText } from './typed-entries.ts'

/** The steps of a play as written, with every include opened. */
export type WrittenStep =
  | { readonly kind: 'task'; readonly map: LocatedMap; readonly file: string }
  | {
      readonly kind: 'block'
      readonly map: LocatedMap
      readonly file: string
      readonly block: readonly WrittenStep[]
      readonly rescue: readonly WrittenStep[]
      readonly always: readonly WrittenStep[]
    }
  | {
      readonly kind: 'include'
      readonly map: LocatedMap
      readonly file: string
      readonly steps: readonly WrittenStep[]
    }

/** Opens the includes of a list of tasks, so that everything can be checked before anything runs. */
export async function openSteps(
  loading: Loading,
  list: LocatedList,
  file: string,
  trail: readonly string[],
): Promise<readonly WrittenStep[]> {
  const steps: WrittenStep[] = []
  for (const item of list.items) {
    if (item.kind !== 'map') {
      report(loading, {
        code: 'task/not-a-map',
        message: 'a task is a map that begins with a verb',
        at: item.at,
        hint: 'write `- ensure: <what is true>`',
      })
      continue
    }
    if (item.entries.has('include')) {
      steps.push({
        kind: 'include',
        map: item,
        file,
        steps: await openInclude(loading, item, file, trail),
      })
    } else if (['block', 'rescue', 'always'].some((key) => item.entries.has(key))) {
      const part = async (key: string): Promise<readonly WrittenStep[]> => {
        const inner = readList(loading, item.entries.get(key))
        return inner ? openSteps(loading, inner, file, trail) : []
      }
      if (!item.entries.has('block'))
        report(loading, {
          code: 'task/no-block',
          message: 'rescue and always need a block beside them',
          at: item.at,
          hint: 'add `block:` with the tasks that may fail',
        })
      steps.push({
        kind: 'block',
        map: item,
        file,
        block: await part('block'),
        rescue: await part('rescue'),
        always: await part('always'),
      })
    } else {
      steps.push({ kind: 'task', map: item, file })
    }
  }
  return steps
}

async function openInclude(
  loading: Loading,
  map: LocatedMap,
  file: string,
  trail: readonly string[],
): Promise<readonly WrittenStep[]> {
  const opened = await openFile(loading, map, file, trail)
  if (!opened) return []
  if (opened.located.kind === 'list')
    return openSteps(loading, opened.located, opened.path, [...trail, opened.path])
  const hint =
    opened.located.kind === 'map' && opened.located.entries.has('plays')
      ? 'this is a playbook: include it among the plays'
      : 'begin each task with `- ensure: …`'
  report(loading, {
    code: 'include/not-tasks',
    message: 'an included file is a list of tasks',
    at: opened.located.at,
    hint,
  })
  return []
}

/** Reads the file that an `include:` names; loops are refused. */
export async function openFile(
  loading: Loading,
  map: LocatedMap,
  file: string,
  trail: readonly string[],
): Promise<{ readonly path: string; readonly located: Located } | null> {
  const entry = map.entries.get('include')
  const named = readText(loading, entry)
  if (!entry || named === undefined) return null
  const path = fromFolder(dirname(file), named)
  if (trail.includes(path)) {
    report(loading, {
      code: 'include/loop',
      message: `${named} includes itself`,
      at: entry.value.at,
      hint: `remove one of: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`,
    })
    return null
  }
  const located = await readYaml(loading, path, entry.value.at)
  return located && { path, located }
}

/** Reads and parses a YAML file of the playbook; what is wrong with it is reported. */
export async function readYaml(
  loading: Loading,
  path: string,
  at: Place | null,
): Promise<Located | null> {
  let text: string
  try {
    text = await loading.readText(path)
  } catch (error) {
    report(loading, {
      code: 'playbook/no-file',
      message: `cannot read ${path}: ${fileFault(error)}`,
      at: at ?? { file: path, line: 1, column: 1 },
      hint: at ? 'paths are relative to the file that names them' : hintFor(path),
    })
    return null
  }
  if (!loading.sources.some((source) => source.file === path))
    loading.sources.push({ file: path, text })
  const { value, diagnostics } = parseYaml(path, text)
  for (const diagnostic of diagnostics) report(loading, diagnostic)
  if (!value && diagnostics.length === 0)
    report(loading, {
      code: 'playbook/empty',
      message: 'this file is empty',
      at: { file: path, line: 1, column: 1 },
      hint: 'write something, or remove it',
    })
  return value
}

function hintFor(missing: string): string {
  const shipped = shippedPlaybook(missing)
  return shipped === null
    ? 'name a playbook file; `trueup shipped playbooks` lists those that come with trueup'
    : `\`trueup shipped copy ${shipped} .\` copies the one that comes with trueup to this folder`
}

/** Where each register of these steps is set first. */
export function registersOf(
  steps: readonly WrittenStep[],
  found = new Map<string, Place>(),
): Map<string, Place> {
  for (const step of steps) {
    if (step.kind === 'include') registersOf(step.steps, found)
    else if (step.kind === 'block')
      for (const part of [step.block, step.rescue, step.always]) registersOf(part, found)
    else {
      const entry = step.map.entries.get('register')
      if (entry?.value.kind === 'scalar' && !found.has(entry.value.text))
        found.set(entry.value.text, entry.value.at)
    }
  }
  return found
}

/** The sentence of a task as written, and its place. */
export function sentenceOf(map: LocatedMap): { readonly text: string; readonly at: Place } | null {
  for (const verb of verbs) {
    const value = map.entries.get(verb)?.value
    if (value?.kind === 'scalar' && typeof value.value === 'string')
      return { text: value.value, at: value.at }
  }
  return null
}
