import { readJson } from '../../contract/json.ts'
import type { SeenReading } from '../../contract/probe.ts'
import type { ActionResult, WorldAction } from '../../model/session.ts'

/** What an action gave back, in the form of the reading that a probe of its kind would give. */
export function outputOf(
  kind: WorldAction['do'],
  { code, stdout, stderr }: ActionResult,
): SeenReading {
  // A secret output is not parsed: its text is not shown. What nests too deeply is a text only, for the action was done.
  if (kind === 'http')
    return {
      status: code ?? 0,
      body: stdout,
      json: typeof stdout === 'string' ? readJson(stdout).value : undefined,
    } as SeenReading
  return { exit: code ?? -1, stdout, stderr } as SeenReading
}
