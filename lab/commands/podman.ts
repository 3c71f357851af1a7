import { randomBytes } from 'node:crypto'
import { mountOf } from './stat-command.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

/** Where podman remembers that its store cannot have overlays. */
const noOverlay = '/run/containers/storage/overlay/overlay-false'

function podman(call: Call): Output {
  const version = call.machine.packages.get('podman')?.version ?? '0'
  const [verb, ...rest] = call.args.filter((arg) => !arg.startsWith('-'))
  if (call.args.includes('--version') || call.args[0] === '-v')
    return ok(`podman version ${version}\n`)
  if (verb === 'version')
    return ok(
      `Client:       Podman Engine\nVersion:      ${version}\nOS/Arch:      linux/${call.machine.spec.arch === 'aarch64' ? 'arm64' : 'amd64'}\n`,
    )
  if (verb === undefined) return fail(125, "Error: missing command 'podman COMMAND'\n")
  const trap = openStore(call)
  if (trap) return trap
  if (verb === 'ps') return list(call)
  if (verb === 'run') return run(call)
  if (verb === 'stop' || verb === 'rm' || verb === 'kill') return end(call, rest)
  if (verb === 'images')
    return call.args.some((arg) => arg === '-q' || arg === '--format')
      ? ok()
      : ok('REPOSITORY  TAG         IMAGE ID    CREATED     SIZE\n')
  if (verb === 'info')
    return ok(
      `host:\n  arch: ${call.machine.spec.arch === 'aarch64' ? 'arm64' : 'amd64'}\n  os: linux\nstore:\n  graphDriverName: ${isOverlayRoot(call) ? 'vfs' : 'overlay'}\nversion:\n  Version: ${version}\n`,
    )
  if (['volume', 'system', 'container', 'image', 'network'].includes(verb) && rest[0] === 'prune')
    return ok()
  return fail(125, `Error: the rehearsal lab's podman does not know "${verb}"\n`)
}

function isOverlayRoot(call: Call): boolean {
  return mountOf(call, '/var/lib/containers').type === 'overlay'
}

// On an overlay root podman finds that it cannot make overlays, and still believes it after another file system was mounted there.
function openStore(call: Call): Output | null {
  if (call.files.who.uid !== 0) return null
  if (isOverlayRoot(call)) {
    call.files.mkdirs(noOverlay.slice(0, noOverlay.lastIndexOf('/')), 0o700)
    if (!call.files.exists(noOverlay)) call.files.write(noOverlay, '', 0o600)
    return null
  }
  return call.files.exists(noOverlay)
    ? fail(
        125,
        'Error: kernel does not support overlay fs: unable to create kernel-style whiteout: operation not permitted\n',
      )
    : null
}

function list(call: Call): Output {
  const { containers } = call.machine
  if (call.args.some((arg) => /^-[a-z]*q[a-z]*$/.test(arg) || arg === '--quiet'))
    return ok(containers.map((each) => `${each.id}\n`).join(''))
  const format = formatOf(call.args)
  if (format !== null)
    return ok(
      containers
        .map(
          (each, i) =>
            `${filled(format, { Pid: String(4000 + i), ID: each.id, Image: each.image, Names: each.name, State: 'Up 2 minutes ago', Status: 'Up 2 minutes ago' })}\n`,
        )
        .join(''),
    )
  const rows = containers
    .map(
      (each) => `${each.id}  ${each.image}  sleep  2 minutes ago  Up 2 minutes ago  ${each.name}\n`,
    )
    .join('')
  return ok(
    `CONTAINER ID  IMAGE       COMMAND     CREATED     STATUS      PORTS       NAMES\n${rows}`,
  )
}

function formatOf(args: readonly string[]): string | null {
  const at = args.indexOf('--format')
  return at >= 0
    ? (args[at + 1] ?? null)
    : (args.find((arg) => arg.startsWith('--format='))?.slice(9) ?? null)
}

/** A Go template, as far as it names fields. */
function filled(format: string, fields: Readonly<Record<string, string>>): string {
  return format.replace(
    /\{\{\s*\.(\w+)\s*\}\}/g,
    (_, field: string) => fields[field] ?? '<no value>',
  )
}

function run(call: Call): Output {
  const options = parse(
    call.args.slice(call.args.indexOf('run') + 1),
    'd detach name= v= volume= e= env= p= publish= privileged rm security-opt= network= device= i t',
    true,
  )
  const [image] = options.operands
  if (options.wrong || image === undefined)
    return fail(125, `Error: ${options.wrong ?? 'requires at least 1 arg(s), only received 0'}\n`)
  if (!options.has('d', 'detach')) return ok()
  const id = randomBytes(6).toString('hex')
  call.machine.containers.push({ id, name: options.value('name') ?? `lab-${id}`, image })
  return ok(`${id}\n`)
}

function end(call: Call, names: readonly string[]): Output {
  const { containers } = call.machine
  for (const name of names) {
    const at = containers.findIndex((each) => each.name === name || each.id === name)
    if (at < 0)
      return fail(125, `Error: no container with name or ID "${name}" found: no such container\n`)
    containers.splice(at, 1)
  }
  return ok(names.map((name) => `${name}\n`).join(''))
}

// Each running container has a conmon; nothing else that runs on a node of the lab is asked for by name.
function pgrep(call: Call): Output {
  const options = parse(call.args, 'x exact c count f full u= l list-name a list-full o n')
  if (options.wrong || options.operands.length !== 1)
    return fail(
      2,
      "pgrep: no matching criteria specified\nTry `pgrep --help' for more information.\n",
    )
  const count = options.operands[0] === 'conmon' ? call.machine.containers.length : 0
  const lines = options.has('c', 'count')
    ? `${count}\n`
    : Array.from({ length: count }, (_, i) => `${4000 + i}\n`).join('')
  return { stdout: lines, stderr: '', exitCode: count > 0 ? 0 : 1 }
}

/** podman, present where its package is, and what its containers look like from outside. */
export const podmanCommands: readonly LabCommand[] = [
  { names: ['podman'], package: 'podman', run: podman },
  { names: ['pgrep'], run: pgrep },
]
