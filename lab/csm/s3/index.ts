import type { Asked, Reply, Route, ServiceTable } from '../service-route.ts'
import type { System } from '../system.ts'
import { s3Refusal } from './s3-authorization.ts'
import { headBucket, listBuckets, listObjects, makeBucket, removeBucket } from './s3-buckets.ts'
import { getObject, putObject, removeObject } from './s3-objects.ts'
import { s3Error } from './s3-replies.ts'

const source = 'ceph:src/rgw/rgw_rest_s3.cc'

const answers: readonly (readonly [string, string, (asked: Asked, system: System) => Reply])[] = [
  ['GET', '/', listBuckets],
  ['PUT', '/:bucket', makeBucket],
  ['HEAD', '/:bucket', headBucket],
  ['GET', '/:bucket', listObjects],
  ['DELETE', '/:bucket', removeBucket],
  ['PUT', '/:bucket/:key*', putObject],
  ['HEAD', '/:bucket/:key*', getObject],
  ['GET', '/:bucket/:key*', getObject],
  ['DELETE', '/:bucket/:key*', removeObject],
]

const routes: readonly Route[] = answers.map(([method, path, answer]) => ({
  method,
  path,
  source,
  answer: (asked, system) => {
    const refused = s3Refusal(asked, system)
    if (!refused) return answer(asked, system)
    return method === 'HEAD' ? { ...refused, body: '' } : refused
  },
}))

/** The RADOS gateway: S3 at a name of its own. */
export const s3: ServiceTable = {
  name: 's3',
  host: 'rgw-vip.nmn',
  bodyLimit: 64 * 1024 * 1024,
  token: '{ from: s3-keys, secret: ims-s3-credentials }',
  prefix: '',
  routes,
  unplayed: ['POST /', 'POST /:bucket', 'POST /:bucket/:key*'],
  answersHead: false,
  unrouted: () => s3Error('MethodNotAllowed'),
}
