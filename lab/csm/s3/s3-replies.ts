import { randomUUID } from 'node:crypto'
import { withStatus } from './s3-statuses.ts'
import type { Reply } from '../service-route.ts'

/** An error of the RADOS gateway. */
export function s3Error(code: keyof typeof withStatus, bucket?: string): Reply {
  const named = bucket === undefined ? '' : `<BucketName>${escaped(bucket)}</BucketName>`
  return xml(
    withStatus[code],
    `<Error><Code>${code}</Code>${named}<RequestId>${requestId()}</RequestId><HostId>lab</HostId></Error>`,
  )
}

/** An answer in XML. */
export function xml(status: number, text: string): Reply {
  return {
    status,
    contentType: 'application/xml',
    headers: { 'x-amz-request-id': requestId() },
    body: `<?xml version="1.0" encoding="UTF-8"?>${text}`,
  }
}

/** A text as XML holds it. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function requestId(): string {
  return `tx${randomUUID().replaceAll('-', '')}-lab-default`
}
