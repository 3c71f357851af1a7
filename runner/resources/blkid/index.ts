import { defineResource } from '../../contract/resource.ts'
import { signatureOf, signatureProbes } from '../signature.ts'

/** A block device holds this, or nothing that is known. */
export const blkid = defineResource({
  name: 'blkid',
  summary: 'A block device holds this, or nothing that is known.',
  source: 'Configure a Remote Build Node, "Create storage on the node" (mkfs.ext4); blkid(8)',
  params: {
    type: 'object',
    required: ['dev'],
    properties: {
      dev: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/dev/[^\\s]+$',
        description: 'The block device.',
      },
      holds: {
        type: 'string',
        matcher: true,
        description: 'What it must hold: `ext4`, `xfs` …, or `nothing`. Left out: anything.',
        examples: ['nothing', 'ext4'],
      },
      uuid: { type: 'string', matcher: true, description: 'Identifier of what it must hold.' },
      label: { type: 'string', matcher: true, description: 'Label of what it must hold.' },
    },
  },
  state: {
    device: {
      type: 'string',
      description: '`block` for a block device, else what is there; null where nothing is.',
    },
    holds: {
      type: 'string',
      description:
        'What it holds: `a partition table (gpt)`, `several at once`, `something unknown`, or `nothing` if no signature is known, which does not prove it empty; null if the device does not exist.',
    },
    uuid: { type: 'string', description: 'Identifier of what it holds.' },
    label: { type: 'string', description: 'Its label.' },
  },
  probe: ({ dev }) => signatureProbes(dev),
  observe: (readings) => {
    const { device, found, uuid, label } = signatureOf(readings)
    return { device, holds: device === 'block' ? (found ?? 'nothing') : null, uuid, label }
  },
  desire: ({ holds, uuid, label }) => ({ device: 'block', holds, uuid, label }),
})
