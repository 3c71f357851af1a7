import { refuse } from '../../contract/change.ts'
import { stat } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import {
  attributeChanges,
  attributeFields,
  attributeParams,
  attributesOf,
  drifted,
} from '../attributes.ts'
import { entriesIn, namesIn, treeIn, treeText } from '../folder-entries.ts'

const ownable = { state: ['file', 'directory'] } as const
const fields = ['kind', 'target', 'owner', 'group', 'mode'] as const

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
    inside: {
      type: 'string',
      information: true,
      description:
        'Of a folder that is to go: how many entries it holds, with a hash of their listing (`recurse`), or its first ones.',
    },
  },
  // Permissions are those of what a link points to; a link itself is looked at where a link or nothing is wanted.
  probe: ({ path, state, recurse }, seen) => ({
    at: stat(path, state === 'file' || state === 'directory' ? { follow: true } : {}),
    inside:
      state === 'absent' && seen['at']?.kind === 'directory'
        ? recurse
          ? treeIn(path)
          : entriesIn(path)
        : undefined,
  }),
  observe: ({ at, inside }, params) => ({
    kind: at.exists ? at.kind : 'absent',
    target: (at.exists && at.target) || null,
    ...attributesOf(at, params),
    inside:
      inside === undefined
        ? null
        : params.recurse
          ? treeText(inside.stdout)
          : namesIn(inside.stdout).join(', '),
  }),
  desire: ({ state, src, owner, group, mode }) => ({
    kind: state,
    target: state === 'link' ? src : undefined,
    owner,
    group,
    mode,
  }),
  change: (diff, params, current) => {
    const { path, state, src, recurse } = params
    const kind = current.kind!
    const repairs = drifted(diff, fields)
    if (state === 'absent') {
      if (current.inside && !recurse)
        return [
          {
            title: `remove the directory ${path}`,
            repairs,
            actions: [
              refuse(
                `${path} is not empty: it holds ${current.inside}`,
                'empty it in a task before this one, or let all of it go with `recurse: true`',
              ),
            ],
          },
        ]
      return [
        {
          title: `remove the ${kind} ${path}${kind === 'directory' && recurse ? `, which holds ${current.inside}` : ''}`,
          repairs,
          effect: kind === 'link' ? 'replaces' : 'destroys',
          guard: kind === 'directory' ? ['at', 'inside'] : ['at'],
          actions: [
            {
              do: 'remove',
              path,
              seenBy: 'at',
              ...(recurse && kind === 'directory' ? { recursive: true as const } : {}),
            },
          ],
        },
      ]
    }
    if (state === 'link') {
      if (kind === 'absent')
        return [
          {
            title: `link ${path} to ${src}`,
            repairs,
            actions: [{ do: 'link', path, target: src! }],
          },
        ]
      if (kind === 'link')
        return [
          {
            title: `link ${path} to ${src} instead of ${current.target}`,
            repairs,
            effect: 'replaces',
            guard: ['at'],
            actions: [{ do: 'link', path, target: src! }],
          },
        ]
    }
    if (kind === 'absent' && state === 'directory')
      return [
        {
          title: `make the folder ${path}`,
          repairs,
          actions: [
            {
              do: 'attributes',
              path,
              make: true,
              owner: params.owner,
              group: params.group,
              mode: params.mode,
            },
          ],
        },
      ]
    if (diff.kind) {
      const title = `make ${path} a ${state}`
      if (kind === 'absent')
        return [
          {
            title,
            repairs,
            actions: [refuse(`${path} does not exist`, 'make it with `copy` or `template`')],
          },
        ]
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `${path} is a ${kind}, not a ${state}`,
              'remove it in a task before this one, or name another path',
            ),
          ],
        },
      ]
    }
    return attributeChanges(diff, path, params)
  },
})
