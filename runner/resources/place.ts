import type { RefuseAction } from '../contract/change.ts'
import { refuse } from '../contract/change.ts'
import { stat, type StatProbe, type StatReading } from '../contract/probe.ts'

/** The state field that says whether the folder of a file is there. */
export const folderField = {
  type: 'boolean',
  information: true,
  passing: true,
  description: 'Whether the folder that it lies in is there.',
} as const

/** Asks for the folder of a path. */
export function folderProbe(path: string): StatProbe {
  return stat(folderOf(path), { follow: true })
}

/** Whether it is one. */
export function isFolder(folder: StatReading): boolean {
  return folder.exists && folder.kind === 'directory'
}

/** A refusal where the folder of a path is missing: a task before may make it. */
export function withoutFolder(path: string, isThere: boolean | null): readonly RefuseAction[] {
  if (isThere !== false) return []
  const because = `the folder ${folderOf(path)} does not exist`
  const instead = 'ensure it with `file: { state: directory }` in a task before this one'
  return [refuse(because, instead, { mendable: true })]
}

function folderOf(path: string): string {
  return path.replace(/\/[^/]*$/, '') || '/'
}
