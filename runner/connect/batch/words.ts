/** What a host said, fit for a message: one line, no control characters, no longer than a few hundred letters. */
export function sentence(said: Buffer | string): string {
  const lines = said
    .toString()
    .split(/[\r\n]+/)
    .map((line) => line.replace(/\p{C}/gu, '').trim())
    .filter((line) => line !== '')
  const text = lines.slice(-4).join(' / ')
  return text.length > 400 ? `… ${text.slice(-400)}` : text
}

/** The command's own words: its standard error, or else the end of its output. */
export function words(stderr: Buffer | string, stdout: Buffer | string): string {
  return sentence(stderr) || sentence(stdout)
}
