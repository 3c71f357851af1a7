import { statSync } from 'node:fs'
import { systemConfigFile, trustedGroups } from '../config/trusted-groups.ts'
import { fileAccounts } from '../files/accounts.ts'
import type { Trust } from '../files/trust.ts'
import type { StateHome } from '../journal/state-folder.ts'
import { shippedFolder } from '../files/shipped-folder.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { Io } from './io.ts'

/** Who may have written what a command of this user loads. Throws DiagnosticError where the system's configuration is wrong. */
export function trustOf(io: Pick<Io, 'systemConfig'>): Trust {
  const { uid } = statSync(shippedFolder())
  const nobodyElse: Trust = {
    user: process.geteuid?.() ?? null,
    groups: [],
    product: { folder: shippedFolder(), owner: uid },
    accounts: fileAccounts(),
  }
  const { groups, diagnostics } = trustedGroups(io.systemConfig ?? systemConfigFile, nobodyElse)
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics)
  return { ...nobodyElse, groups }
}

/** Where a command keeps its state, and whom it trusts there. */
export function stateHome(io: Io): StateHome {
  const { env, cwd, stateFolder } = io
  return { env, cwd, ...(stateFolder === undefined ? {} : { stateFolder }), trust: trustOf(io) }
}
