import { refuse } from '../../contract/change.ts'
import { stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import {
  attributeChanges,
  attributeFields,
  attributeParams,
  attributesOf,
  drifted,
} from '../attributes.ts'
import { backupParam } from '../backup.ts'
import { attributesOfWrite, byCommand, validateParam, writeContent } from '../content.ts'
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
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        description: 'The file.',
      },
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
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not.',
      },
      backrefs: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description:
          '`\\1` to `\\9` in `line` are what the groups of `regexp` matched; where no line matches, none is added.',
      },
      insertafter: {
        type: 'string',
        format: 'pattern',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description:
          'A new line goes behind the last one that this expression matches, or to the end (`EOF`).',
      },
      insertbefore: {
        type: 'string',
        format: 'pattern',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description:
          'A new line goes before the last one that this expression matches, or to the beginning (`BOF`).',
      },
      firstmatch: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description: 'The first line that matches counts, instead of the last.',
      },
      create: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description: 'Create the file if it does not exist; its folder must exist.',
      },
      backup: backupParam,
      validate: validateParam,
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: attributeParams.mode,
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
    exists: { type: 'boolean', description: 'Whether the file is there.' },
    content: { type: 'string', description: 'The whole file.' },
    owner: attributeFields.owner,
    group: attributeFields.group,
    mode: attributeFields.mode,
    kind: { type: 'string', information: true, description: '`file`, `link`, `directory` …' },
  },
  probe: ({ path }) => ({ at: stat(path), text: text(path) }),
  observe: ({ at, text }, params) => ({
    exists: at.exists,
    content: text.exists ? text.text : null,
    ...attributesOf(at, params),
    kind: at.exists ? at.kind : null,
  }),
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
    const { path, create, state } = params
    const repairs = drifted(diff, fields)
    if (!current.exists && (state === 'absent' || !create)) {
      return [
        {
          title: `edit ${path}`,
          repairs,
          actions: [
            refuse(
              `${path} does not exist`,
              'add `create: true`, or ensure what brings it in a task before this one',
            ),
          ],
        },
      ]
    }
    if (!diff.content && !diff.exists) return attributeChanges(diff, path, params)
    const attributes = attributesOfWrite(params, current.exists ? params.backup : undefined)
    return writeContent(path, diff.content!.to as string, repairs, {
      kind: current.kind,
      guard: 'text',
      validate: params.validate,
      attributes,
      tooLarge: byCommand,
    })
  },
})
