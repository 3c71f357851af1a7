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
import { blockIn, holdsMarker, withBlock, withoutBlock } from './edit-block.ts'

const fields = ['exists', 'block', 'owner', 'group', 'mode'] as const

/** A block of lines between two markers stands in a text file, or does not. */
export const blockinfile = defineResource({
  name: 'blockinfile',
  summary: 'A block of lines between two markers stands in a text file, or does not.',
  source: "Ansible's blockinfile",
  params: {
    type: 'object',
    required: ['path'],
    atMostOne: [['insertafter', 'insertbefore']],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        description: 'The file.',
      },
      marker: {
        type: 'string',
        identity: true,
        default: '# {mark} trueup block',
        format: 'line',
        pattern: '\\{mark\\}',
        hint: 'write {mark} where BEGIN and END stand: "# {mark} my block"',
        description:
          'The lines around the block, with BEGIN and END in the place of `{mark}`. Two blocks of one file have two markers.',
      },
      block: {
        type: 'string',
        onlyWith: { state: ['present'] },
        neededWith: { state: ['present'] },
        description: 'The lines, without the markers.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not.',
      },
      insertafter: {
        type: 'string',
        format: 'pattern',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description:
          'A new block goes behind the last line that this expression matches, or to the end (`EOF`).',
      },
      insertbefore: {
        type: 'string',
        format: 'pattern',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description:
          'A new block goes before the last line that this expression matches, or to the beginning (`BOF`).',
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
    block: ({ block, marker }) =>
      block !== undefined && holdsMarker(block, marker)
        ? {
            message: 'the block holds a line that is one of its own markers',
            hint: 'take another `marker`',
          }
        : null,
  },
  state: {
    exists: { type: 'boolean', description: 'Whether the file is there.' },
    block: { type: 'string', description: 'The lines between the markers.' },
    owner: attributeFields.owner,
    group: attributeFields.group,
    mode: attributeFields.mode,
    content: { type: 'string', information: true, description: 'The whole file.' },
    kind: { type: 'string', information: true, description: '`file`, `link`, `directory` …' },
  },
  probe: ({ path }) => ({ at: stat(path), text: text(path) }),
  observe: ({ at, text }, params) => ({
    exists: at.exists,
    block: text.exists ? blockIn(text.text, params) : null,
    ...attributesOf(at, params),
    content: text.exists ? text.text : null,
    kind: at.exists ? at.kind : null,
  }),
  desire: ({ state, block, owner, group, mode }) =>
    state === 'absent'
      ? { block: null, owner, group, mode }
      : { exists: true, block: ended(block!), owner, group, mode },
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
    if (!diff.block && !diff.exists) return attributeChanges(diff, path, params)
    const before = current.content ?? ''
    const content =
      state === 'absent'
        ? withoutBlock(before, params)
        : withBlock(before, String(diff.block!.to), params)
    return writeContent(path, content, repairs, {
      kind: current.kind,
      guard: 'text',
      validate: params.validate,
      attributes: attributesOfWrite(params, current.exists ? params.backup : undefined),
      tooLarge: byCommand,
    })
  },
})

function ended(block: string): string {
  return block === '' || block.endsWith('\n') ? block : `${block}\n`
}
