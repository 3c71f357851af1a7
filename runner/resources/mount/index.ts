import { not } from '../../contract/matcher.ts'
import { ask, stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { entriesIn, namesIn } from '../folder-entries.ts'
import { unclear } from '../unclear.ts'
import { described, deviceOf, isTag, look } from './look.ts'
import { belowIn, encoded } from './mountinfo.ts'
import { fstabParams, linesAt, wantedLine } from './fstab.ts'
import { mountChanges } from './mount-changes.ts'
import { flagsOf, isBind, wantedFlags } from './mount-options.ts'
import { mountState } from './mount-state.ts'
import { folderProbe } from '../place.ts'
import { whoAims } from './who-aims.ts'

/** A device or a folder is mounted at a path, once; or nothing is. */
export const mount = defineResource({
  name: 'mount',
  summary: 'A device or a folder is mounted at a path, once; or nothing is.',
  source:
    'Configure a Remote Build Node, "Create storage on the node" (mount, mount --bind); Ansible\'s posix.mount',
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        description: 'Where it is mounted; the folder is created if it does not exist.',
      },
      src: {
        type: 'string',
        format: 'line',
        minLength: 1,
        onlyWith: { state: ['mounted'] },
        description:
          'Block device by its path or a tag (`UUID=…`, `LABEL=…`), or with `opts: bind` a folder; for other kinds what `fstype` takes.',
        examples: ['/dev/rbd0', '/mnt/cache/tmp', 'UUID=0a3407de-014b-458b-b5c1-848e92a327a3'],
      },
      fstype: {
        type: 'string',
        pattern: '^[A-Za-z0-9_.-]+$',
        onlyWith: { state: ['mounted'] },
        description: 'Kind of file system. Needed where `src` is not a path (`tmpfs`, `nfs`).',
      },
      opts: {
        type: 'string',
        format: 'line',
        pattern: '^[^\\s]+$',
        onlyWith: { state: ['mounted'] },
        description:
          'Options, with commas. `bind` makes a bind mount. Compared are those that the kernel keeps for a mount: ro, nosuid, nodev, noexec, noatime, relatime, nodiratime and their opposites.',
        examples: ['bind', 'noatime,nosuid'],
      },
      mode: {
        type: 'string',
        format: 'mode',
        onlyWith: { state: ['mounted'] },
        description:
          "Permissions of the mounted folder, in octal as text. A bind mount over /tmp needs `'1777'`.",
      },
      hide: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['mounted'] },
        description:
          'Mount although the folder is not empty, and hide what is in it. Without this it is refused.',
      },
      unless_holds: {
        type: 'array',
        orOne: true,
        items: {
          type: 'string',
          format: 'line',
          pattern: '^[^/]+$',
          description: 'Pattern of the shell.',
        },
        description:
          'Names of entries that forbid to mount over the folder and to unmount it: `ims_*` are jobs of IMS.',
        examples: ['ims_*'],
      },
      state: {
        type: 'string',
        enum: ['mounted', 'unmounted'],
        default: 'mounted',
        description: 'Mounted now, or not. For the next boot see `fstab`.',
      },
      ...fstabParams,
    },
  },
  state: mountState,
  probe: ({ path, src, opts, state, unless_holds, fstab }, seen) => {
    const found = look(seen, src, isBind(opts))
    const device = deviceOf(src, seen)
    const isDone =
      found &&
      (state === 'unmounted'
        ? found.stack.length === 0
        : src === undefined || (found.isWanted && found.stack.length === 1))
    const folder = found && !isDone && seen['at']?.kind === 'directory' ? found.real : undefined
    return {
      mounts: text('/proc/self/mountinfo'),
      fstab: fstab ? text('/etc/fstab') : undefined,
      real: ask(['readlink', '-f', path], [0, 1]),
      at: stat(path, { follow: true }),
      // As mount(8) finds it: exit 1 says that no device has it.
      tagged: isTag(src) ? ask(['findfs', src!], [0, 1]) : undefined,
      source: device === undefined ? undefined : stat(device, { follow: true }),
      origin: device === undefined ? undefined : ask(['readlink', '-f', device], [0, 1]),
      // The lines of this path alone: other mounts come and go.
      here:
        found && !isDone
          ? ask(['grep', '-F', ` ${encoded(found.real)} `, '/proc/self/mountinfo'], [0, 1])
          : undefined,
      // mount(8) goes by the name, so others must not be able to exchange it.
      holder: found && !isDone && state === 'mounted' ? folderProbe(found.real) : undefined,
      covers: folder !== undefined && found?.stack.length === 0 ? entriesIn(folder) : undefined,
      busy:
        folder !== undefined && unless_holds !== undefined
          ? entriesIn(folder, unless_holds)
          : undefined,
    }
  },
  observe: (readings, { path, src, opts }) => {
    const { mounts, real, at, tagged, source, origin, covers, busy, holder, fstab } = readings
    const table = fstab?.exists ? fstab.text : null
    const found =
      look({ mounts, real, at, tagged, source, origin }, src, isBind(opts)) ??
      unclear('/proc/self/mountinfo is not there', 'mount /proc')
    const [top] = found.stack
    return {
      source: !top ? null : found.isWanted ? src! : described(top),
      line: linesAt(table ?? '', path).join(' ; ') || null,
      table,
      times: found.stack.length,
      mode: top && at.exists ? at.mode : null,
      options: top ? flagsOf(top.options) : null,
      device: top?.device ?? null,
      root: top?.root ?? null,
      fstype: top?.fstype ?? null,
      real: found.real || path,
      is_alike: found.stack.every((each) => each.device === top!.device && each.root === top!.root),
      path_kind: at.exists ? at.kind : null,
      source_kind: source?.exists ? source.kind : null,
      aimed_by: holder === undefined ? null : whoAims(holder, at),
      covers: covers ? namesIn(covers.stdout) : null,
      busy: busy ? namesIn(busy.stdout) : null,
      below: found.stack.length > 0 && mounts.exists ? belowIn(mounts.text, found.real) : [],
    }
  },
  desire: ({ path, src, fstype, opts, mode, state, fstab, passno }, { line }) => ({
    line: fstab ? wantedLine({ path, src, fstype, opts, passno, state }, line) : undefined,
    ...(state === 'unmounted'
      ? { source: null, times: 0 }
      : { source: src ?? not(null), times: 1, mode, options: wantedFlags(opts) }),
  }),
  change: mountChanges,
})
