import { exitOf } from '../../doctor/finding.ts'
import { findingsText } from '../../doctor/findings-text.ts'
import { cleanText } from '../../report/screen-text.ts'
import { jsonText } from '../../text/json-text.ts'
import { examineSystem, type DoctorFlags } from '../../wiring/examine-system.ts'
import type { Io } from '../../wiring/io.ts'

/** `trueup doctor [PLAYBOOK…]`: asks the services and hosts of an inventory for what playbooks rely on, and changes nothing. */
export async function doctorCommand(
  io: Io,
  named: readonly string[],
  flags: DoctorFlags,
): Promise<number> {
  const findings = await examineSystem(io, named, flags)
  const exit = exitOf(findings)
  io.stdout.write(
    flags.json ? `${jsonText({ findings, exit })}\n` : cleanText(findingsText(findings)),
  )
  return exit
}
