import type { ParamFault } from '../../contract/resource.ts'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** The five fields of crontab(5): the numbers that each takes, and names for them. */
const fields = {
  minute: { least: 0, most: 59, names: [] },
  hour: { least: 0, most: 23, names: [] },
  day: { least: 1, most: 31, names: [] },
  month: { least: 1, most: 12, names: months },
  weekday: { least: 0, most: 7, names: days },
} as const satisfies Readonly<
  Record<
    string,
    { readonly least: number; readonly most: number; readonly names: readonly string[] }
  >
>
/** A field of the time of an entry. */
export type TimeField = keyof typeof fields
/** The fields in the order in which cron reads them. */
export const timeFields = Object.keys(fields) as readonly TimeField[]

/** What is wrong with the text of a field, or null: cron drops a whole file for one wrong time, without a word. */
export function timeFault(field: TimeField, text: string | undefined): ParamFault | null {
  if (text === undefined) return null
  const { least, most, names } = fields[field]
  for (const part of text.split(',')) {
    const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part)
    const hint = `write numbers from ${least} to ${most}${names.length > 0 ? ` or ${names[0]} to ${names.at(-1)!}` : ''}, as in ${least}, ${least}-${most}, */2`
    if (!match) return { message: `'${part}' is not a ${field} of cron`, hint }
    const [, star, from, to, step] = match
    if (step !== undefined && Number(step) === 0)
      return { message: `'${part}' has a step of 0`, hint: 'write a step of 1 or more' }
    if (star !== undefined) continue
    const [first, last] = [from!, to ?? from!].map((word) => numberOf(field, word))
    if (first === null || last === null || first === undefined || last === undefined)
      return { message: `'${part}' is not a ${field} of cron`, hint }
    if (first > last)
      return {
        message: `'${part}' ends before it begins`,
        hint: `write it as two: ${from}-${most},${least}-${to}`,
      }
    if (step !== undefined && to === undefined)
      return { message: `'${part}' has a step and no range`, hint: `write ${from}-${most}/${step}` }
  }
  return null
}

function numberOf(field: TimeField, word: string): number | null {
  const { least, most, names } = fields[field]
  const named = (names as readonly string[]).indexOf(word.toLowerCase())
  const number =
    named >= 0 ? named + (field === 'month' ? 1 : 0) : /^\d+$/.test(word) ? Number(word) : NaN
  return number >= least && number <= most ? number : null
}
