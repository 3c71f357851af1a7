/** A mode as chmod understands it (`0644`, `u+x,go-w`, `a=rX`) applied to another, or null where the text is not a mode. */
export function changeMode(text: string, mode: number, directory: boolean): number | null {
  if (/^[0-7]{1,5}$/.test(text)) return Number.parseInt(text, 8) & 0o7777
  let result = mode
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=][rwxXst]*)+)$/.exec(clause)
    if (!match) return null
    const who = match[1] === '' || match[1]!.includes('a') ? 'ugo' : match[1]!
    for (const [, operator, letters] of match[2]!.matchAll(/([-+=])([rwxXst]*)/g)) {
      const bits = bitsOf(who, letters!, result, directory)
      if (operator === '+') result |= bits
      else if (operator === '-') result &= ~bits
      else result = (result & ~bitsOf(who, 'rwx', result, directory)) | bits
    }
  }
  return result
}

function bitsOf(who: string, letters: string, mode: number, directory: boolean): number {
  let three = 0
  for (const letter of letters) {
    if (letter === 'r') three |= 4
    if (letter === 'w') three |= 2
    if (letter === 'x' || (letter === 'X' && (directory || (mode & 0o111) !== 0))) three |= 1
  }
  let bits = 0
  if (who.includes('u')) bits |= (three << 6) | (letters.includes('s') ? 0o4000 : 0)
  if (who.includes('g')) bits |= (three << 3) | (letters.includes('s') ? 0o2000 : 0)
  if (who.includes('o')) bits |= three
  return bits | (letters.includes('t') ? 0o1000 : 0)
}
