import { redact } from '../../contract/secret.ts'

/** What a host said, fit for a message: one line, no control characters, no longer than a few hundred letters. */
export function sentence(said: Buffer | string): string {
  return short(linesOf(said).slice(-4))
}

/**
 * The command's own words: what it said on its standard error, of which the first lines often name the cause and the last ones
 * the end; with those lines of its output that speak of trouble, since zypper says there what its errors are "see above" for.
 */
export function words(stderr: Buffer | string, stdout: Buffer | string): string {
  const errors = withoutLog(linesOf(stderr))
  const output = linesOf(stdout)
  if (errors.length === 0) return short(output.slice(-6))
  return short(
    [
      ...output.filter(isTrouble).slice(-4),
      ...(errors.length <= 9 ? errors : [...errors.slice(0, 4), '…', ...errors.slice(-4)]),
    ],
    1000,
  )
}

function linesOf(said: Buffer | string): string[] {
  // Hidden before it is cut: half a secret is not found again.
  return redact(said.toString())
    .split(/[\r\n]+/)
    .map((line) => line.replace(/\p{C}/gu, '').trim())
    .filter((line) => line !== '')
}

/** Programs of Kubernetes log each try in lines of their own form, before the one line that says what is wrong. */
function withoutLog(lines: readonly string[]): readonly string[] {
  const said = lines.filter((line) => !/^[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+:\d+\]/.test(line))
  return said.length > 0 ? said : lines.slice(-1)
}

function isTrouble(line: string): boolean {
  return /\b(?:conflicts?|unsigned|reject|nothing provides|problem:)/i.test(line)
}

function short(lines: readonly string[], most = 400): string {
  const text = lines.join(' / ')
  return text.length > most ? `… ${text.slice(-most)}` : text
}
