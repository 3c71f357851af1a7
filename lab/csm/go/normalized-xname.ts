import { typeAsSpelled } from '../../../runner/text/xname.ts'

/** A name as the hardware services normalize it: lower case, no leading zeros, whether it is an xname or not. */
export function normalized(name: string): string {
  return name
    .trim()
    .replace(/(?<![0-9])0+(?=[0-9])/g, '')
    .toLowerCase()
}

/** What kind of component a name names; null: it names nothing. They compare letters exactly, and refuse a number with too many digits. */
export function typeOfName(name: string): string | null {
  return typeAsSpelled(name)
}
