import { parseJson } from '../contract/json.ts'
import { ask, type ExecProbe, type ExecReading, type Seen } from '../contract/probe.ts'
import { isMap, type ValueMap } from '../contract/value.ts'

/**
 * Proves that a device holds nothing, or finds a byte that it holds: prints what was proved and ends with 0, or where data is and ends
 * with 1. An RBD image without objects, and a loop device on a file without blocks, read as zeros: nothing more is read of them. A sample
 * proves that data is there; only all bytes prove that none is.
 */
const script = `dev=$1 image=$2 id=$3
found() { echo "data at byte $1"; exit 1; }
differs() { [ $? = 1 ] || return 1; d=\${d#*differ: byte }; d=\${d#*differ: char }; d=\${d%%,*}; [ "$d" -gt 0 ] 2>/dev/null || d=1; found $((d - 1 + $1)); }
size=$(blockdev --getsize64 "$dev") || exit 2
[ "$size" -gt 0 ] || { echo "its size is not known" >&2; exit 2; }
# What is written and still in memory counts too.
sync "$dev" 2>/dev/null || sync
if [ -n "$image" ]; then
user=$(sed -n 's/.*[ ,]name=\\([A-Za-z0-9_.-]*\\).*/\\1/p' "/sys/bus/rbd/devices/$id/config_info" 2>/dev/null)
o=$(rbd diff --id "\${user:-admin}" --format json "$image" 2>/dev/null) && case $o in '[]') echo "no objects"; exit 0;; esac
fi
real=$(readlink -f "$dev")
back=$(cat "/sys/block/\${real##*/}/loop/backing_file" 2>/dev/null)
# Of a device, of another file under that name (in another mount namespace), and on a file system that counts no blocks, 0 says nothing.
if [ -n "$back" ] && [ -f "$back" ] && [ "$(losetup -n -O BACK-INO "$real" 2>/dev/null | tr -d ' ')" = "$(stat -c %i "$back")" ]; then
case $(stat -f -c %T "$back" 2>/dev/null) in ext2/ext3|xfs|btrfs|tmpfs) if [ "$(stat -c %b "$back")" = 0 ]; then echo "no blocks"; exit 0; fi;; esac
fi
step=$((size / 64 / 65536 * 65536)) at=0
if [ $step -gt 1048576 ]; then
while [ $at -lt $size ]; do
d=$(cmp -n 65536 -i $at:0 "$dev" /dev/zero 2>/dev/null) || differs $at
at=$((at + step)); done
fi
part=$((size / 100 / 1048576 * 1048576)) at=0
[ $part -gt 67108864 ] || part=67108864
while [ $at -lt $size ]; do
n=$((size - at))
[ $n -le $part ] || n=$part
d=$(cmp -n $n -i $at:0 "$dev" /dev/zero 2>/dev/null) || { differs $at; break; }
at=$((at + n))
echo "progress $((at / (size / 100 + 1))) % of $size bytes" >&2
done
# A cmp that cannot begin in the middle reads all at once, and says why it cannot.
[ $at -ge $size ] || d=$(cmp -n "$size" "$dev" /dev/zero) || { differs 0; exit 2; }
echo "all $size bytes are zero"`

/**
 * Asks whether a device is empty, where blkid knows nothing of it: first whether it is an RBD image, then for the proof. The proof is
 * asked in its turn, for it may take long.
 */
export function emptinessProbes(
  dev: string,
  seconds: number,
  seen: Seen,
): { readonly mapped: ExecProbe | undefined; readonly contents: ExecProbe | undefined } {
  const isBlank = seen['device']?.kind === 'block' && seen['signature']?.exit === 2
  if (!isBlank) return { mapped: undefined, contents: undefined }
  const mapped = dev.startsWith('/dev/rbd')
    ? ask(['rbd', 'showmapped', '--format', 'json'], 'any')
    : undefined
  const image = imageOf(seen['mapped']?.stdout, dev)
  const words = [dev, image?.spec ?? '', image?.id ?? '']
  return {
    mapped,
    contents:
      mapped === undefined || seen['mapped'] !== undefined
        ? ask(['sh', '-c', script, 'emptiness', ...words], [0, 1], {
            shown: `look whether ${dev} is empty`,
            ahead: false,
            progress: true,
            timeout: seconds,
          })
        : undefined,
  }
}

/** What was proved; null where it was not asked. */
export function emptinessOf(contents: ExecReading | undefined): string | null {
  return contents?.stdout.trim() || null
}

/** Whether what was proved is that nothing is there. */
export function isEmptyBy(proof: string | null): boolean {
  return proof !== null && !proof.startsWith('data ')
}

/** The image that a device is, by what `rbd showmapped` says; null for any other device, and for a snapshot. */
function imageOf(
  listing: string | undefined,
  dev: string,
): { readonly id: string; readonly spec: string } | null {
  const rows = listing === undefined ? null : parseJson(listing)
  const row = (Array.isArray(rows) ? (rows as readonly unknown[]) : [])
    .filter(isMap)
    .find((each) => {
      const { device, pool, name } = each as ValueMap
      return device === dev || `/dev/rbd/${String(pool)}/${String(name)}` === dev
    })
  const { id, pool, namespace, name, snap } = (row ?? {}) as Record<string, string | undefined>
  const parts = [pool, ...(namespace ? [namespace] : []), name]
  const isPlain = parts.every((part) => part !== undefined && /^[A-Za-z0-9_.][\w.-]*$/.test(part))
  if (row === undefined || !isPlain || !/^\d+$/.test(id ?? '') || (snap ?? '-') !== '-') return null
  return { id: id!, spec: parts.join('/') }
}
