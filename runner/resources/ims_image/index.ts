import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { imageChanges } from './ims-image-changes.ts'
import { listFrom, textAt } from '../service-answers.ts'

/** IMS has an image, by its id or by its name and architecture, with this manifest, or has it not. */
export const imsImage = defineResource({
  name: 'ims_image',
  summary:
    'IMS has an image, by its id or by its name and architecture, with this manifest, or has it not.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (cray ims images describe); Import an External Image to IMS (cray ims images create, update)',
  destroys: ['absent'],
  params: {
    type: 'object',
    exactlyOne: [['id', 'name']],
    needs: { etag: ['manifest'] },
    properties: {
      id: {
        type: 'string',
        identity: true,
        pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
        description: 'Id of the image.',
      },
      name: {
        type: 'string',
        format: 'line',
        identity: true,
        minLength: 1,
        description:
          'Name of the image. Names are not unique: the youngest that has its artifacts is taken.',
        examples: ['ims-remote-image-x86_64'],
      },
      arch: {
        type: 'string',
        identity: true,
        enum: ['x86_64', 'aarch64'],
        description: 'Architecture that it must have. Left out: any.',
      },
      manifest: {
        type: 'string',
        pattern: '^s3://[a-z0-9][a-z0-9.-]+/[^\\s?#]+$',
        onlyWith: { state: ['present'] },
        description: 'Where its manifest is in S3. Left out: anywhere, or nowhere yet.',
        examples: ['s3://boot-images/4e78488d-4d92-4675-9d83-97adfc17cb19/manifest.json'],
      },
      etag: {
        type: 'string',
        format: 'line',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description: 'Etag of the manifest.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not: IMS keeps what is deleted until that is deleted too.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether IMS has such an image.' },
    id: { type: 'string', information: true, description: 'Its id.' },
    name: { type: 'string', information: true, description: 'Its name.' },
    arch: { type: 'string', information: true, description: 'Its architecture.' },
    created: { type: 'string', information: true, description: 'When it was made.' },
    path: {
      type: 'string',
      description:
        'Where its manifest is: `s3://boot-images/…/manifest.json`; null where its artifacts are not there yet.',
    },
    etag: { type: 'string', description: 'Etag of its manifest.' },
    count: { type: 'integer', information: true, description: 'How many images fit.' },
  },
  // Older releases filter by nothing: one list serves every task.
  probe: () => ({ images: get('ims', '/v3/images') }),
  observe: ({ images }, { id, name, arch }) => {
    const fitting = listFrom(images, 'ims').filter(
      (image) =>
        (id === undefined ? image['name'] === name : image['id'] === id) &&
        (arch === undefined || (image['arch'] ?? 'x86_64') === arch),
    )
    const whole = fitting.filter((image) => textAt(image, 'link', 'path') !== null)
    const [image] = [...(whole.length > 0 ? whole : fitting)].sort((a, b) =>
      String(a['created']) < String(b['created']) ? 1 : -1,
    )
    return {
      exists: image !== undefined,
      id: textAt(image, 'id'),
      name: textAt(image, 'name'),
      arch: image ? (textAt(image, 'arch') ?? 'x86_64') : null,
      created: textAt(image, 'created'),
      path: textAt(image, 'link', 'path'),
      etag: textAt(image, 'link', 'etag'),
      count: fitting.length,
    }
  },
  desire: ({ manifest, etag, state }) =>
    state === 'absent' ? { exists: false } : { exists: true, path: manifest, etag },
  change: imageChanges,
})
