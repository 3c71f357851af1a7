import { type Call, fail, type LabCommand, ok, type Output } from './command.ts'

function podman(call: Call): Output {
  const version = call.machine.packages.get('podman')?.version ?? '0'
  const [verb, ...rest] = call.args.filter((arg) => !arg.startsWith('-'))
  if (call.args.includes('--version') || call.args[0] === '-v') return ok(`podman version ${version}\n`)
  if (verb === 'version') return ok(`Client:       Podman Engine\nVersion:      ${version}\nOS/Arch:      linux/${call.machine.spec.arch === 'aarch64' ? 'arm64' : 'amd64'}\n`)
  if (verb === 'ps') return call.args.includes('-q') ? ok() : ok('CONTAINER ID  IMAGE       COMMAND     CREATED     STATUS      PORTS       NAMES\n')
  if (verb === 'images') return call.args.includes('-q') ? ok() : ok('REPOSITORY  TAG         IMAGE ID    CREATED     SIZE\n')
  if (verb === 'info') return ok(`host:\n  arch: ${call.machine.spec.arch === 'aarch64' ? 'arm64' : 'amd64'}\n  os: linux\nversion:\n  Version: ${version}\n`)
  if (verb === undefined) return fail(125, 'Error: missing command \'podman COMMAND\'\n')
  if (['volume', 'system', 'container', 'image', 'network'].includes(verb) && rest[0] === 'prune') return ok()
  return fail(125, `Error: the rehearsal lab's podman has no containers and does not know "${verb}"\n`)
}

/** podman, present where its package is. */
export const podmanCommands: readonly LabCommand[] = [{ names: ['podman'], package: 'podman', run: podman }]
