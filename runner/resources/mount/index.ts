import { exec } from '../../contract/change.ts'
import { not } from '../../contract/matcher.ts'
import { ask, stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'
import { entriesIn, namesIn } from '../folder-entries.ts'
import { unclear } from '../unclear.ts'
import { described, deviceOf, isTag, look } from './look.ts'
import { belowIn, encoded } from './mountinfo.ts'
import { bareOptions, flagsOf, isBind, wantedFlags } from './mount-options.ts'
import { refusalOf } from './refusal.ts'

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
        description: 'Mounted now, or not. No file is written for the next boot.',
      },
    },
  },
  state: {
    source: {
      type: 'string',
      description:
        'What shows at the path: `src`, when device and folder are those that it names; null where nothing is mounted.',
    },
    times: { type: 'integer', description: 'How many mounts lie over each other at the path.' },
    mode: {
      type: 'string',
      description: 'Permissions of the mounted folder; null where nothing is mounted.',
    },
    options: {
      type: 'object',
      additionalProperties: { type: 'boolean', description: 'On.' },
      description: 'Its options: ro, nosuid, nodev …',
    },
    device: { type: 'string', information: true, description: '`major:minor` of the file system.' },
    root: {
      type: 'string',
      information: true,
      description: 'The folder of the file system that shows.',
    },
    fstype: { type: 'string', information: true, description: 'Kind of file system.' },
    real: { type: 'string', information: true, description: 'The path without links.' },
    is_alike: {
      type: 'boolean',
      information: true,
      description: 'Whether all that is mounted there is the same.',
    },
    path_kind: {
      type: 'string',
      information: true,
      description: 'What the path is: `directory` …; null where nothing is.',
    },
    source_kind: {
      type: 'string',
      information: true,
      description: 'What `src` is: `block`, `directory` …; null where nothing is.',
    },
    covers: {
      type: 'array',
      items: { type: 'string', description: 'Name.' },
      information: true,
      description: 'First entries of the folder, where a mount would hide them.',
    },
    below: {
      type: 'array',
      items: { type: 'string', description: 'Path.' },
      information: true,
      description: 'What is mounted below the path, the deepest first.',
    },
    busy: {
      type: 'array',
      items: { type: 'string', description: 'Name.' },
      information: true,
      description: 'Entries that `unless_holds` names.',
    },
  },
  probe: ({ path, src, opts, state, unless_holds }, seen) => {
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
      covers: folder !== undefined && found?.stack.length === 0 ? entriesIn(folder) : undefined,
      busy:
        folder !== undefined && unless_holds !== undefined
          ? entriesIn(folder, unless_holds)
          : undefined,
    }
  },
  observe: (readings, { path, src, opts }) => {
    const { mounts, real, at, tagged, source, origin, covers, busy } = readings
    const found =
      look({ mounts, real, at, tagged, source, origin }, src, isBind(opts)) ??
      unclear('/proc/self/mountinfo is not there', 'mount /proc')
    const [top] = found.stack
    return {
      source: !top ? null : found.isWanted ? src! : described(top),
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
      covers: covers ? namesIn(covers.stdout) : null,
      busy: busy ? namesIn(busy.stdout) : null,
      below: found.stack.length > 0 && mounts.exists ? belowIn(mounts.text, found.real) : [],
    }
  },
  desire: ({ src, opts, mode, state }) =>
    state === 'unmounted'
      ? { source: null, times: 0 }
      : { source: src ?? not(null), times: 1, mode, options: wantedFlags(opts) },
  change: (diff, params, current) => {
    const { path, src, fstype, opts, mode, state } = params
    const bind = isBind(opts)
    if (!diff.source && !diff.times) {
      const options = ['remount', ...(bind ? ['bind'] : []), ...bareOptions(opts)].join(',')
      return [
        ...(diff.options
          ? [
              {
                title: `remount ${path} with ${opts}`,
                repairs: ['options'] as const,
                actions: [exec(['mount', '-o', options, current.real!])],
              },
            ]
          : []),
        ...(diff.mode
          ? [
              {
                title: `set the mode of ${path} to ${mode}`,
                repairs: ['mode'] as const,
                actions: [{ do: 'attributes' as const, path: current.real!, mode }],
              },
            ]
          : []),
      ]
    }
    const isOff = state === 'unmounted'
    const title =
      isOff || !diff.source ? `unmount ${path}` : `mount ${src ?? 'something'} at ${path}`
    const refusal = refusalOf(params, current, !diff.source)
    const repairs = drifted(diff, ['source', 'times', 'mode', 'options'])
    if (refusal) return [{ title, repairs, actions: [refusal] }]
    const busy = current.busy === null ? [] : ['busy']
    if (isOff || !diff.source) {
      const unmounts = Array.from({ length: current.times! - (isOff ? 0 : 1) }, () =>
        exec(['umount', current.real!]),
      )
      return [
        {
          title: unmounts.length > 1 ? `${title} ${unmounts.length} times` : title,
          repairs: drifted(diff, ['source', 'times']),
          effect: 'replaces',
          guard: ['here', ...busy],
          actions: unmounts,
        },
      ]
    }
    const options = bareOptions(opts)
    const kind = bind ? ['--bind'] : fstype === undefined ? [] : ['-t', fstype]
    const act = exec(
      ['mount', ...kind, ...(options.length > 0 ? ['-o', options.join(',')] : []), src!, path],
      { timeout: 180 },
    )
    const folder =
      current.path_kind === null ? [{ do: 'attributes' as const, path, make: true as const }] : []
    // A folder gets its mode before it is bound: /tmp is at no moment closed to others.
    const chmod =
      mode === undefined ? [] : [{ do: 'attributes' as const, path: bind ? src! : path, mode }]
    const actions = bind ? [...folder, ...chmod, act] : [...folder, act, ...chmod]
    // What is hidden on purpose may come and go; a folder that was empty must still be.
    if (current.covers?.length)
      return [{ title, repairs, actions, effect: 'replaces', guard: ['here', ...busy] }]
    return [
      {
        title,
        repairs,
        actions,
        guard: ['here', ...busy, ...(current.covers === null ? [] : ['covers'])],
      },
    ]
  },
})
