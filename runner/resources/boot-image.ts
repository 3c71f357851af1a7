/** The id of the image in IMS that lies under a path of S3, such as that of a kernel or a manifest; null where it lies elsewhere. */
export function bootImageIn(path: string | null): string | null {
  return /^s3:\/\/boot-images\/([^/]+)\//.exec(path ?? '')?.[1] ?? null
}
