import type { Io } from '../wiring/io.ts'

/** What every command needs: the process, a place for the exit code, and the command line itself for `demo`. */
export interface Shell {
  readonly io: Io
  readonly done: (code: number) => void
  execute(argv: readonly string[], io: Io): Promise<number>
}
