import { spawn } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import ssh2 from 'ssh2'
import { DiagnosticError } from '../runner/model/diagnostic.ts'
import { labFiles } from './lab-files.ts'
import type { LabStatus } from './lab.ts'

/** The argv of the system's ssh into a node, with the lab's key and known hosts and none of the user's own settings. */
export function sshArgv(
  status: LabStatus,
  node: string,
  options: { readonly user: string; readonly command: readonly string[] },
): readonly string[] {
  const files = labFiles(status.folder)
  // Without a terminal on the node's side this side's keeps echoing and editing lines: the node's shell does neither.
  return [
    ...['ssh', '-T', '-F', '/dev/null', '-i', files.key, '-p', String(portOf(status, node))],
    ...[
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      `UserKnownHostsFile=${JSON.stringify(files.knownHosts)}`,
      '-o',
      'GlobalKnownHostsFile=/dev/null',
      '-o',
      'StrictHostKeyChecking=yes',
    ],
    ...[`${options.user}@127.0.0.1`, ...options.command],
  ]
}

/** Signs in to a node: with the system's ssh where there is one, else with a plain session. Gives back the exit code. */
export async function labSsh(
  status: LabStatus,
  node: string,
  options: { readonly user?: string; readonly command?: readonly string[] } = {},
): Promise<number> {
  const wanted = { user: options.user ?? 'root', command: options.command ?? [] }
  const [program = '', ...argv] = sshArgv(status, node, wanted)
  if (onPath(program)) {
    const child = spawn(program, argv, { stdio: 'inherit' })
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => resolve(code ?? 255))
    })
  }
  return plainSession(status, node, wanted)
}

function plainSession(
  status: LabStatus,
  node: string,
  options: { readonly user: string; readonly command: readonly string[] },
): Promise<number> {
  const files = labFiles(status.folder)
  const port = portOf(status, node)
  const known = readFileSync(files.knownHosts, 'utf8')
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const take = (error: Error | undefined, stream: ssh2.ClientChannel): void => {
      if (error) {
        client.end()
        reject(error)
        return
      }
      let exit = 255
      stream.on('exit', (code: number | null) => (exit = code ?? 255))
      stream.on('close', () => {
        process.stdin.unpipe(stream).pause()
        client.end()
        resolve(exit)
      })
      stream.pipe(process.stdout, { end: false })
      stream.stderr.pipe(process.stderr, { end: false })
      process.stdin.pipe(stream)
    }
    client.once('error', reject)
    client.once('ready', () =>
      options.command.length > 0
        ? client.exec(options.command.join(' '), take)
        : client.shell(take),
    )
    client.connect({
      host: '127.0.0.1',
      port,
      username: options.user,
      privateKey: readFileSync(files.key),
      hostVerifier: (key: Buffer) =>
        known.includes(`[127.0.0.1]:${port} `) && known.includes(` ${key.toString('base64')}`),
    })
  })
}

function portOf(status: LabStatus, node: string): number {
  const found = status.nodes.find((each) => each.name === node)
  if (found) return found.port
  throw new DiagnosticError({
    code: 'lab/no-such-node',
    message: `the lab has no node ${JSON.stringify(node)}`,
    hint: `its nodes are ${status.nodes.map((each) => each.name).join(', ')}`,
  })
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return folder !== ''
    } catch {
      return false
    }
  })
}
