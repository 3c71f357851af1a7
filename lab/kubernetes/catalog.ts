import type { Release } from '../csm/system.ts'

/** What a release of CSM ships. */
export interface Shipped {
  readonly csm: string
  /** Version of csm-config. */
  readonly configuration: string
  /** Of its compute images: `1.6-6.2.25`. */
  readonly image: string
  /** Of csm-config. */
  readonly commit: string
}

const shipped: Readonly<Record<Release, Shipped>> = {
  '1.5': {
    csm: '1.5.1',
    configuration: '1.16.34',
    image: '1.5-5.2.55',
    commit: '545dd8f97645ee6882a8cef2f7dfdf25a63c1d8e',
  },
  '1.6.0': {
    csm: '1.6.0',
    configuration: '1.27.2',
    image: '1.6-6.2.25',
    commit: '0c1a5fd3a4e3a1c7b6c0f0d6a0cf4a9be3ab1f27',
  },
  '1.6': {
    csm: '1.6.1',
    configuration: '1.28.0',
    image: '1.6-6.2.25',
    commit: '7be2a6a1f4a24a5b3c41fdc21b1d9b3cfb1d4f60',
  },
  '1.7': {
    csm: '1.7.0',
    configuration: '1.50.3',
    image: '1.7-7.1.37',
    commit: '2d9f0b8c6f1e4a7d9b3c5e8f7a6b5c4d3e2f1a09',
  },
}

/** Trouble with the catalog: no product csm, versions whose text misleads, or images that are gone. */
export type CatalogFault = 'no-csm' | 'many-versions' | 'dead-images'

/** What a release ships. */
export function commitOf(release: Release): Shipped {
  return shipped[release]
}

const newest = {
  x86_64: 'f6d9cfc7-9291-4c46-8350-c252b919d396',
  aarch64: '02c18757-b546-4a9f-9eae-891928bbbbb9',
} as const

/**
 * The product catalog: an older installation beside that of the release, whose images were deleted from IMS since. Its
 * keys come out in the order of their letters, where 1.4.10 stands before 1.4.4, and the newest is not the last.
 */
export function catalogData(
  release: Release,
  fault: CatalogFault | null = null,
): Record<string, string> {
  if (fault === 'no-csm') return { cos }
  const gone = {
    x86_64: '4f1f2f3f-0a0b-4c0d-8e0f-101112131415',
    aarch64: '16171819-1a1b-4c1d-9e1f-202122232425',
  }
  const now = fault === 'many-versions' ? { ...shipped[release], csm: '1.10.0' } : shipped[release]
  const series = now.csm.split('.').slice(0, 2).join('.')
  const entries = [
    entry(
      {
        csm: '1.4.4',
        configuration: '1.15.29',
        image: '1.4-4.1.9',
        commit: '9d1b3f0c2a4e5d6f7081920a3b4c5d6e7f809102',
      },
      '2023-06-20 08:14:55.120033',
      {
        x86_64: 'c5cbd2b0-7c8f-4e1d-9f0a-4a6f6a3f6c11',
        aarch64: 'd8a6cf0e-03a3-4f8c-8c0c-0b9f3f5a7e22',
      },
    ),
    entry(
      {
        csm: '1.4.10',
        configuration: '1.15.33',
        image: '1.4-4.1.12',
        commit: '4e5f60718293a4b5c6d7e8f9012a3b4c5d6e7f80',
      },
      '2023-11-02 17:02:31.400190',
      {
        x86_64: '0a9f3f5a-7e22-4d8c-9e1f-6c5b4a392817',
        aarch64: '1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9',
      },
    ),
    ...(release === '1.5' || release === '1.6.0'
      ? []
      : [
          entry(
            { ...now, csm: `${series}.0-rc.2`, commit: 'a0b1c2d3e4f5061728394a5b6c7d8e9f00112233' },
            '2024-02-11 09:00:00.000001',
            {
              x86_64: '6f5e4d3c-2b1a-4099-8877-665544332211',
              aarch64: '7a6b5c4d-3e2f-4100-9f8e-7d6c5b4a3928',
            },
          ),
        ]),
    ...(fault === 'many-versions'
      ? [
          entry(
            { ...now, csm: '1.9.9', commit: 'c3d4e5f60718293a4b5c6d7e8f90112233445566' },
            '2024-01-09 07:44:12.000417',
            gone,
          ),
        ]
      : []),
    entry(now, '2024-03-22 12:47:14.937124', fault === 'dead-images' ? gone : newest),
  ]
  return {
    cos: cos,
    csm: entries
      .sort((a, b) => (a.version < b.version ? -1 : 1))
      .map((each) => each.text)
      .join(''),
  }
}

function entry(
  { csm, configuration, image, commit }: Shipped,
  date: string,
  images: Readonly<Record<'x86_64' | 'aarch64', string>>,
): { readonly version: string; readonly text: string } {
  const lines = [
    `${csm}:`,
    '  configuration:',
    '    clone_url: https://vcs.cmn.lab.local/vcs/cray/csm-config-management.git',
    `    commit: ${commit}`,
    `    import_branch: cray/csm/${configuration}`,
    `    import_date: ${date}`,
    '    ssh_url: git@vcs.cmn.lab.local:cray/csm-config-management.git',
    '  images:',
    ...(['aarch64', 'x86_64'] as const).flatMap((arch) => [
      `    compute-csm-${image}-${arch}:`,
      `      id: ${images[arch]}`,
    ]),
    '  recipes: {}',
    '',
  ]
  return { version: csm, text: lines.join('\n') }
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
