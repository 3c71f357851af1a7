import { ask, stat, type ExecReading, type StatReading } from '../contract/probe.ts'

/** What asks what a block device holds. Whether it may be formatted hangs on this, so all types ask and read it alike. */
export function signatureProbes(dev: string) {
  // Without -p blkid may answer from its cache. Exit 2 says that nothing was found, of a device that is missing too: so both are asked.
  return {
    device: stat(dev, { follow: true }),
    signature: ask(['blkid', '-p', '-o', 'export', dev], [0, 2, 8]),
  }
}

/** What the answers mean: the kind of the device (null: none is there), and what blkid found on it (null: nothing). */
export function signatureOf({
  device,
  signature,
}: {
  readonly device: StatReading
  readonly signature: ExecReading
}) {
  const is = Object.fromEntries(
    signature.stdout
      .split('\n')
      .map((line) => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]),
  )
  const found =
    is['TYPE'] ??
    (is['PTTYPE'] === undefined ? 'something unknown' : `a partition table (${is['PTTYPE']})`)
  return {
    device: device.exists ? device.kind : null,
    found: signature.exit === 0 ? found : signature.exit === 8 ? 'several at once' : null,
    uuid: is['UUID'] ?? null,
    label: is['LABEL'] ?? null,
  }
}
