import type { ScriptNode, StatementNode } from 'just-bash'
import { sessionFiles, takenFd, toErrors } from './session-files.ts'

type Loose = { type?: string; [key: string]: unknown }

/**
 * Corrects, in place, what the interpreter gets wrong. It joins the words of "$@" where it stands for the command itself, and
 * keeps them apart behind `command`; it takes `</dev/null` for no redirection, and `exec
 * </dev/null` for the input of every pipe; `exec 7<&0` does not keep the session's input.
 */
export function correct(node: unknown): void {
  if (Array.isArray(node)) return node.forEach(correct)
  if (typeof node !== 'object' || node === null) return
  const part = node as Loose
  if (part.type === 'SimpleCommand' && isAllArguments(part['name'])) {
    part['args'] = [part['name'], ...(part['args'] as unknown[])]
    part['name'] = literal('command')
  }
  if (part.type === 'SimpleCommand') correctInputs(part)
  for (const value of Object.values(part)) if (typeof value === 'object') correct(value)
}

function correctInputs(command: Loose): void {
  const name = textOf(command['name'])
  const redirections = command['redirections'] as Loose[]
  // `dd` alone speaks to the session at once; it needs to know which of its streams.
  if (
    name === 'dd' &&
    (command['args'] as unknown[]).length === 0 &&
    redirections.some(
      (each) =>
        each['operator'] === '>&' && (each['fd'] ?? 1) === 1 && textOf(each['target']) === '2',
    )
  )
    command['args'] = [literal(toErrors)]
  for (const redirection of redirections) {
    const target = textOf(redirection['target'])
    if (redirection['operator'] === '<' && target === '/dev/null' && name !== 'read') {
      redirection['target'] = literal(sessionFiles.none)
      if (
        name === 'exec' &&
        (command['args'] as unknown[]).length === 0 &&
        (redirection['fd'] ?? 0) === 0
      )
        redirection['fd'] = takenFd
    }
    if (name === 'exec' && redirection['operator'] === '<&' && target === '0') {
      redirection['operator'] = '<'
      redirection['target'] = literal(sessionFiles.in)
    }
  }
}

function literal(value: string): Loose {
  return { type: 'Word', parts: [{ type: 'Literal', value }] }
}

function textOf(word: unknown): string | null {
  const parts = (word as { parts?: Loose[] } | null)?.parts
  return parts?.length === 1 && parts[0]!.type === 'Literal' ? String(parts[0]!['value']) : null
}

function isAllArguments(word: unknown): boolean {
  const parts = (word as { parts?: Loose[] } | null)?.parts ?? []
  const inner =
    parts.length === 1 && parts[0]!.type === 'DoubleQuoted'
      ? (parts[0]!['parts'] as Loose[])
      : parts
  return (
    inner.length === 1 && inner[0]!.type === 'ParameterExpansion' && inner[0]!['parameter'] === '@'
  )
}

/** The script with each of its statements printing where the sample statement does, as it ends and not at the script's end. */
export function streaming(script: ScriptNode, sample: ScriptNode): ScriptNode {
  const group = sample.statements[0]!.pipelines[0]!.commands[0] as unknown as {
    redirections: unknown
  }
  return {
    ...script,
    statements: script.statements.map((statement) =>
      streamingStatement(statement, group.redirections),
    ),
  }
}

// A script that is one `{ … }` prints as the statements in it do.
function streamingStatement(statement: StatementNode, redirections: unknown): StatementNode {
  const only =
    statement.pipelines.length === 1 && !statement.background ? statement.pipelines[0]! : null
  const group =
    only?.commands.length === 1 && !only.negated
      ? (only.commands[0] as unknown as {
          type: string
          body: StatementNode[]
          redirections: unknown[]
        })
      : null
  if (group?.type === 'Group' && group.redirections.length === 0) {
    const body = group.body.map((each) => streamingStatement(each, redirections))
    return { ...statement, pipelines: [{ ...only!, commands: [{ ...group, body } as never] }] }
  }
  return mayStream(statement) ? printing(statement, redirections) : statement
}

// `exec` without a command moves the streams of the shell itself; a definition prints nothing. All others must: a statement
// that printed at the end would be out of its order.
function mayStream(statement: StatementNode): boolean {
  const commands = statement.pipelines.flatMap(
    (pipeline) => pipeline.commands,
  ) as unknown as Loose[]
  const movesStreams = commands.some(
    (command) =>
      command.type === 'SimpleCommand' &&
      textOf(command['name']) === 'exec' &&
      (command['args'] as unknown[]).length === 0,
  )
  return (
    statement.deferredError === undefined &&
    !movesStreams &&
    !commands.every((command) => command.type === 'FunctionDef')
  )
}

function printing(statement: StatementNode, redirections: unknown): StatementNode {
  const group = {
    type: 'Group',
    body: [statement],
    redirections,
    ...(statement.line === undefined ? {} : { line: statement.line }),
  }
  return {
    type: 'Statement',
    pipelines: [{ type: 'Pipeline', commands: [group as never], negated: false }],
    operators: [],
    background: false,
    ...(statement.line === undefined ? {} : { line: statement.line }),
  }
}
