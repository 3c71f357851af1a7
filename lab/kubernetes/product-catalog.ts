import { createHash } from 'node:crypto'
import type { Release } from '../csm/system-model.ts'

/** What a release of CSM ships. */
export interface Shipped {
  readonly csm: string
  /** Version of csm-config. */
  readonly configuration: string
  /** Of its compute images: `1.6-6.2.25`. */
  readonly image: string
  /** Of the images of the management nodes: `6.2.25`. */
  readonly managementImage: string
  /** Of SLES 15, which the barebones image and recipes hold. */
  readonly servicePack: number
  /** Of csm-config. */
  readonly commit: string
}

/** An image or a recipe that a release puts into IMS, and names in the product catalog. */
export interface Artifact {
  readonly name: string
  readonly id: string
  readonly arch: 'x86_64' | 'aarch64'
}

const shipped: Readonly<Record<Release, Shipped>> = {
  '1.5': {
    csm: '1.5.1',
    configuration: '1.16.34',
    image: '1.5-5.2.55',
    managementImage: '5.2.54',
    servicePack: 5,
    commit: '545dd8f97645ee6882a8cef2f7dfdf25a63c1d8e',
  },
  '1.6.0': {
    csm: '1.6.0',
    configuration: '1.27.2',
    image: '1.6-6.2.25',
    managementImage: '6.1.94',
    servicePack: 6,
    commit: '0c1a5fd3a4e3a1c7b6c0f0d6a0cf4a9be3ab1f27',
  },
  '1.6': {
    csm: '1.6.1',
    configuration: '1.28.0',
    image: '1.6-6.2.25',
    managementImage: '6.2.25',
    servicePack: 6,
    commit: '7be2a6a1f4a24a5b3c41fdc21b1d9b3cfb1d4f60',
  },
  '1.7': {
    csm: '1.7.0',
    configuration: '1.50.3',
    image: '1.7-7.1.37',
    managementImage: '7.1.37',
    servicePack: 7,
    commit: '2d9f0b8c6f1e4a7d9b3c5e8f7a6b5c4d3e2f1a09',
  },
}

/** Trouble with the catalog: no product csm, versions whose text misleads, or images that are gone. */
export type CatalogFault = 'no-csm' | 'many-versions' | 'dead-images'

/** What a release ships. */
export function commitOf(release: Release): Shipped {
  return shipped[release]
}

// The ids of the procedure's page, by what the name begins with and the architecture.
const idsOfThePage: Readonly<Record<string, string>> = {
  'compute-csm x86_64': 'f6d9cfc7-9291-4c46-8350-c252b919d396',
  'compute-csm aarch64': '02c18757-b546-4a9f-9eae-891928bbbbb9',
  'barebones image x86_64': '771971b5-125a-426d-8bd4-0a2a0b8e23cf',
  'secure-kubernetes x86_64': 'aea9f96d-20ba-4194-b8d4-0047803dd146',
  'secure-storage-ceph x86_64': '24aa8dbb-6f21-44fe-8e82-25e35802937e',
  'barebones recipe aarch64': '156f86ca-ebda-4bcc-b342-32ebbb99ee76',
  'barebones recipe x86_64': 'fca72545-338d-4220-88f7-7807d4c2c7e5',
}

/** The images of a release, as its product catalog names them: those of compute nodes, and others that resemble them. */
export function imagesOf(release: Release): readonly Artifact[] {
  return imagesWith(shipped[release], (key) => idsOfThePage[key]!)
}

/** The recipes of a release. */
export function recipesOf(release: Release): readonly Artifact[] {
  return recipesWith(shipped[release], (key) => idsOfThePage[key]!)
}

type Ids = (key: string) => string

function imagesWith({ csm, image, managementImage, servicePack }: Shipped, idOf: Ids): Artifact[] {
  return [
    {
      name: `compute-csm-${image}-aarch64`,
      id: idOf('compute-csm aarch64'),
      arch: 'aarch64',
    },
    { name: `compute-csm-${image}-x86_64`, id: idOf('compute-csm x86_64'), arch: 'x86_64' },
    {
      name: `cray-shasta-csm-sles15sp${servicePack}-barebones-csm-${seriesOf(csm)}`,
      id: idOf('barebones image x86_64'),
      arch: 'x86_64',
    },
    ...(['secure-kubernetes', 'secure-storage-ceph'] as const).map((name) => ({
      name: `${name}-${managementImage}-x86_64.squashfs`,
      id: idOf(`${name} x86_64`),
      arch: 'x86_64' as const,
    })),
  ]
}

function recipesWith({ csm, servicePack }: Shipped, idOf: Ids): Artifact[] {
  return (['aarch64', 'x86_64'] as const).map((arch) => ({
    name: `cray-shasta-csm-sles15sp${servicePack}-barebones-csm-${seriesOf(csm)}-${arch}`,
    id: idOf(`barebones recipe ${arch}`),
    arch,
  }))
}

/** The first two numbers of a version: `1.6`. */
function seriesOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** Installations before that of the release, whose images and recipes were deleted from IMS since. */
const older: readonly (Shipped & { readonly date: string })[] = [
  {
    csm: '1.4.4',
    configuration: '1.15.29',
    image: '1.4-4.1.9',
    managementImage: '0.4.40',
    servicePack: 4,
    commit: '9d1b3f0c2a4e5d6f7081920a3b4c5d6e7f809102',
    date: '2023-06-20 08:14:55.120033',
  },
  {
    csm: '1.4.10',
    configuration: '1.15.33',
    image: '1.4-4.1.12',
    managementImage: '0.4.44',
    servicePack: 4,
    commit: '4e5f60718293a4b5c6d7e8f9012a3b4c5d6e7f80',
    date: '2023-11-02 17:02:31.400190',
  },
]

/**
 * The product catalog: older installations beside that of the release. Its keys come out in the order of their letters, where
 * 1.4.10 stands before 1.4.4, and the newest is not the last.
 */
export function catalogData(
  release: Release,
  fault: CatalogFault | null = null,
): Record<string, string> {
  if (fault === 'no-csm') return { cos }
  const now = fault === 'many-versions' ? { ...shipped[release], csm: '1.10.0' } : shipped[release]
  const entries = [
    ...older.map((each) => entry(each, each.date, goneWith(each.csm))),
    ...(release === '1.5' || release === '1.6.0' ? [] : [candidateOf(now)]),
    ...(fault === 'many-versions' ? [misleading(now)] : []),
    entry(
      now,
      '2024-03-22 12:47:14.937124',
      fault === 'dead-images' ? goneWith(now.csm) : (key) => idsOfThePage[key]!,
    ),
  ]
  return {
    cos: cos,
    csm: entries
      .sort((a, b) => (a.version < b.version ? -1 : 1))
      .map((each) => each.text)
      .join(''),
  }
}

/** A candidate of a release, with images of the same names and other ids. */
function candidateOf(release: Shipped): Entry {
  const csm = `${seriesOf(release.csm)}.0-rc.2`
  return entry(
    { ...release, csm, commit: 'a0b1c2d3e4f5061728394a5b6c7d8e9f00112233' },
    '2024-02-11 09:00:00.000001',
    goneWith(csm),
  )
}

/** A version that is older by its numbers and younger by its letters. */
function misleading(release: Shipped): Entry {
  return entry(
    { ...release, csm: '1.9.9', commit: 'c3d4e5f60718293a4b5c6d7e8f90112233445566' },
    '2024-01-09 07:44:12.000417',
    goneWith('1.9.9'),
  )
}

/** Ids that IMS does not have, the same ones each time. */
function goneWith(version: string): Ids {
  return (key) => {
    const digits = createHash('sha256').update(`${version} ${key}`).digest('hex')
    return [
      [0, 8],
      [8, 12],
      [12, 16],
      [16, 20],
      [20, 32],
    ]
      .map(([from, to]) => digits.slice(from, to))
      .join('-')
  }
}

/** One version of a product in the catalog, and its text there. */
interface Entry {
  readonly version: string
  readonly text: string
}

function entry(release: Shipped, date: string, idOf: Ids): Entry {
  const { csm, configuration, commit } = release
  const lines = [
    `${csm}:`,
    '  configuration:',
    '    clone_url: https://vcs.cmn.lab.local/vcs/cray/csm-config-management.git',
    `    commit: ${commit}`,
    `    import_branch: cray/csm/${configuration}`,
    `    import_date: ${date}`,
    '    ssh_url: git@vcs.cmn.lab.local:cray/csm-config-management.git',
    '  images:',
    ...named(imagesWith(release, idOf)),
    '  recipes:',
    ...named(recipesWith(release, idOf)),
    '',
  ]
  return { version: csm, text: lines.join('\n') }
}

function named(artifacts: readonly Artifact[]): readonly string[] {
  return artifacts.flatMap(({ name, id }) => [`    ${name}:`, `      id: ${id}`])
}

const cos = `2.5.101:
  configuration:
    clone_url: https://vcs.cmn.lab.local/vcs/cray/cos-config-management.git
    commit: 5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8e
    import_branch: cray/cos/2.5.101
    import_date: 2023-06-20 08:30:11.550201
    ssh_url: git@vcs.cmn.lab.local:cray/cos-config-management.git
  images: {}
  recipes: {}
`
