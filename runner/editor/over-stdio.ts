import {
  createConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node'
import { Writable } from 'node:stream'
import { serveEditor } from './language-server.ts'
import { writeForProgram } from '../wiring/gate.ts'
import type { Io } from '../wiring/io.ts'

/** `trueup lsp`: answers an editor over standard input and output until it says that it is done. */
export function answerEditor(io: Io): Promise<number> {
  const output = new Writable({
    write(chunk: Buffer | string, _encoding, done) {
      writeForProgram(io.stdout, chunk.toString())
      done()
    },
  })
  const connection = createConnection(
    new StreamMessageReader(io.stdin),
    new StreamMessageWriter(output),
  )
  const serving = serveEditor(io, connection)
  return new Promise((resolve) => {
    let isShutDown = false
    connection.onShutdown(() => {
      isShutDown = true
    })
    const end = (): void => {
      serving.end()
      resolve(isShutDown ? 0 : 1)
    }
    connection.onExit(end)
    io.stdin.on('end', end)
  })
}
