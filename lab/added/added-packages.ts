import type { Located, LocatedEntry } from '../../runner/source/located.ts'
import type { ImageFile } from '../node/node-model.ts'
import type { AddedPackage } from './additions.ts'
import { addedCommand } from './added-commands.ts'
import { addedFile } from './added-files.ts'
import { entriesOf, keyOf, textAt, wordsAt, type Reading } from './lab-yaml.ts'

/** A package that was added, and where it is installed already. */
export interface PackageEntry {
  readonly added: AddedPackage
  readonly installedOn: Located | null
}

/** The packages that repositories offer beside their own. */
export async function addedPackages(
  reading: Reading,
  located: Located | undefined,
): Promise<readonly PackageEntry[]> {
  const found: PackageEntry[] = []
  for (const entry of entriesOf(located)) {
    const made = await packageOf(reading, entry)
    if (made) found.push(made)
  }
  return found
}

async function packageOf(reading: Reading, entry: LocatedEntry): Promise<PackageEntry | null> {
  const { key, keyAt, value } = entry
  const version = textAt(value, 'version') ?? ''
  const repository = textAt(value, 'repository') ?? ''
  if (!/^[\w][\w.+-]*$/.test(key)) {
    reading.report(
      'lab/with-name',
      `'${key}' is not the name of a package`,
      keyAt,
      'write its name alone, without a version',
    )
    return null
  }
  if (!/^[\w.+~^]+-[\w.+~^]+$/.test(version)) {
    reading.report(
      'lab/with-value',
      `'${version}' is not the version of a package`,
      keyOf(value, 'version')!.at,
      'write version and release: version: 23.02.7-1',
    )
    return null
  }
  if (!/^[\w.-]+$/.test(repository)) {
    reading.report(
      'lab/with-value',
      `'${repository}' is not the name of a repository`,
      keyOf(value, 'repository')!.at,
      'write its name below https://packages.local/repository/: repository: csm-noos',
    )
    return null
  }
  const contents = await contentsOf(reading, value)
  const signed = keyOf(value, 'signed')
  return {
    installedOn: keyOf(value, 'installed_on') ?? null,
    added: {
      repository,
      offer: {
        name: key,
        version,
        arch: 'noarch',
        summary: textAt(value, 'summary') ?? key,
        requires: wordsAt(keyOf(value, 'requires')).map(({ word }) => word),
        files: contents.map(({ path }) => path),
        contents,
        signed: !(signed?.kind === 'scalar' && signed.value === false),
      },
    },
  }
}

async function contentsOf(reading: Reading, value: Located): Promise<readonly ImageFile[]> {
  const found: (ImageFile | null)[] = entriesOf(keyOf(value, 'files')).map((each) =>
    addedFile(reading, each),
  )
  for (const each of entriesOf(keyOf(value, 'commands')))
    found.push(await addedCommand(reading, each))
  return found.filter((each) => each !== null)
}
