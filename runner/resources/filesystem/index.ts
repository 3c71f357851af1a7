import { exec, refuse } from '../../contract/change.ts'
import { defineResource } from '../../contract/resource.ts'
import { signatureOf, signatureProbes } from '../signature.ts'

/** A block device holds a file system of this kind; it is made only where nothing is. */
export const filesystem = defineResource({
  name: 'filesystem',
  summary: 'A block device holds a file system of this kind; it is made only where nothing is.',
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
      fstype: {
        type: 'string',
        enum: ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'vfat'],
        description: 'Kind of file system.',
      },
      opts: {
        type: 'string',
        description: 'Options of mkfs, used when it is made.',
        examples: ['-L build-cache'],
      },
    },
  },
  state: {
    fstype: {
      type: 'string',
      description: 'Kind of file system; null where the device is proved empty.',
    },
    device: {
      type: 'string',
      information: true,
      description: '`block` for a block device, else what is there; null where nothing is.',
    },
    uuid: { type: 'string', information: true, description: 'Identifier of the file system.' },
    label: { type: 'string', information: true, description: 'Its label.' },
  },
  probe: ({ dev }) => signatureProbes(dev),
  observe: (readings) => {
    const { device, found, uuid, label } = signatureOf(readings)
    return { fstype: found, device, uuid, label }
  },
  desire: ({ fstype }) => ({ fstype }),
  change: (_, { dev, fstype, opts }, current) => {
    const title = `make an ${fstype} file system on ${dev}`.replace(/ an (?=[bv])/, ' a ')
    const repairs = ['fstype'] as const
    if (current.device === null)
      return [
        {
          title,
          repairs,
          actions: [
            refuse(`there is no device ${dev}`, 'map or attach it in a task before this one'),
          ],
        },
      ]
    if (current.device !== 'block')
      return [
        {
          title,
          repairs,
          actions: [
            refuse(`${dev} is a ${current.device}, not a block device`, 'name the device itself'),
          ],
        },
      ]
    if (current.fstype !== null)
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `${dev} holds ${current.fstype}${current.uuid === null ? '' : ` (${current.uuid})`}, and formatting would destroy it`,
              `look at it; if it may go, empty it by hand with \`wipefs --all ${dev}\``,
            ),
          ],
        },
      ]
    return [
      {
        title,
        repairs,
        effect: 'destroys',
        guard: ['device', 'signature'],
        actions: [
          exec([`mkfs.${fstype}`, ...(opts ?? '').split(/\s+/).filter(Boolean), dev], {
            timeout: 3600,
          }),
        ],
      },
    ]
  },
})
