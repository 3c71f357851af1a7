import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  CodeActionKind,
  ErrorCodes,
  MarkupKind,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type CodeAction,
  type Connection,
  type Location,
  type TextDocumentPositionParams,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Io } from '../wiring/io.ts'
import { offersAt } from './completions.ts'
import { hoverAt } from './hover.ts'
import { definitionsAt, placesOfRegister, registerAt, renameFault } from './names-of-playbook.ts'
import { completionItem, rangeOf, shownDiagnostic } from './protocol-forms.ts'
import { quickFixes } from './quick-fixes.ts'
import { workspaceOf, type OpenFiles, type PlaceInPlaybook, type Workspace } from './workspace.ts'

/** How long nothing is typed before playbooks are checked, in milliseconds. */
const pause = 150

/** Speaks the Language Server Protocol over a connection until it is ended: what was typed last is not checked any more then. */
export function serveEditor(io: Io, connection: Connection): { readonly end: () => void } {
  const documents = new TextDocuments(TextDocument)
  const files = openFiles(documents)
  const workspace = workspaceOf(io, files)
  const found = publishing(connection, workspace)
  connection.onInitialize(() => ({
    serverInfo: { name: 'trueup' },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      completionProvider: { triggerCharacters: ['.', '{', ' ', '@', '/', '-'] },
      hoverProvider: true,
      definitionProvider: true,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      renameProvider: { prepareProvider: true },
    },
  }))
  documents.onDidChangeContent(() => found.checkSoon())
  documents.onDidSave(() => workspace.forgetInventory())
  documents.onDidClose(() => found.checkSoon())
  addQuestions(connection, documents, workspace)
  addFixes(connection, documents, found)
  addRenaming(connection, documents, workspace)
  documents.listen(connection)
  connection.listen()
  return { end: found.end }
}

function openFiles(documents: TextDocuments<TextDocument>): OpenFiles {
  const byFile = (): ReadonlyMap<string, TextDocument> =>
    new Map(
      documents
        .all()
        .filter(({ uri }) => uri.startsWith('file:'))
        .map((document) => [fileURLToPath(document.uri), document]),
    )
  return {
    textOf: (file) => byFile().get(file)?.getText() ?? null,
    all: () => [...byFile().keys()],
  }
}

/** What is wrong with the open playbooks, as it was found last. */
interface Publishing {
  checkSoon(): void
  end(): void
  of(file: string): readonly Diagnostic[]
}

function publishing(connection: Connection, workspace: Workspace): Publishing {
  let timer: NodeJS.Timeout | undefined
  let round = 0
  let isOver = false
  let published: ReadonlyMap<string, readonly Diagnostic[]> = new Map()
  const check = async (): Promise<void> => {
    const mine = ++round
    const next = new Map<string, Diagnostic[]>()
    for (const playbook of workspace.playbooks()) {
      next.set(playbook, next.get(playbook) ?? [])
      const { diagnostics } = await workspace.check(playbook)
      for (const each of diagnostics) {
        const file = each.at?.file ?? playbook
        const others = next.get(file) ?? []
        if (!others.some((other) => isSame(other, each))) next.set(file, [...others, each])
      }
    }
    // Meanwhile more was typed, and a later check tells of it.
    if (mine !== round || isOver) return
    for (const file of new Set([...published.keys(), ...next.keys()]))
      await connection.sendDiagnostics({
        uri: pathToFileURL(file).href,
        diagnostics: (next.get(file) ?? []).map(shownDiagnostic),
      })
    published = next
  }
  return {
    of: (file) => published.get(file) ?? [],
    checkSoon() {
      clearTimeout(timer)
      timer = setTimeout(() => {
        check().catch((error: unknown) => {
          if (!isOver) connection.console.error(String(error))
        })
      }, pause)
    },
    end() {
      isOver = true
      clearTimeout(timer)
    },
  }
}

function isSame(one: Diagnostic, other: Diagnostic): boolean {
  return (
    one.code === other.code &&
    one.message === other.message &&
    one.at?.line === other.at?.line &&
    one.at?.column === other.at?.column
  )
}

/** Completion, hover and definitions. */
function addQuestions(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  workspace: Workspace,
): void {
  connection.onCompletion(async (asked) => {
    const found = await placeAt(documents, workspace, asked)
    if (!found) return []
    const { place, document, file } = found
    const { open, declared, hosts, cursor } = place
    return offersAt(cursor, { file, types: open.types, declared, seen: open.seen, hosts }).map(
      (offer) => completionItem(offer, cursor, document),
    )
  })
  connection.onHover(async (asked) => {
    const found = await placeAt(documents, workspace, asked)
    const value = found && hoverAt(found.place.cursor, found.place.open)
    return value ? { contents: { kind: MarkupKind.Markdown, value } } : null
  })
  connection.onDefinition(async (asked): Promise<Location[] | null> => {
    const found = await placeAt(documents, workspace, asked)
    if (!found) return null
    const { place, file } = found
    return [...definitionsAt(place.cursor, file, place.open, place.declared)].map((at) => ({
      uri: pathToFileURL(at.file).href,
      range: rangeOf(at),
    }))
  })
}

interface Found {
  readonly place: PlaceInPlaybook
  readonly document: TextDocument
  readonly file: string
}

async function placeAt(
  documents: TextDocuments<TextDocument>,
  workspace: Workspace,
  { textDocument, position }: TextDocumentPositionParams,
): Promise<Found | null> {
  const document = documents.get(textDocument.uri)
  if (!document?.uri.startsWith('file:')) return null
  const file = fileURLToPath(document.uri)
  const place = await workspace.at(file, document.offsetAt(position))
  return place && { place, document, file }
}

/** Quick fixes of what was found last. */
function addFixes(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  found: Publishing,
): void {
  connection.onCodeAction(({ textDocument, range }): CodeAction[] => {
    const document = documents.get(textDocument.uri)
    if (!document?.uri.startsWith('file:')) return []
    const inRange = found.of(fileURLToPath(document.uri)).filter(({ at }) => {
      const shown = at && rangeOf(at)
      return shown && shown.start.line <= range.end.line && shown.end.line >= range.start.line
    })
    return quickFixes(document.getText(), inRange).map(
      ({ diagnostic, title, edit, isCertain }) => ({
        title,
        kind: CodeActionKind.QuickFix,
        isPreferred: isCertain,
        diagnostics: [shownDiagnostic(diagnostic)],
        edit: {
          changes: {
            [document.uri]: [
              {
                range: {
                  start: document.positionAt(edit.start),
                  end: document.positionAt(edit.end),
                },
                newText: edit.text,
              },
            ],
          },
        },
      }),
    )
  })
}

/** The renaming of a register. */
function addRenaming(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  workspace: Workspace,
): void {
  connection.onPrepareRename(async (asked) => {
    const at = await placeAt(documents, workspace, asked)
    const name = at && registerAt(at.place.cursor, at.place.open.seen, at.place.declared)
    if (!at || name === null) return null
    const start = at.document.positionAt(at.place.cursor.start)
    return {
      range: { start, end: { ...start, character: start.character + name.length } },
      placeholder: name,
    }
  })
  connection.onRenameRequest(async (asked): Promise<WorkspaceEdit | null> => {
    const at = await placeAt(documents, workspace, asked)
    const name = at && registerAt(at.place.cursor, at.place.open.seen, at.place.declared)
    const playbook = at && workspace.playbookOf(at.file)
    if (!at || name === null || playbook === null) return null
    const open = await workspace.check(playbook)
    const fault = renameFault(asked.newName, open)
    if (fault !== null) throw new ResponseError(ErrorCodes.InvalidRequest, fault)
    const changes: Record<string, TextEdit[]> = {}
    for (const place of placesOfRegister(name, open, at.place.declared))
      (changes[pathToFileURL(place.file).href] ??= []).push({
        range: rangeOf(place),
        newText: asked.newName,
      })
    return { changes }
  })
}
