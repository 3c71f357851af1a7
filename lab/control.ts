import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { DiagnosticError, type Diagnostic } from '../runner/model/diagnostic.ts'
import { writeCrayFiles } from './cray-files.ts'
import { issueToken } from './csm/keycloak.ts'
import { parseFault } from './faults.ts'
import type { Lab, LabStatus } from './lab.ts'

/** What may be asked of a lab that runs in the background: one JSON line each way, over a socket in its folder. */
export type LabRequest =
  | { readonly do: 'status' }
  | { readonly do: 'reboot'; readonly node: string }
  /** The words as they were typed; only the lab knows its nodes. */
  | { readonly do: 'fault'; readonly words: readonly string[] }
  /** Writes the files for `cray`, with a new token. */
  | { readonly do: 'env' }
  | { readonly do: 'down' }
/** Its answer. */
export type LabReply =
  { readonly status: LabStatus; readonly pid: number } | { readonly errors: readonly Diagnostic[] }

/** The socket of the lab of a folder. */
export function controlSocket(folder: string): string {
  return join(folder, 'control.sock')
}

/** Answers requests for a lab until `down` was asked; then `onDown` is called, after the answer was sent. */
export async function listenForControl(lab: Lab, onDown: () => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    void readLine(socket)
      .then((line) => answer(lab, JSON.parse(line) as LabRequest))
      .catch((error: unknown): LabReply => ({ errors: diagnosticsOf(error) }))
      .then((reply) => socket.end(`${JSON.stringify(reply)}\n`, () => 'down' in reply && onDown()))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(controlSocket(lab.folder), resolve)
  })
  return server
}

/** Asks the lab of a folder; null where none answers there. Rejects with DiagnosticError when the lab refuses. */
export async function askLab(
  folder: string,
  request: LabRequest,
): Promise<{ readonly status: LabStatus; readonly pid: number } | null> {
  const socket = await connected(controlSocket(folder))
  if (!socket) return null
  try {
    socket.write(`${JSON.stringify(request)}\n`)
    const reply = JSON.parse(await readLine(socket)) as LabReply
    if ('errors' in reply) throw new DiagnosticError(reply.errors)
    return reply
  } finally {
    socket.destroy()
  }
}

async function answer(lab: Lab, request: LabRequest): Promise<LabReply & { down?: true }> {
  if (request.do === 'reboot') await lab.reboot(request.node)
  if (request.do === 'env') writeCrayFiles(lab.folder, lab.status().gateway, issueToken(lab.system))
  if (request.do === 'fault') await lab.fault(parseFault(request.words, [...lab.nodes.keys()]))
  return {
    status: lab.status(),
    pid: process.pid,
    ...(request.do === 'down' ? { down: true } : {}),
  }
}

function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof DiagnosticError) return error.diagnostics
  return [
    {
      code: 'lab/broken',
      message: `the lab failed: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'please report this line: it is a defect of the lab, not of your playbook',
    },
  ]
}

function connected(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? resolve(null) : reject(error),
    )
  })
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    socket.once('error', reject)
    for (const gone of ['end', 'close'])
      socket.once(gone, () =>
        reject(
          new DiagnosticError({
            code: 'lab/broken',
            message: 'the lab ended without an answer',
            hint: 'trueup lab status',
          }),
        ),
      )
  })
}
