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
import { invalid } from '../unclear.ts'

const fields = ['kind', 'target', 'owner', 'group', 'mode'] as const

/** A path is a folder, a link, a file with these permissions, or nothing at all. */
export const file = defineResource({
  name: 'file',
  summary: 'A path is a folder, a link, a file with these permissions, or nothing at all.',
  source: "Ansible's file",
  params: {
    type: 'object',
    required: ['path'],
    needs: { recurse: ['state'] },
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
      src: { type: 'string', minLength: 1, description: 'What a link points to.' },
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: attributeParams.mode,
      recurse: {
        type: 'boolean',
        default: false,
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
  },
  // Permissions are those of what a link points to; a link itself is looked at where a link or nothing is wanted.
  probe: ({ path, state }) => ({
    at: stat(path, state === 'file' || state === 'directory' ? { follow: true } : {}),
  }),
  observe: ({ at }, params) => ({
    kind: at.exists ? at.kind : 'absent',
    target: (at.exists && at.target) || null,
    ...attributesOf(at, params),
  }),
  desire: ({ state, src, owner, group, mode }) => {
    if (state === 'link' && src === undefined)
      return invalid('the task does not say where the link points', 'add `src:` to the task')
    if ((state === 'link' || state === 'absent') && (owner ?? group ?? mode) !== undefined)
      return invalid(`\`state: ${state}\` has no owner, group or mode`, 'leave them out')
    return { kind: state, target: state === 'link' ? src : undefined, owner, group, mode }
  },
  change: (diff, params, current) => {
    const { path, state, src, recurse } = params
    const kind = current.kind!
    const repairs = drifted(diff, fields)
    if (state === 'absent') {
      return [
        {
          title: `remove the ${kind} ${path}`,
          repairs,
          effect: kind === 'link' ? 'replaces' : 'destroys',
          guard: ['at'],
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
            actions: [refuse(`there is no ${path}`, 'make it with `copy` or `template`')],
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
