import { resolverText } from '../node/resolver.ts'
import { type Call, fail, type LabCommand, ok, type Output } from './command.ts'

const made = '/run/netconfig/resolv.conf'
const read = '/etc/resolv.conf'

// It does not say whether it changed anything: a caller that wants to know compares the file.
function netconfig(call: Call): Output {
  if (call.args[0] !== 'update')
    return fail(1, 'Usage: /sbin/netconfig <update|modify|remove> [options]\n')
  if (call.files.who.uid !== 0) return fail(1, 'You need to be root to run this command\n')
  const forced = call.args.includes('-f')
  const text = call.files.exists('/etc/sysconfig/network/config')
    ? call.files.readText('/etc/sysconfig/network/config')
    : ''
  if (setting(text, 'NETCONFIG_DNS_POLICY') === '') return ok()
  const isLink =
    exists(call, read) &&
    call.files.lstat(read).kind === 'link' &&
    call.files.readlink(read) === made
  if (!isLink && !forced)
    return fail(
      20,
      `ATTENTION: ${read} is not a link to ${made}\nTo have netconfig write it, please call: "netconfig update -f"\n`,
    )
  const words = (key: string): string[] => [
    ...new Set((setting(text, key) ?? '').split(/\s+/).filter(Boolean)),
  ]
  call.files.mkdirs('/run/netconfig', 0o755)
  call.files.write(
    made,
    resolverText(words('NETCONFIG_DNS_STATIC_SEARCHLIST'), words('NETCONFIG_DNS_STATIC_SERVERS')),
    0o644,
  )
  if (!isLink) {
    if (exists(call, read)) call.files.unlink(read)
    call.files.symlink(made, read)
  }
  return ok()
}

function exists(call: Call, path: string): boolean {
  return call.files
    .list(path.slice(0, path.lastIndexOf('/')))
    .includes(path.slice(path.lastIndexOf('/') + 1))
}

// A shell reads the file: of several lines the last counts.
function setting(text: string, key: string): string | undefined {
  return [...text.matchAll(new RegExp(`^\\s*${key}=(["']?)(.*)\\1\\s*$`, 'gm'))].at(-1)?.[2]
}

/** netconfig, as SLES has it. */
export const netconfigCommands: readonly LabCommand[] = [
  { names: ['netconfig'], system: true, run: netconfig },
]
