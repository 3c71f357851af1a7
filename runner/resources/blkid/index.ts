import { ask, stat } from '../../core/probe.ts'
import { defineResource } from '../../core/resource.ts'

/** A block device holds this, or is proved empty. */
export const blkid = defineResource({
  name: 'blkid',
  summary: 'A block device holds this, or is proved empty.',
  source: 'Configure a Remote Build Node, "Create storage on the node" (mkfs.ext4); blkid(8)',
  params: {
    type: 'object',
    required: ['dev'],
    properties: {
      dev: { type: 'string', format: 'path', identity: true, pattern: '^/dev/[^\\s]+$', description: 'The block device.' },
      holds: { type: 'string', matcher: true, description: 'What it must hold: `ext4`, `xfs` …, or `nothing`. Left out: anything.', examples: ['nothing', 'ext4'] },
      uuid: { type: 'string', matcher: true, description: 'Identifier of what it must hold.' },
      label: { type: 'string', matcher: true, description: 'Label of what it must hold.' },
    },
  },
  state: {
    device: { type: 'string', description: '`block` for a block device, else what is there; null where nothing is.' },
    holds: { type: 'string', description: 'Kind of what it holds, `a partition table (gpt)`, `several at once`, `something unknown`, or `nothing`; null where there is no device.' },
    uuid: { type: 'string', description: 'Identifier of what it holds.' },
    label: { type: 'string', description: 'Its label.' },
  },
  // Without -p blkid may answer from its cache. Exit 2 says that nothing was found, of a device that is missing too: so both are asked.
  probe: ({ dev }) => ({
    device: stat(dev, { follow: true }),
    signature: ask(['blkid', '-p', '-o', 'export', dev], [0, 2, 8]),
  }),
  observe: ({ device, signature }) => {
    const is = Object.fromEntries(signature.stdout.split('\n').map((line) => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]))
    const found = is['TYPE'] ?? (is['PTTYPE'] === undefined ? 'something unknown' : `a partition table (${is['PTTYPE']})`)
    const held = signature.exit === 0 ? found : signature.exit === 8 ? 'several at once' : 'nothing'
    return {
      device: device.exists ? device.kind : null,
      holds: device.exists && device.kind === 'block' ? held : null,
      uuid: is['UUID'] ?? null,
      label: is['LABEL'] ?? null,
    }
  },
  desire: ({ holds, uuid, label }) => ({ device: 'block', holds, uuid, label }),
})
