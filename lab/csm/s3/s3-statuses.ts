/** The codes of errors of S3 with their statuses (ceph:src/rgw/rgw_common.cc). */
export const withStatus = {
  AccessDenied: 403,
  BadDigest: 400,
  BucketNotEmpty: 409,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  MethodNotAllowed: 405,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  XAmzContentSHA256Mismatch: 400,
} as const
