import type { Change, HttpAction } from '../../contract/change.ts'
import type { LocalFile } from '../../text/local-file.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'

type Field = 'exists' | 'sha256' | 'content' | 'content_type'
const fields: readonly Field[] = ['exists', 'sha256', 'content', 'content_type']

interface Wish {
  readonly bucket: string
  readonly key: string
  readonly src?: LocalFile | undefined
  readonly content?: string | undefined
  readonly content_type?: string | undefined
  readonly state: 'present' | 'absent'
}

/** The path of an object below the address of S3: what AWS's signature does not leave as it is, is encoded. */
export function objectPath(bucket: string, key: string): string {
  const parts = key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(
        /[!'()*]/g,
        (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
  return `/${bucket}/${parts.join('/')}`
}

/** What puts or removes an object; or why that is refused. */
export function objectChanges(
  diff: { readonly [F in Field]?: unknown },
  { bucket, key, src, content, content_type, state }: Wish,
  { exists }: { readonly exists: boolean | null },
): readonly Change<Field>[] {
  const path = objectPath(bucket, key)
  const called = `s3://${bucket}/${key}`
  const repairs = drifted(diff, fields)
  if (state === 'absent')
    return [
      {
        title: `remove ${called}`,
        repairs: ['exists'],
        effect: 'destroys',
        guard: ['object'],
        actions: [{ do: 'http', service: 's3', method: 'DELETE', path, statuses: [204, 404] }],
      },
    ]
  const title = exists ? `replace ${called}` : `put ${called}`
  if (src === undefined && content === undefined)
    return refused(
      title,
      repairs,
      `the task does not say what ${called} holds`,
      'add `src:` with a local file, or `content:`',
    )
  const put: HttpAction = {
    do: 'http',
    service: 's3',
    method: 'PUT',
    path,
    headers: {
      'content-type': content_type ?? 'application/octet-stream',
      ...(src === undefined ? {} : { 'x-amz-meta-sha256': src.sha256 }),
    },
    ...(src === undefined ? { text: content! } : { file: src }),
    statuses: [200],
    timeout: 7200,
  }
  return exists
    ? [{ title, repairs, effect: 'replaces', guard: ['object'], actions: [put] }]
    : [{ title, repairs, actions: [put] }]
}
