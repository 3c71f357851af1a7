import { LineCounter } from 'yaml'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { compose, placeOf, syntaxErrors, tooDeep } from './yaml-document.ts'
import type { Located } from './located.ts'
import { type Reader, locate } from './locate-nodes.ts'

/** What a file says, and what is wrong with it. `value` is null only when nothing could be read. */
export interface ParsedYaml {
  readonly value: Located | null
  readonly diagnostics: readonly Diagnostic[]
}

const maxBytes = 32 * 1024 * 1024

/** Reads YAML 1.2 (core schema) into values that know their places. Warnings are errors, and nothing is merged or guessed. */
export function parseYaml(file: string, input: string): ParsedYaml {
  const text = input.startsWith('\uFEFF') ? input.slice(1) : input
  const refused = refuseVault(file, text) ?? refuseBefore(file, text)
  if (refused) return { value: null, diagnostics: [refused] }
  const lines = new LineCounter()
  const place = (start: number, end: number): Place => placeOf(file, text, lines, start, end)
  const composed = compose(text, lines)
  if ('tooDeepAt' in composed)
    return {
      value: null,
      diagnostics: [tooDeep(place(composed.tooDeepAt, composed.tooDeepAt + 1))],
    }
  const { document, secondAt } = composed
  if (secondAt !== null) {
    const hint = 'one file holds one document: remove what follows `---`, or split the file'
    return {
      value: null,
      diagnostics: [
        {
          code: 'yaml/several-documents',
          message: 'a second document begins here',
          at: place(secondAt, secondAt + 3),
          hint,
        },
      ],
    }
  }
  const version = document.directives.yaml
  if (version.explicit && version.version !== '1.2') {
    return {
      value: null,
      diagnostics: [
        {
          code: 'yaml/version',
          message: `%YAML ${version.version}: files are YAML 1.2`,
          at: place(0, 5),
          hint: 'remove the %YAML line',
        },
      ],
    }
  }
  const diagnostics: Diagnostic[] = syntaxErrors(document, place)
  const broken = document.errors.length > 0
  const reader: Reader = {
    text,
    document,
    anchors: new Map(),
    open: new Set(),
    diagnostics,
    reported: new Set(diagnostics.map(({ code, at }) => `${code} ${at?.line}:${at?.column}`)),
    place,
    aliasNodes: 0,
    insideAlias: 0,
  }
  const value = broken || !document.contents ? null : locate(reader, document.contents, 0)
  return { value, diagnostics }
}

/** A file of ansible-vault is YAML of one text, which says nothing. */
function refuseVault(file: string, text: string): Diagnostic | null {
  if (!text.startsWith('$ANSIBLE_VAULT;')) return null
  return {
    code: 'yaml/vault',
    message: 'this file is encrypted by ansible-vault, which trueup does not open',
    at: { file, line: 1, column: 1 },
    hint: `give it as inputs, which trueup opens: TRUEUP_VAULT_PASSWORD_FILE=FILE trueup … -e @${file}; or ansible-vault view ${file} | trueup … -e @/dev/stdin`,
  }
}

function refuseBefore(file: string, text: string): Diagnostic | null {
  const at: Place = {
    file,
    line: 1,
    column: 1,
    source: text.slice(0, 200).split(/\r?\n/, 1)[0] ?? '',
  }
  if (text.length > maxBytes)
    return {
      code: 'yaml/too-large',
      message: `the file is larger than ${maxBytes / 1024 / 1024} MiB`,
      at: { file, line: 1, column: 1 },
      hint: 'split it',
    }
  const nul = text.indexOf('\0')
  if (nul < 0) return null
  const line = text.slice(0, nul).split('\n')
  return {
    code: 'yaml/nul',
    message: 'the file has a NUL character: it is binary, or not UTF-8',
    at: { ...at, line: line.length, column: line.at(-1)!.length + 1, source: '' },
    hint: 'save it as UTF-8 text',
  }
}
