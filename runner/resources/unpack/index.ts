import { exec, refuse } from '../../contract/change.ts'
import { stat } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'

/** Lists before it extracts: a member that would lie outside the folder ends it before anything was written. */
const script = `set -eu
src=$1 dest=$2 kind=$3
case $kind in
  zip) names=$(unzip -Z1 -- "$src");;
  *) names=$(tar -tf "$src") && kinds=$(tar -tvf "$src")
    if printf '%s\\n' "$kinds" | grep -qE '^h.* link to (/|([^ ]*/)?\\.\\.(/|$))'; then echo "$src links to what lies outside its folder; nothing was unpacked" >&2; exit 9; fi;;
esac
if printf '%s\\n' "$names" | grep -qE '^/|(^|/)\\.\\.(/|$)'; then echo "$src has members that would lie outside its folder; nothing was unpacked" >&2; exit 9; fi
case $kind in
  zip) unzip -q -o "$src" -d "$dest";;
  *) tar -xof "$src" -C "$dest";;
esac`

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
    archive: { type: 'boolean', information: true, description: 'Whether the archive is there.' },
    folder: { type: 'boolean', information: true, description: 'Whether the folder is there.' },
  },
  probe: ({ creates, src, dest }) => ({
    made: stat(creates),
    archive: src === undefined ? undefined : stat(src, { follow: true }),
    folder: dest === undefined ? undefined : stat(dest, { follow: true }),
  }),
  observe: ({ made, archive, folder }) => ({
    unpacked: made.exists,
    archive: archive?.exists ?? null,
    folder: folder ? folder.exists && folder.kind === 'directory' : null,
  }),
  desire: () => ({ unpacked: true }),
  change: (diff, { src, dest, timeout }, { archive, folder }) => {
    const title = `unpack ${src} in ${dest}`
    const repairs = drifted(diff, ['unpacked'])
    if (!archive)
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `there is no ${src}`,
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
              `there is no folder ${dest}`,
              'ensure it with `file: { state: directory }` in a task before this one',
            ),
          ],
        },
      ]
    // Members take the place of files that are there already.
    return [
      {
        title,
        repairs,
        effect: 'replaces',
        guard: ['made', 'archive'],
        actions: [
          exec(['sh', '-c', script, 'unpack', src, dest, /\.zip$/i.test(src) ? 'zip' : 'tar'], {
            timeout,
          }),
        ],
      },
    ]
  },
})
