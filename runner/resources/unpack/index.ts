import { refuse } from '../../contract/change.ts'
import {
  sha256,
  stat,
  type ProbeMap,
  type Sha256Probe,
  type StatProbe,
} from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'

/** What an archive on the host holds is unpacked in a folder. */
export const unpack = defineResource({
  name: 'unpack',
  summary: 'What an archive on the host holds is unpacked in a folder.',
  source: "Ansible's unarchive; tar(1), unzip(1)",
  params: {
    type: 'object',
    required: ['src', 'dest', 'creates'],
    properties: {
      src: {
        type: 'string',
        format: 'path',
        pattern: '^/',
        description: 'The archive, on the host: what its `tar` reads, or a `.zip`.',
      },
      dest: {
        type: 'string',
        format: 'path',
        pattern: '^/',
        description: 'The folder that it goes into. It must be there.',
      },
      creates: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        description:
          'A path that tells that it was unpacked: best the last that the archive holds.',
      },
      timeout: {
        type: 'string',
        format: 'duration',
        default: '30m',
        description: 'How long it may take.',
      },
    },
  },
  state: {
    unpacked: { type: 'boolean', description: 'Whether `creates` is there.' },
    archive: {
      type: 'string',
      information: true,
      description: 'Kind of what the archive is: `file` …; null where nothing is.',
    },
    sha256: {
      type: 'string',
      information: true,
      description: 'Hash of the archive, where it is still to be unpacked.',
    },
    folder: { type: 'boolean', information: true, description: 'Whether the folder is there.' },
  },
  probe: (
    { creates, src, dest },
    seen,
  ): ProbeMap & {
    readonly made: StatProbe
    readonly archive: StatProbe | undefined
    readonly folder: StatProbe | undefined
    readonly hash: Sha256Probe | undefined
  } => ({
    made: stat(creates),
    archive: src === undefined ? undefined : stat(src, { follow: true }),
    folder: dest === undefined ? undefined : stat(dest, { follow: true }),
    // It takes a disk's time, and only what is to be unpacked is worth it.
    hash:
      seen['made']?.exists === false && seen['archive']?.kind === 'file'
        ? sha256(src, { ahead: false, timeout: 600 })
        : undefined,
  }),
  observe: ({ made, archive, folder, hash }) => ({
    unpacked: made.exists,
    archive: archive?.exists ? archive.kind : null,
    sha256: hash?.exists ? hash.sha256 : null,
    folder: folder ? folder.exists && folder.kind === 'directory' : null,
  }),
  desire: () => ({ unpacked: true }),
  change: (diff, { src, dest, creates, timeout }, current) => {
    const title = `unpack ${src} in ${dest}`
    const repairs = drifted(diff, ['unpacked'])
    const { archive, sha256, folder } = current
    if (archive === null)
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `${src} does not exist`,
              'ensure it with `download` or `copy` in a task before this one',
            ),
          ],
        },
      ]
    if (!folder)
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `the folder ${dest} does not exist`,
              'ensure it with `file: { state: directory }` in a task before this one',
            ),
          ],
        },
      ]
    if (sha256 === null)
      return [
        {
          title,
          repairs,
          actions: [refuse(`${src} is a ${archive}, not a file`, 'name the archive itself')],
        },
      ]
    // Members take the place of files that are there already.
    return [
      {
        title,
        repairs,
        effect: 'replaces',
        guard: ['made', 'hash'],
        actions: [
          {
            do: 'unpack',
            path: src,
            sha256,
            format: /\.zip$/i.test(src) ? 'zip' : 'tar',
            folder: dest,
            mark: creates,
            timeout,
          },
        ],
      },
    ]
  },
})
