import type { Computed, Tree } from '../model/playbook.ts'
import type { Place } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import type { Names } from '../source/known-names.ts'
import { compileTemplate } from '../source/template.ts'
import type { LocatedScalar } from '../source/located.ts'
import { treeOf } from './compiled-values.ts'
import { fileFault, fromFolder } from './local-files.ts'
import { constant, report, type Loading } from './load-context.ts'

/**
 * The text of a local template file, compiled when the playbook is loaded. Its path may hold `item` where the loop is written
 * out: every file of the loop is read and checked then.
 */
export async function templateTree(
  loading: Loading,
  value: LocatedScalar,
  folder: string,
  names: Names,
  items: readonly Value[] | null,
): Promise<Tree> {
  if (value.tag !== '!expr' && !value.text.includes('{{')) {
    const computed = await templateOf(loading, value, fromFolder(folder, value.text), names)
    return computed ? { kind: 'computed', computed, at: value.at } : constant('', value.at)
  }
  const before = loading.diagnostics.length
  const tree = treeOf(loading, value, names)
  if (loading.diagnostics.length > before) return constant('', value.at)
  const path = tree.kind === 'computed' ? tree.computed : null
  if (!path || !items || path.paths.some(([root]) => root !== 'item')) {
    report(loading, {
      code: 'param/template',
      message: 'the file of a template must be known before anything runs',
      at: value.at,
      hint: 'write its path, with {{ item }} in it where `loop:` lists the items; choose between files with {{#if}} inside one, or with `when` on two tasks',
    })
    return constant('', value.at)
  }
  const computed = await oneOfSeveral(loading, value, path, folder, names, items)
  return computed ? { kind: 'computed', computed, at: value.at } : constant('', value.at)
}

/** The templates of all items; the item decides which one is rendered. */
async function oneOfSeveral(
  loading: Loading,
  value: LocatedScalar,
  path: Computed,
  folder: string,
  names: Names,
  items: readonly Value[],
): Promise<Computed | null> {
  const templates = new Map<string, Computed>()
  for (const item of items) {
    const file = fromFolder(folder, String(path.evaluate({ item })))
    if (templates.has(file)) continue
    const template = await templateOf(loading, value, file, names)
    if (!template) return null
    templates.set(file, template)
  }
  return {
    text: value.text,
    at: value.at,
    paths: [...path.paths, ...[...templates.values()].flatMap(({ paths }) => paths)],
    evaluate: (scope) =>
      templates.get(fromFolder(folder, String(path.evaluate(scope))))!.evaluate(scope),
  }
}

async function templateOf(
  loading: Loading,
  { at }: LocatedScalar,
  path: string,
  names: Names,
): Promise<Computed | null> {
  let text: string
  try {
    text = await loading.readText(path)
  } catch (error) {
    report(loading, {
      code: 'param/template',
      message: `cannot read ${path}: ${fileFault(error)}`,
      at,
      hint: 'template files are relative to the folder of the playbook',
    })
    return null
  }
  if (text.includes('\0')) {
    report(loading, { code: 'param/template', message: `${path} is binary`, at, hint: 'use copy' })
    return null
  }
  if (!loading.sources.some((source) => source.file === path))
    loading.sources.push({ file: path, text })
  const origin = fileOrigin(path, text)
  loading.sees?.({ text, locate: origin.locate }, names, 'template')
  const compiled = compileTemplate(text, names, origin, 'text')
  for (const diagnostic of compiled.diagnostics) report(loading, diagnostic)
  return compiled.computed
}

function fileOrigin(
  file: string,
  text: string,
): { readonly at: Place; locate(offset: number, width?: number): Place } {
  const locate = (offset: number, width = 1): Place => {
    const start = text.lastIndexOf('\n', offset - 1) + 1
    const end = text.indexOf('\n', offset)
    const source = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '')
    return {
      file,
      line: text.slice(0, start).split('\n').length,
      column: offset - start + 1,
      width: Math.max(1, Math.min(width, source.length - (offset - start))),
      source,
    }
  }
  return { at: locate(0), locate }
}
