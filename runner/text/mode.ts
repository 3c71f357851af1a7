/** The texts that are file modes. */
export const modeForm = '^[0-7]{3,4}$'
const form = new RegExp(modeForm)

/** A file mode in four octal digits (`644` → `0644`), or null when it is not octal text. */
export function parseMode(text: string): string | null {
  return form.test(text) ? text.padStart(4, '0') : null
}

/** The permissions of what stat says of a file, in four octal digits: its kind is left out. */
export function modeText(bits: number): string {
  return (bits & 0o7777).toString(8).padStart(4, '0')
}
