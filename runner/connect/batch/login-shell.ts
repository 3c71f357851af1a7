import { plainCommand } from './start-command.ts'
import type { Entry } from './script-run.ts'

/** The way to a shell: gives each script its entry, and tries again where a first entry was closed before anything ran. */
export interface Doorway {
  through<T>(attempt: (entry: Entry) => Promise<T>): Promise<T>
}

/** The login user's own shell. */
export function plainDoorway(): Doorway {
  const entry: Entry = { command: plainCommand, refuse: () => undefined }
  return { through: (attempt) => attempt(entry) }
}
