import { markdownLines } from '../../report/markdown-on-terminal.ts'
import { createPaint } from '../../report/screen-text.ts'
import { playbookManual } from '../../manual/playbook-manual.ts'
import type { RunFlags } from '../../wiring/flags.ts'
import { hasColor, widthOf, type Io } from '../../wiring/io.ts'
import { checkPlaybook, loadForRun } from '../../wiring/load-all.ts'
import { settle } from '../../wiring/throw-on-errors.ts'
import { planOnHost } from '../../wiring/plan-on-host.ts'

/** The options of `docs`. */
export interface DocsFlags extends Pick<
  RunFlags,
  'inventory' | 'extraVars' | 'stateDir' | 'types' | 'sshConfig'
> {
  /** The host for which the commands are shown. */
  readonly host?: string
}

/** `trueup docs PLAYBOOK`: the playbook as a manual page; Markdown when the output is not a terminal. With a host, the playbook is planned there. */
export async function docsCommand(io: Io, path: string, flags: DocsFlags): Promise<number> {
  const { playbook, inputs, diagnostics } = await checkPlaybook(io, path, null, null, flags.types)
  settle(io, diagnostics)
  if (flags.host === undefined) return show(io, playbookManual(playbook!, inputs))
  const loaded = await loadForRun(io, path, flags)
  const { part, exit } = await planOnHost(io, loaded, flags.host, flags)
  show(io, playbookManual(loaded.playbook, inputs, part))
  return exit
}

function show(io: Io, page: string): number {
  io.stdout.write(
    io.stdout.isTTY
      ? `${markdownLines(page, Math.min(120, widthOf(io.stdout, io.env)), createPaint(hasColor(io.stdout, io.env))).join('\n')}\n`
      : page,
  )
  return 0
}
