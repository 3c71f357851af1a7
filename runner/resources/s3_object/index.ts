import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { textAt } from '../service-answers.ts'
import { objectChanges, objectPath } from './s3-object-changes.ts'

const md5 = /^[0-9a-f]{32}$/

/** An object of S3 has the content of a file or of a text, or is not there. */
export const s3Object = defineResource({
  name: 's3_object',
  summary: 'An object of S3 has the content of a file or of a text, or is not there.',
  source: 'Import an External Image to IMS, "Upload artifacts to S3" (cray artifacts create)',
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['bucket', 'key'],
    atMostOne: [['src', 'content', 'sha256']],
    properties: {
      bucket: {
        type: 'string',
        identity: true,
        pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
        description: 'Name of the bucket.',
        examples: ['boot-images'],
      },
      key: {
        type: 'string',
        identity: true,
        pattern: '^[^\\u0000-\\u001f\\u007f\\\\/][^\\u0000-\\u001f\\u007f\\\\]*$',
        maxLength: 1024,
        hint: 'write a key such as ID/rootfs, which begins with no slash',
        description: 'Key of the object.',
        examples: ['4e78488d-4d92-4675-9d83-97adfc17cb19/rootfs'],
      },
      src: {
        type: 'string',
        format: 'local-file',
        onlyWith: { state: ['present'] },
        description: 'Local file whose content it must have.',
      },
      content: {
        type: 'string',
        maxLength: 1_000_000,
        onlyWith: { state: ['present'] },
        description: 'Text that it must hold.',
      },
      sha256: {
        type: 'string',
        pattern: '^[0-9a-f]{64}$',
        onlyWith: { state: ['present'] },
        description: 'SHA-256 that it must have, in lower-case hex; trueup puts nothing for it.',
      },
      content_type: {
        type: 'string',
        format: 'line',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description: 'Type of the content, such as `application/json`.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not.',
      },
    },
  },
  checks: {
    key: ({ key }) =>
      key.split('/').some((part) => part === '.' || part === '..')
        ? {
            message: `the key ${key} climbs: an address with . or .. between slashes is another one`,
            hint: 'write a key without them',
          }
        : null,
    src: ({ src }) =>
      src !== undefined && src.size > 5 * 1024 ** 3
        ? {
            message: `${src.path} is larger than the 5 GiB that S3 takes at once`,
            hint: 'put it with `cray artifacts create`, which parts it',
          }
        : null,
  },
  state: {
    exists: { type: 'boolean', description: 'Whether it is there.' },
    sha256: {
      type: 'string',
      description:
        'SHA-256 of its content, as it was said when it was put; null where it was put without.',
    },
    content: { type: 'string', description: 'Its text; null unless the task gives one.' },
    content_type: { type: 'string', description: 'Type of its content.' },
    size: { type: 'integer', information: true, description: 'Its bytes.' },
    etag: { type: 'string', information: true, description: 'Its ETag, without quotes.' },
    md5: {
      type: 'string',
      information: true,
      description: 'MD5 of its content; null where it was put in parts and without a word of it.',
    },
    last_modified: { type: 'string', information: true, description: 'When it was put.' },
    path: { type: 'string', information: true, description: 'How IMS and BOS name it: `s3://…`.' },
  },
  probe: ({ bucket, key, content }) => ({
    object: {
      read: 'http' as const,
      service: 's3',
      method: 'HEAD' as const,
      path: objectPath(bucket, key),
      statuses: [200, 404],
    },
    text: content === undefined ? undefined : get('s3', objectPath(bucket, key), [200, 404]),
  }),
  observe: ({ object, text }, { bucket, key }) => {
    const said = object.status === 404 ? undefined : object.json
    const etag = textAt(said, 'etag')?.replaceAll('"', '') ?? null
    const size = textAt(said, 'content-length')
    return {
      exists: said !== undefined,
      sha256: textAt(said, 'x-amz-meta-sha256'),
      content: text?.status === 200 ? text.body : null,
      content_type: textAt(said, 'content-type'),
      size: size === null ? null : Number(size),
      etag,
      md5: textAt(said, 'x-amz-meta-md5sum') ?? (md5.test(etag ?? '') ? etag : null),
      last_modified: textAt(said, 'last-modified'),
      path: `s3://${bucket}/${key}`,
    }
  },
  desire: ({ src, content, sha256, content_type, state }) =>
    state === 'absent'
      ? { exists: false }
      : { exists: true, sha256: src?.sha256 ?? sha256, content, content_type },
  change: objectChanges,
})
