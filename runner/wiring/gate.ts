import { redact } from '../contract/secret.ts'
import type { Io } from './io.ts'

type Write = NodeJS.WriteStream['write']
const past = Symbol('writes without the gate')
interface Gated {
  [past]?: Write
}

/**
 * Puts the last gate in front of all text that a person reads: no secret of this command passes it, whichever part of the program
 * wrote it. Events and notes were searched before, as values; this also finds what no event carries. Gives what takes the gate away.
 */
export function gateOutput({ stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>): () => void {
  const opened = [stdout, stderr].map((stream) => gateOf(stream))
  return () => opened.forEach((open) => open())
}

/** Writes what a program reads and what was searched as values: a name in place of a word would make it unreadable. */
export function writeForProgram(stream: NodeJS.WriteStream, text: string): void {
  const write = (stream as Gated)[past] ?? stream.write
  write.call(stream, text)
}

function gateOf(stream: NodeJS.WriteStream & Gated): () => void {
  // The demo carries out commands inside a command.
  if (stream[past]) return () => undefined
  const before = stream.write
  stream[past] = before.bind(stream) as Write
  stream.write = ((chunk: unknown, ...rest: unknown[]) =>
    before.call(
      stream,
      (typeof chunk === 'string' ? redact(chunk) : chunk) as string,
      ...(rest as []),
    )) as Write
  return () => {
    stream.write = before
    delete stream[past]
  }
}
