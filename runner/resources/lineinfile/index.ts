import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'
import { editChanges } from '../edited-file.ts'
import {
  editedFields,
  editedFileFields,
  editParams,
  insertParams,
  writeParams,
  editProbes,
} from '../written-file.ts'
import { invalid } from '../unclear.ts'
import { withLine, withoutLine } from './edit-line.ts'

const fields = ['exists', 'content', 'owner', 'group', 'mode'] as const

/** A line stands in a text file, or does not. */
export const lineinfile = defineResource({
  name: 'lineinfile',
  summary: 'A line stands in a text file, or does not.',
  source: "Ansible's lineinfile",
  params: {
    type: 'object',
    required: ['path'],
    needs: { backrefs: ['regexp'] },
    atMostOne: [
      ['regexp', 'search_string'],
      ['insertafter', 'insertbefore'],
    ],
    properties: {
      path: editParams.path,
      line: {
        type: 'string',
        format: 'line',
        neededWith: { state: ['present'] },
        description: 'The line.',
      },
      regexp: {
        type: 'string',
        format: 'pattern',
        minLength: 1,
        description:
          'The line takes the place of the last one that this regular expression matches; with `absent` all that match go.',
      },
      search_string: {
        type: 'string',
        format: 'line',
        minLength: 1,
        description: 'As `regexp`, for a text that the line contains.',
      },
      state: editParams.state,
      backrefs: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description:
          '`\\1` to `\\9` in `line` are what the groups of `regexp` matched; where no line matches, none is added.',
      },
      ...insertParams('line'),
      firstmatch: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description: 'The first line that matches counts, instead of the last.',
      },
      create: editParams.create,
      ...writeParams,
    },
  },
  checks: {
    state: ({ state, line, regexp, search_string }) =>
      state === 'absent' && (line ?? regexp ?? search_string) === undefined
        ? {
            message: 'the task does not say which line goes',
            hint: 'add `line:`, `regexp:` or `search_string:`',
          }
        : null,
  },
  state: {
    ...editedFileFields,
    content: { type: 'string', description: 'The whole file.' },
  },
  probe: ({ path, create, owner, group }) => editProbes({ path, create, owner, group }),
  observe: (readings, params) => editedFields(readings, params),
  desire: (params, { content }) => {
    if (params.state === 'absent')
      return {
        content: content === null ? undefined : withoutLine(content, params),
        owner: params.owner,
        group: params.group,
        mode: params.mode,
      }
    const edited = withLine(content ?? '', params)
    if (params.backrefs && withLine(edited, params) !== edited)
      return invalid(
        'the line would change again each time',
        'write `regexp` so that the line which it makes stays as it is',
      )
    if (params.backrefs && content === null)
      return { owner: params.owner, group: params.group, mode: params.mode }
    return {
      exists: true,
      content: edited,
      owner: params.owner,
      group: params.group,
      mode: params.mode,
    }
  },
  change: (diff, params, current) => {
    const content = diff.content ? (diff.content.to as string) : null
    return editChanges(diff, params, current, drifted(diff, fields), content)
  },
})
