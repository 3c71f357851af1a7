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
      path: editParams.path,
      marker: {
        type: 'string',
        identity: true,
        default: '# {mark} trueup block',
        format: 'line',
        pattern: '\\{mark\\}',
        hint: 'write {mark} in the place of BEGIN and END: "# {mark} my block"',
        description:
          'The lines around the block, with BEGIN and END in the place of `{mark}`. Two blocks of one file have two markers.',
      },
      block: {
        type: 'string',
        onlyWith: { state: ['present'] },
        neededWith: { state: ['present'] },
        description: 'The lines, without the markers.',
      },
      state: editParams.state,
      ...insertParams('block'),
      create: editParams.create,
      ...writeParams,
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
    ...editedFileFields,
    block: { type: 'string', description: 'The lines between the markers.' },
    content: { type: 'string', information: true, description: 'The whole file.' },
  },
  probe: ({ path, create, owner, group }) => editProbes({ path, create, owner, group }),
  observe: (readings, params) => ({
    ...editedFields(readings, params),
    block: readings.text.exists ? blockIn(readings.text.text, params) : null,
  }),
  desire: ({ state, block, owner, group, mode }) =>
    state === 'absent'
      ? { block: null, owner, group, mode }
      : { exists: true, block: ended(block!), owner, group, mode },
  change: (diff, params, current) => {
    const before = current.content ?? ''
    const content = !diff.block
      ? null
      : params.state === 'absent'
        ? withoutBlock(before, params)
        : withBlock(before, String(diff.block.to), params)
    return editChanges(diff, params, current, drifted(diff, fields), content)
  },
})

function ended(block: string): string {
  return block === '' || block.endsWith('\n') ? block : `${block}\n`
}
