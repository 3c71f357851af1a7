import type { Code } from '../model/codes.ts'

/** How a check ended: as trueup was proved, otherwise than that, or so that a playbook cannot work. */
export type Verdict = 'ok' | 'differs' | 'fails'

/** What one check found of a service or a host. */
export interface Finding {
  readonly of: 'service' | 'host' | 'playbook'
  readonly name: string
  /** `version`, `GET /v3/images`, `sudo` … */
  readonly check: string
  readonly verdict: Verdict
  readonly says: string
  readonly hint?: string
  readonly code?: Code
}

/** Where all findings of one service or host begin. */
export type Subject = Pick<Finding, 'of' | 'name'>

/** 0 as proved, 1 something fails, 2 something differs. */
export function exitOf(findings: readonly Finding[]): 0 | 1 | 2 {
  const has = (verdict: Verdict): boolean => findings.some((each) => each.verdict === verdict)
  return has('fails') ? 1 : has('differs') ? 2 : 0
}
