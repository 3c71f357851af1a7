import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { sessionContract } from '../../../test/contract/session-contract.ts'
import { localTransport } from '../local.ts'
import { openSession } from './script-session.ts'
import type { Transport } from '../transport.ts'

// The same contract under every shell that may be a host's /bin/sh. zsh is none: once another job has begun it forgets how the
// one before it ended, so that `wait` says 127 of a command that ended well.
for (const shell of ['/bin/dash', '/bin/bash', '/bin/busybox sh']) {
  if (!existsSync(shell.split(' ')[0]!)) continue
  sessionContract(shell, { processes: true, unprivileged: process.getuid?.() !== 0 }, async () => {
    const folder = mkdtempSync(`${tmpdir()}/session-`)
    const scratch = `${folder}/host`
    execFileSync('mkdir', [scratch])
    const transport = under(shell)
    return {
      session: openSession(transport, null),
      local: folder,
      scratch,
      async close() {
        await transport.close()
        rmSync(folder, { recursive: true })
      },
    }
  })
}

function under(shell: string): Transport {
  const transport = localTransport()
  return {
    ...transport,
    start: (command, signal) => transport.start(command.replaceAll('/bin/sh', shell), signal),
  }
}
