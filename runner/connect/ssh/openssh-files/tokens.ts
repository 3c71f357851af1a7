import { DiagnosticError, type Place } from '../../../model/diagnostic.ts'

/** What the tokens of a path in ssh_config stand for. */
export interface Tokens {
  /** HostName as resolved, and what was typed. */
  readonly address: string
  readonly typed: string
  readonly alias: string
  readonly port: number
  readonly user: string
  readonly localUser: string
  readonly localHost: string
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A path of ssh_config or of the inventory with `~`, `%` tokens and `${VAR}` filled in. Throws DiagnosticError for what is not known. */
export function expandPath(text: string, tokens: Tokens, at: Place | undefined): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: tokens.home,
    h: tokens.address,
    i: String(process.getuid?.() ?? ''),
    k: tokens.alias,
    L: tokens.localHost.split('.')[0]!,
    l: tokens.localHost,
    n: tokens.typed,
    p: String(tokens.port),
    r: tokens.user,
    u: tokens.localUser,
  }
  const filled = text
    .replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = tokens.env[name]
      if (value === undefined)
        throw wrong(
          `\${${name}} is not set in the environment`,
          at,
          `export ${name}, or write the path out`,
        )
      return value
    })
    .replace(/%(.?)/g, (all, token: string) => {
      const value = values[token]
      if (value === undefined)
        throw wrong(`${all} is not a token of this path`, at, 'write %% for a percent sign')
      return value
    })
  if (filled === '~' || filled.startsWith('~/')) return tokens.home + filled.slice(1)
  if (filled.startsWith('~'))
    throw wrong(
      `"${filled.split('/')[0]!}" is not looked up`,
      at,
      "write the other user's folder out",
    )
  return filled
}

function wrong(message: string, at: Place | undefined, hint: string): DiagnosticError {
  return new DiagnosticError({ code: 'connect/ssh-config', message, at, hint })
}
