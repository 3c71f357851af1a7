import { dirname, resolve } from 'node:path'
import { parseYaml } from '../source/located-yaml.ts'
import { type Located } from '../source/located.ts'
import { verbs } from '../model/playbook.ts'
import { readText } from '../files/read-file.ts'
import { fromFolder } from './local-files.ts'

/**
 * Every key of the tasks of a playbook and of the files that it includes: the types that it uses are among them. What is wrong with
 * the files is said when the playbook is loaded.
 */
export function namesUsed(playbook: string): ReadonlySet<string> {
  const names = new Set<string>()
  const files = [resolve(playbook)]
  const seen = new Set<string>()
  for (let file = files.pop(); file !== undefined; file = files.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const read = readText(file)
    if ('code' in read) continue
    const { value } = parseYaml(file, read.text)
    if (value) collect(value, file, names, files)
  }
  return names
}

function collect(located: Located, file: string, names: Set<string>, files: string[]): void {
  if (located.kind === 'list') for (const item of located.items) collect(item, file, names, files)
  if (located.kind !== 'map') return
  const isTask = verbs.some((verb) => located.entries.has(verb))
  for (const { key, value } of located.entries.values()) {
    if (isTask) names.add(key)
    if (key === 'include' && value.kind === 'scalar' && typeof value.value === 'string')
      files.push(fromFolder(dirname(file), value.value))
    collect(value, file, names, files)
  }
}
