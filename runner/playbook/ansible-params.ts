import type { Fix } from '../model/diagnostic.ts'
import { didYouMean, meantText, nearest } from '../source/suggest.ts'
import type { LocatedEntry } from '../source/located.ts'

const empty = 'write an empty file with `copy`, `content: ""` and `force: false`'
const fstab = 'write the line of /etc/fstab with `lineinfile`'

/** Params that Ansible's modules have under another name, or that stand elsewhere here: what to type. A bare name is the param that is meant. */
const params: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  lineinfile: { dest: 'path', destfile: 'path', name: 'path', value: 'line', regex: 'regexp' },
  blockinfile: { dest: 'path', destfile: 'path', name: 'path', content: 'block' },
  file: {
    dest: 'path',
    name: 'path',
    force:
      'a link whose place is taken is refused: remove what is there with a task before this one',
  },
  copy: {
    path: 'dest',
    remote_src: 'copy on the host with `run:` and `command: { argv: [cp, …] }`',
    directory_mode: 'make the folder with `file` in a task before this one',
  },
  template: {
    path: 'dest',
    content: 'a text in the playbook goes to `copy`',
    force: '`copy` has `force`',
    variables: 'write `vars:` beside the type',
  },
  download: {
    force: 'give `checksum`: a file that differs is fetched again',
    url_username: 'write `authorization:`',
    url_password: 'write `authorization:`',
    sha256sum: 'write `checksum: sha256:…`',
  },
  unpack: { remote_src: 'remove it: the archive is on the host; `copy` or `download` brings it' },
  command: {
    creates: 'write `creates:` beside `command:`',
    removes: 'write `removes:` beside `command:`',
    unless: 'write `unless:` beside `command:`',
    executable: 'write `argv: [bash, -c, "…"]`',
    _raw_params: 'cmd',
    command: 'cmd',
    timeout: 'write `timeout:` beside `command:`',
    env: 'environment',
  },
  http: {
    body_format: 'remove it: a body is sent as JSON',
    return_content: 'remove it: the register has `body` and `json`',
    validate_certs: 'name a service of the inventory: it has `ca`, and `insecure`',
    user: 'name a service of the inventory with a token',
    timeout: 'write `timeout:` beside `http:`',
    status: 'status_code',
  },
  port: {
    host: 'it is asked on the host itself: write `delegate_to:` beside `port:`',
    timeout: 'write `wait:` with `for: 5m` beside `port:`',
    delay: 'write `wait:` with `every: 10s` beside `port:`',
    sleep: 'write `wait:` with `every: 10s` beside `port:`',
  },
  systemd_service: { service: 'name', unit: 'name', daemon_reexec: 'run it with `command`' },
  package: { pkg: 'name', package: 'name', force: 'remove it' },
  cron: {
    disabled: 'write `state: absent`',
    env: 'put variables into the job',
    backup: 'remove it',
    job_name: 'name',
  },
  sysctl: { key: 'name', reload: 'remove it: the running kernel is set too', val: 'value' },
  mount: { name: 'path', fstab, dump: fstab, passno: fstab, boot: fstab },
  user: {
    generate_ssh_key: 'run `ssh-keygen` with `creates:`',
    move_home: 'remove it: nothing is moved',
    expires: 'run `chage` with `unless:`',
    createhome: 'create_home',
    username: 'name',
  },
  git: {
    force: 'remove it: changes by hand are never discarded',
    path: 'dest',
    update: 'remove it',
    branch: 'version',
    depth: 'remove it: a clone is whole, so that every tag and commit of it can be checked out',
    recursive: 'remove it: submodules are fetched',
  },
  filesystem: {
    force:
      'a device that is not empty is refused: empty it by hand with `wipefs` where its data may go',
    state: 'nothing is taken from a device here: use `wipefs` by hand where its data may go',
    resizefs: 'run `resize2fs` or `xfs_growfs` with `run:` and `unless:`',
  },
  kernel_module: { params: 'write them to /etc/modprobe.d with `copy`' },
  authorized_key: { name: 'user' },
  hostname: { use: 'remove it' },
}

/** Values that Ansible's modules take and these do not: what to type. */
const values: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'file.state': {
    touch: empty,
    hard: 'hard links are not made; `state: link` makes a symbolic one',
  },
  'mount.state': {
    present: `write \`mounted\`; for the next boot ${fstab}`,
    absent: 'write `unmounted`; take the line of /etc/fstab away with `lineinfile`',
    ephemeral: 'write `mounted`',
    remounted: 'write `mounted`: options that differ are remounted',
  },
  'filesystem.fstype': {
    swap: 'a swap space is not a file system: run `mkswap` with `run:` and `unless: blkid …`',
  },
  'package.state': { installed: 'write `present`', removed: 'write `absent`' },
  'systemd_service.state': {
    running: 'write `started`',
    restart: 'write `restarted`, in a handler',
  },
}

/** What a param that is not there was meant for: the name of another one, and what to type. */
export function otherParam(
  type: string,
  name: string,
  known: readonly string[],
): { readonly meant: string | null; readonly hint: string; readonly fix?: Fix } {
  const other =
    Object.hasOwn(params, type) && Object.hasOwn(params[type]!, name) ? params[type]![name]! : null
  if (other !== null && !known.includes(other)) return { meant: null, hint: other }
  if (other !== null) return { meant: other, hint: meantText(other), fix: { replace: other } }
  return { meant: nearest(name, known), hint: didYouMean(name, known) }
}

/** What to type in the place of a value that a param does not take; null where nothing is known. */
export function otherValue(name: string, value: string): string | null {
  return Object.hasOwn(values, name) && Object.hasOwn(values[name]!, value)
    ? values[name]![value]!
    : null
}

/** What to type where a comma inside `{ }` began an unintended key: `{ description: time, in seconds }`. */
export function afterComma({ key, keyAt, value }: LocatedEntry): string | null {
  const isBare =
    value.kind === 'scalar' && value.value === null && value.text === '' && !value.quoted
  const rest = keyAt.source?.slice(keyAt.column - 1 + key.length) ?? ''
  const before = keyAt.source?.slice(0, keyAt.column - 1) ?? ''
  if (!isBare || !/^\s*[,}]/.test(rest) || !/\{.*,\s*$/.test(before)) return null
  return 'a comma inside { } begins another key: quote the text that it belongs to, or write a list in [ ]'
}

/** The params of Ansible's one-line form: `name=foo state=present`. */
export function oneLine(text: string): string | null {
  const words = text.trim().split(/\s+/)
  return words.every((word) => /^\w+=[^\s{}]+$/.test(word))
    ? words.map((word) => word.replace('=', ': ')).join(', ')
    : null
}
