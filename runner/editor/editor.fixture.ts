import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pathToFileURL } from 'node:url'
import {
  createConnection,
  createProtocolConnection,
  CodeActionRequest,
  CompletionRequest,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  HoverRequest,
  InitializeRequest,
  PrepareRenameRequest,
  PublishDiagnosticsNotification,
  RenameRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type CodeAction,
  type CompletionItem,
  type Diagnostic,
  type Location,
  type ProtocolConnection,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node'
import type { Io } from '../wiring/io.ts'
import { serveEditor } from './language-server.ts'

/** Marks the cursor in a text of a test. */
const mark = '¦'

/** An editor with a folder of its own, which speaks the protocol with the server. */
export interface Editor {
  readonly folder: string
  /** Opens a file, or changes it; `¦` marks where the cursor is then. */
  type(name: string, text: string): Promise<void>
  /** What is shown in a file, once nothing more comes: `line code`. */
  shown(
    name: string,
    until: (found: readonly Diagnostic[]) => boolean,
  ): Promise<readonly Diagnostic[]>
  offered(): Promise<readonly CompletionItem[]>
  hover(): Promise<string | null>
  /** `file:line` of what is named at the cursor. */
  definition(): Promise<readonly string[]>
  fixes(): Promise<readonly CodeAction[]>
  rename(name: string): Promise<WorkspaceEdit | null>
  renamed(): Promise<string | null>
  /** The text of a file with edits made. */
  edited(name: string, edits: readonly TextEdit[]): string
  close(): void
}

/** Starts the server in this process, with a client at the other end of a pipe. */
export async function startEditor(files: Readonly<Record<string, string>> = {}): Promise<Editor> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-editor-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const [there, back] = [new PassThrough(), new PassThrough()]
  const server = createConnection(new StreamMessageReader(there), new StreamMessageWriter(back))
  const io = {
    env: { HOME: folder, PATH: process.env['PATH'] },
    cwd: folder,
    systemConfig: join(folder, 'no-config'),
  } as unknown as Io
  const serving = serveEditor(io, server)
  const client = createProtocolConnection(
    new StreamMessageReader(back),
    new StreamMessageWriter(there),
  )
  client.listen()
  await client.sendRequest(InitializeRequest.type, {
    processId: null,
    rootUri: null,
    capabilities: {},
  })
  return editorOf(client, folder, () => {
    serving.end()
    client.dispose()
    server.dispose()
    rmSync(folder, { recursive: true, force: true })
  })
}

/** The editor's side of a connection. */
export function editorOf(client: ProtocolConnection, folder: string, close: () => void): Editor {
  const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href
  const texts = new Map<string, { text: string; version: number }>()
  const published = new Map<string, readonly Diagnostic[]>()
  const waiting = new Set<() => void>()
  let cursor = { name: '', offset: 0 }
  client.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
    published.set(uri, diagnostics)
    for (const look of waiting) look()
  })
  const place = () => {
    const { text } = texts.get(cursor.name)!
    const before = text.slice(0, cursor.offset).split('\n')
    return {
      textDocument: { uri: uriOf(cursor.name) },
      position: { line: before.length - 1, character: before.at(-1)!.length },
    }
  }
  return {
    folder,
    close,
    async type(name, marked) {
      const text = marked.replace(mark, '')
      cursor = { name, offset: Math.max(0, marked.indexOf(mark)) }
      const known = texts.get(name)
      texts.set(name, { text, version: (known?.version ?? 0) + 1 })
      if (known)
        await client.sendNotification(DidChangeTextDocumentNotification.type, {
          textDocument: { uri: uriOf(name), version: known.version + 1 },
          contentChanges: [{ text }],
        })
      else
        await client.sendNotification(DidOpenTextDocumentNotification.type, {
          textDocument: { uri: uriOf(name), languageId: 'yaml', version: 1, text },
        })
    },
    shown: (name, until) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = published.get(uriOf(name))
          if (!found || !until(found)) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    offered: async () =>
      ((await client.sendRequest(CompletionRequest.type, place())) ?? []) as CompletionItem[],
    async hover() {
      const shown = await client.sendRequest(HoverRequest.type, place())
      return shown ? (shown.contents as { readonly value: string }).value : null
    },
    async definition() {
      const found = (await client.sendRequest(DefinitionRequest.type, place())) as Location[] | null
      return (found ?? []).map(
        ({ uri, range }) => `${uri.slice(uriOf('').length + 1)}:${range.start.line + 1}`,
      )
    },
    fixes: async () => {
      const { textDocument, position } = place()
      const asked = {
        textDocument,
        range: { start: position, end: position },
        context: { diagnostics: [] },
      }
      return ((await client.sendRequest(CodeActionRequest.type, asked)) ?? []) as CodeAction[]
    },
    rename: (newName) => client.sendRequest(RenameRequest.type, { ...place(), newName }),
    async renamed() {
      const found = await client.sendRequest(PrepareRenameRequest.type, place())
      return found ? (found as { readonly placeholder: string }).placeholder : null
    },
    edited(name, edits) {
      const lines = texts.get(name)!.text.split('\n')
      const offset = ({ line, character }: TextEdit['range']['start']): number =>
        lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character
      return [...edits]
        .sort((one, other) => offset(other.range.start) - offset(one.range.start))
        .reduce(
          (text, { range, newText }) =>
            text.slice(0, offset(range.start)) + newText + text.slice(offset(range.end)),
          lines.join('\n'),
        )
    },
  }
}
