import { sha256, stat } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { refused } from '../refused.ts'
import { obstacle } from '../content.ts'

// A name of a folder's entry that is neither `.` nor `..`, without control characters.
const plainLetter = '[^/\\x00-\\x1f\\x7f]'
const fileName = `(?:[^/.\\x00-\\x1f\\x7f]${plainLetter}*|\\.[^/.\\x00-\\x1f\\x7f]${plainLetter}*|\\.\\.${plainLetter}+)`

/** A file of the host lies on this machine as well, in a folder for each host. */
export const fetch = defineResource({
  name: 'fetch',
  summary: 'A file of the host lies on this machine as well, in a folder for each host.',
  source: "Ansible's fetch",
  params: {
    type: 'object',
    required: ['src', 'dest'],
    properties: {
      src: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: `^(?:/${fileName})+$`,
        description: 'Path of the file on the host.',
        examples: ['/var/log/messages'],
      },
      dest: {
        type: 'string',
        format: 'host-folder',
        identity: true,
        description:
          'Folder on this machine, relative to the playbook. The file is put into it below the name of the host. May name inputs, vars of the inventory and `host.name`, nothing that a host answers.',
        examples: ['logs'],
      },
      name: {
        type: 'string',
        pattern: `^${fileName}$`,
        identity: true,
        description:
          'Name of the file in the folder of its host. Left out: the whole path that it has there, with its folders.',
      },
      mode: {
        type: 'string',
        format: 'mode',
        default: '0600',
        description: 'Permissions that it is written with.',
      },
      max_size: {
        type: 'string',
        format: 'size',
        default: '16M',
        description: 'A larger file is refused.',
      },
      fail_on_missing: {
        type: 'boolean',
        default: true,
        description: '`false`: a host that has no such file is left alone.',
      },
      backup: {
        type: 'string',
        pattern: `^${fileName}$`,
        description: 'Keep what is replaced beside it, under this name.',
      },
    },
  },
  state: {
    found: { type: 'boolean', description: 'Whether the host has the file.' },
    sha256: {
      type: 'string',
      description: 'Hash of the file on this machine; null if it does not exist.',
    },
    path: { type: 'string', information: true, description: 'Path of the file on this machine.' },
    size: { type: 'integer', information: true, description: 'Bytes of the file on the host.' },
    source_sha256: {
      type: 'string',
      information: true,
      description: 'Hash of the file on the host.',
    },
    source_kind: {
      type: 'string',
      information: true,
      description: 'What is at that path on the host: `file`, `directory` …',
    },
    kind: {
      type: 'string',
      information: true,
      description: 'What is at the path on this machine.',
    },
  },
  probe: ({ src, dest, name }, seen) => ({
    at: stat(src, { follow: true }),
    // It takes a disk's time, and the file may grow until the task's turn has come.
    hash: seen['at']?.kind === 'file' ? sha256(src, { ahead: false, timeout: 600 }) : undefined,
    here: stat(`${dest}/${name ?? src.slice(1)}`, { on: 'controller' }),
    hashHere: sha256(`${dest}/${name ?? src.slice(1)}`, { on: 'controller', timeout: 600 }),
  }),
  observe: ({ at, hash, here, hashHere }, { src, dest, name }) => ({
    found: at.exists,
    sha256: hashHere.exists ? hashHere.sha256 : null,
    path: `${dest}/${name ?? src.slice(1)}`,
    size: at.exists ? at.size : null,
    source_sha256: hash?.exists ? hash.sha256 : null,
    source_kind: at.exists ? at.kind : null,
    kind: here.exists ? here.kind : null,
  }),
  desire: ({ fail_on_missing }, { source_sha256, source_kind, found }) => ({
    found: fail_on_missing ? true : undefined,
    // Only a plain file has a hash: the change says so.
    sha256: source_sha256 ?? (found ? `of a ${source_kind}` : undefined),
  }),
  change: (
    diff,
    { src, dest, name, mode, max_size, backup },
    { path, size, source_sha256, source_kind, kind },
  ) => {
    const repairs = (['found', 'sha256'] as const).filter((field) => diff[field])
    const title = `fetch ${src} to ${path}`
    const no = (because: string, instead: string) => refused(title, repairs, because, instead)
    if (diff.found)
      return no(`the host has no ${src}`, 'name another file, or write `fail_on_missing: false`')
    if (source_sha256 === null)
      return no(
        `${src} is a ${source_kind}, not a file`,
        'name a file; of a folder make an archive first',
      )
    if (size! > max_size)
      return no(
        `${src} has ${size} bytes, and max_size allows ${max_size}`,
        'allow more with `max_size`, up to 256M, or copy it with scp',
      )
    if (backup !== undefined && backup === (name ?? src).split('/').at(-1))
      return no(`a backup called ${backup} would be the file itself`, 'give `backup` another name')
    const inTheWay = obstacle(path!, kind)
    if (inTheWay) return [{ title, repairs, actions: [inTheWay] }]
    const action = {
      do: 'fetch' as const,
      path: src,
      size: size!,
      sha256: source_sha256!,
      folder: dest,
      to: name ?? src.slice(1),
      mode,
      ...(backup === undefined ? {} : { backup }),
    }
    return kind === null
      ? [{ title, repairs, actions: [action] }]
      : [
          {
            title: `${title}, in place of another content`,
            repairs,
            effect: 'replaces',
            guard: ['hashHere'],
            actions: [action],
          },
        ]
  },
})
