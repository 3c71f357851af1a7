import { refuse } from '../../contract/change.ts'
import { matcherFault } from '../../contract/matcher.ts'
import { stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import {
  attributeChanges,
  attributeFields,
  attributeParams,
  attributesOf,
  drifted,
} from '../attributes.ts'
import { attributesOfWrite, validateParam, writeContent } from '../content.ts'
import { invalid } from '../unclear.ts'
import { withLine, withoutLine } from './edit.ts'

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
      line: { type: 'string', pattern: '^[^\\n]*$', description: 'The line.' },
      regexp: {
        type: 'string',
        minLength: 1,
        description:
          "The line takes the place of the last one that this matches (JavaScript's regular expressions); with `absent` all that match go.",
      },
      search_string: {
        type: 'string',
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
        description:
          '`\\1` to `\\9` in `line` are what the groups of `regexp` matched; where no line matches, none is added.',
      },
      insertafter: {
        type: 'string',
        minLength: 1,
        description:
          'A new line goes behind the last one that this expression matches, or to the end (`EOF`).',
      },
      insertbefore: {
        type: 'string',
        minLength: 1,
        description:
          'A new line goes before the last one that this expression matches, or to the beginning (`BOF`).',
      },
      firstmatch: {
        type: 'boolean',
        default: false,
        description: 'The first line that matches counts, instead of the last.',
      },
      create: { type: 'boolean', default: false, description: 'Make the file when there is none.' },
      backup: {
        type: 'string',
        pattern: '^[^/]+$',
        description: 'Keep what is replaced beside it, under this name.',
      },
      validate: validateParam,
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: attributeParams.mode,
    },
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
    const { regexp, search_string, insertafter, insertbefore } = params
    for (const expression of [regexp, insertafter, insertbefore]) {
      const fault = expression === undefined ? null : matcherFault('matches', expression)
      if (fault !== null)
        return invalid(
          fault.replace('matches wants', `\`${expression}\` is not`),
          "write it as JavaScript's regular expressions are",
        )
    }
    if (params.state === 'absent') {
      if (params.line === undefined && regexp === undefined && search_string === undefined)
        return invalid(
          'the task does not say which line goes',
          'add `line:`, `regexp:` or `search_string:`',
        )
      return {
        content: content === null ? undefined : withoutLine(content, params),
        owner: params.owner,
        group: params.group,
        mode: params.mode,
      }
    }
    if (params.line === undefined) return invalid('the task gives no line', 'add `line:`')
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
              `there is no ${path}`,
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
    })
  },
})
