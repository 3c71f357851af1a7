import { stat } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { attributeFields, attributeParams, attributesOf } from '../attributes.ts'
import { fileChanges } from './file-changes.ts'
import { changedAt, entriesIn, namesIn, treeIn, treeText } from '../folder-entries.ts'
import { systemFolderFault } from '../system-folders.ts'
import { accountProbes, strangerField, strangerOf } from '../stranger.ts'

const ownable = { state: ['file', 'directory'] } as const

/** A path is a folder, a link, a file with these permissions, or nothing at all. */
export const file = defineResource({
  name: 'file',
  summary: 'A path is a folder, a link, a file with these permissions, or nothing at all.',
  source: "Ansible's file",
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        description: 'The path.',
      },
      state: {
        type: 'string',
        enum: ['file', 'directory', 'link', 'absent'],
        default: 'file',
        description: '`file` must be there already: `copy` and `template` make one.',
      },
      src: {
        type: 'string',
        format: 'line',
        minLength: 1,
        description: 'What a link points to.',
        onlyWith: { state: ['link'] },
        neededWith: { state: ['link'] },
      },
      owner: { ...attributeParams.owner, onlyWith: ownable },
      group: { ...attributeParams.group, onlyWith: ownable },
      mode: { ...attributeParams.mode, onlyWith: ownable },
      recurse: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['absent'] },
        description:
          'With `absent`: a folder goes with all that is in it, on its own file system. Without it only an empty one goes.',
      },
    },
  },
  state: {
    kind: { type: 'string', description: '`file`, `directory`, `link` …, or `absent`.' },
    target: { type: 'string', description: 'Where a link points.' },
    owner: attributeFields.owner,
    group: attributeFields.group,
    mode: attributeFields.mode,
    stranger: strangerField,
    inside: {
      type: 'string',
      information: true,
      description:
        'Of a folder that is to go: how many entries it holds, with a hash of their listing (`recurse`), or its first ones.',
    },
    changed: {
      type: 'string',
      information: true,
      description: 'Of a file that is to go: when its content was changed.',
    },
  },
  checks: { path: ({ path, state }) => (state === 'absent' ? systemFolderFault(path) : null) },
  // Permissions are those of what a link points to; a link itself is looked at where a link or nothing is wanted.
  probe: ({ path, state, recurse, owner, group }, seen) => ({
    ...accountProbes({ owner, group }),
    at: stat(path, state === 'file' || state === 'directory' ? { follow: true } : {}),
    inside:
      state === 'absent' && seen['at']?.kind === 'directory'
        ? recurse
          ? treeIn(path)
          : entriesIn(path)
        : undefined,
    changed: state === 'absent' && seen['at']?.kind === 'file' ? changedAt(path) : undefined,
  }),
  observe: ({ at, inside, changed, ofOwner, ofGroup }, params) => ({
    stranger: strangerOf(params, ofOwner, ofGroup),
    kind: at.exists ? at.kind : 'absent',
    target: (at.exists && at.target) || null,
    ...attributesOf(at, params),
    inside:
      inside === undefined
        ? null
        : params.recurse
          ? treeText(inside.stdout)
          : namesIn(inside.stdout).join(', '),
    changed: changed?.stdout.trim() ?? null,
  }),
  desire: ({ state, src, owner, group, mode }) => ({
    kind: state,
    target: state === 'link' ? src : undefined,
    owner,
    group,
    mode,
  }),
  change: fileChanges,
})
