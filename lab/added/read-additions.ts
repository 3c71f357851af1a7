import { join } from 'node:path'
import { DiagnosticError } from '../../runner/model/diagnostic.ts'
import { checkLocated } from '../../runner/schema/check-located.ts'
import { parseYaml } from '../../runner/source/located-yaml.ts'
import type { Located } from '../../runner/source/located.ts'
import { didYouMean } from '../../runner/source/suggest.ts'
import { knownPackages } from '../commands/package-catalog.ts'
import type { ImageFile, NodeSpec } from '../node/node-model.ts'
import { addedCommand } from './added-commands.ts'
import { addedFile } from './added-files.ts'
import { addedNodes, nodesMeant, withAdded } from './added-nodes.ts'
import { addedPackages, type PackageEntry } from './added-packages.ts'
import { addedObjects, addedRequests } from './added-requests.ts'
import { addedSchema } from './added-schema.ts'
import { addedServices } from './added-services.ts'
import type { Additions } from './additions.ts'
import type { FolderFiles } from './folder-files.ts'
import { entriesOf, keyOf, newReading, wordsAt, type Reading } from './lab-yaml.ts'

const head = 'lab.yaml'

/** What a folder adds to a lab. Throws DiagnosticError with all that is wrong in it. */
export async function readAdditions(folder: FolderFiles): Promise<Additions> {
  const reading = newReading(folder)
  const located = headOf(reading)
  const additions = located ? await additionsOf(reading, located) : null
  if (located && reading.diagnostics.length === 0) refuseUnused(reading)
  if (reading.diagnostics.length > 0 || !additions) throw new DiagnosticError(reading.diagnostics)
  return additions
}

function headOf(reading: Reading): Located | null {
  const { root, files } = reading.folder
  const file = join(root, head)
  const bytes = files.get(head)
  reading.used.add(head)
  if (!bytes) {
    reading.report(
      'lab/with-folder',
      `${root} has no ${head}`,
      { file, line: 1, column: 1 },
      `write one: commands: { NAME: commands/NAME } adds a command; docs/lab.md has the rest`,
    )
    return null
  }
  const { value, diagnostics } = parseYaml(file, bytes.toString('utf8'))
  const shape = value ? checkLocated(value, addedSchema) : []
  for (const { code, message, at, hint } of [...diagnostics, ...shape])
    reading.report(code, message, at ?? { file, line: 1, column: 1 }, hint ?? 'fix this line')
  if (!value && diagnostics.length === 0)
    reading.report(
      'lab/with-folder',
      `${head} says nothing`,
      { file, line: 1, column: 1 },
      'write what the lab lacks: commands:, files:, packages:, nodes:, services:',
    )
  return reading.diagnostics.length > 0 ? null : value
}

async function additionsOf(reading: Reading, located: Located): Promise<Additions> {
  const { nodes, groups } = addedNodes(reading, keyOf(located, 'nodes'))
  const packages = await addedPackages(reading, keyOf(located, 'packages'))
  refuseUnknownPackages(reading, located, packages)
  const placed = await placedFiles(reading, located, nodes, groups)
  const installed = packages.map(({ added, installedOn }: PackageEntry) => ({
    name: added.offer.name,
    on: installedOn ? nodesMeant(reading, installedOn, nodes, groups) : new Set<string>(),
  }))
  return {
    nodes: nodes.map((node) =>
      withAdded(
        node,
        placed.filter(({ on }) => on.has(node.name)).map(({ file }) => file),
        installed.filter(({ on }) => on.has(node.name)).map(({ name }) => name),
      ),
    ),
    groups,
    packages: packages.map(({ added }) => added),
    ...(await addedServices(reading, keyOf(located, 'services'))),
    objects: addedObjects(reading, keyOf(located, 'objects')),
    requests: addedRequests(reading, keyOf(located, 'requests')),
  }
}

interface Placed {
  readonly file: ImageFile
  readonly on: ReadonlySet<string>
}

async function placedFiles(
  reading: Reading,
  located: Located,
  nodes: readonly NodeSpec[],
  groups: ReadonlyMap<string, readonly string[]>,
): Promise<readonly Placed[]> {
  const found: Placed[] = []
  const place = (file: ImageFile | null, value: Located): void => {
    const on = nodesMeant(reading, keyOf(value, 'on'), nodes, groups)
    if (!file) return
    const same = found.find((each) => each.file.path === file.path && meet(each.on, on))
    if (same)
      reading.report(
        'lab/with-name',
        `${file.path} is added twice to one node`,
        value.at,
        'leave one out, or give each its own nodes with on:',
      )
    found.push({ file, on })
  }
  for (const entry of entriesOf(keyOf(located, 'files')))
    place(addedFile(reading, entry), entry.value)
  for (const entry of entriesOf(keyOf(located, 'commands')))
    place(await addedCommand(reading, entry), entry.value)
  return found
}

/** An image has what is known: a slip would give the node an empty package of that name. */
function refuseUnknownPackages(
  reading: Reading,
  located: Located,
  packages: readonly PackageEntry[],
): void {
  const known = [...knownPackages, ...packages.map(({ added }) => added.offer.name)]
  for (const { value } of entriesOf(keyOf(located, 'nodes')))
    for (const { word, at } of wordsAt(keyOf(value, 'packages')))
      if (!known.includes(word))
        reading.report(
          'lab/with-name',
          `the lab knows no package '${word}'`,
          at,
          `${didYouMean(word, known)}; or declare it under packages:`,
        )
}

function meet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((name) => other.has(name))
}

/** A file that nothing names would be silently left out: its name is perhaps a slip. */
function refuseUnused(reading: Reading): void {
  const { root, files } = reading.folder
  for (const path of files.keys()) {
    if (reading.used.has(path) || /^(?:readme|licen[cs]e)(?:\.\w+)?$/i.test(path)) continue
    reading.report(
      'lab/with-file',
      `${head} does not name ${path}`,
      { file: join(root, path), line: 1, column: 1 },
      `name it under files: or commands:, or remove it; ${didYouMean(path, reading.used)}`,
    )
  }
}
