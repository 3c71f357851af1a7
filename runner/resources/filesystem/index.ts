import { exec, refuse, type RefuseAction } from '../../contract/change.ts'
import { defineResource } from '../../contract/resource.ts'
import { emptinessOf, emptinessProbes, isEmptyBy } from '../emptiness.ts'
import { signatureOf, signatureProbes } from '../signature.ts'

/** A block device holds a file system of this kind; it is made only on a device that is proved empty. */
export const filesystem = defineResource({
  name: 'filesystem',
  summary:
    'A block device holds a file system of this kind; it is made only on a device that is proved empty.',
  source: 'Configure a Remote Build Node, "Create storage on the node" (mkfs.ext4); blkid(8)',
  destroys: true,
  params: {
    type: 'object',
    required: ['dev'],
    needs: { opts: ['fstype'] },
    properties: {
      dev: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/dev/[^\\s]+$',
        description: 'The block device.',
      },
      fstype: {
        type: 'string',
        enum: ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'vfat'],
        description: 'Kind of file system.',
      },
      opts: {
        type: 'string',
        format: 'line',
        description: 'Options of mkfs, used when it is made.',
        examples: ['-L build-cache'],
      },
      timeout: {
        type: 'string',
        format: 'duration',
        default: '2h',
        description: 'How long the proof of emptiness may take, and the making.',
      },
    },
  },
  state: {
    fstype: {
      type: 'string',
      description: 'Kind of file system; null where nothing known is.',
    },
    device: {
      type: 'string',
      information: true,
      description: '`block` for a block device, else what is there; null where nothing is.',
    },
    uuid: { type: 'string', information: true, description: 'Identifier of the file system.' },
    label: { type: 'string', information: true, description: 'Its label.' },
    empty: {
      type: 'string',
      information: true,
      description:
        'What proves a device without a file system empty (`no objects`, `no blocks`, `all N bytes are zero`), or `data at byte N`; null where it was not asked.',
    },
  },
  probe: ({ dev, fstype, timeout }, seen) => ({
    ...signatureProbes(dev),
    ...emptinessProbes(dev, timeout, fstype === undefined ? {} : seen),
  }),
  observe: (readings) => {
    const { device, found, uuid, label } = signatureOf(readings)
    return { fstype: found, device, uuid, label, empty: emptinessOf(readings.contents) }
  },
  desire: ({ fstype }) => ({ fstype }),
  change: (_, { dev, fstype, opts, timeout }, current) => {
    const title = `make an ${fstype} file system on ${dev}`.replace(/ an (?=[bv])/, ' a ')
    const repairs = ['fstype'] as const
    const refusal = obstacle(dev, current)
    if (refusal) return [{ title, repairs, actions: [refusal] }]
    return [
      {
        title,
        repairs,
        effect: 'destroys',
        guard: ['device', 'signature', 'contents'],
        actions: [
          exec([`mkfs.${fstype}`, ...(opts ?? '').split(/\s+/).filter(Boolean), dev], {
            timeout,
            byName: [dev],
          }),
        ],
      },
    ]
  },
})

/** Why a device is not formatted, or null. */
function obstacle(
  dev: string,
  {
    device,
    fstype,
    uuid,
    empty,
  }: Readonly<Record<'device' | 'fstype' | 'uuid' | 'empty', string | null>>,
): RefuseAction | null {
  if (device === null)
    return refuse(`the device ${dev} does not exist`, 'map or attach it in a task before this one')
  if (device !== 'block')
    return refuse(`${dev} is a ${device}, not a block device`, 'name the device itself')
  if (fstype !== null)
    return refuse(
      `${dev} holds ${fstype}${uuid === null ? '' : ` (${uuid})`}, and formatting would destroy it`,
      `look at it; ${wayOut(dev)}`,
    )
  if (isEmptyBy(empty)) return null
  return refuse(
    `${dev} holds what has no known signature (${empty}), and formatting would destroy it`,
    `look at it (\`hexdump -C ${dev} | less\`); ${wayOut(dev)}`,
  )
}

// To take the signature away is not enough: what lies behind it is data still.
function wayOut(dev: string): string {
  return `if it may go, empty it by hand with \`blkdiscard ${dev}\`, or \`blkdiscard --zeroout ${dev}\` where it cannot discard`
}
