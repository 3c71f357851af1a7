import { parseJson } from '../../contract/json.ts'
import { isMap, type ValueMap } from '../../contract/value.ts'
import { watchersOf } from '../rbd.ts'
import { unclear } from '../unclear.ts'

/** The devices that show an image. Releases before Nautilus print an object with the numbers as keys instead of a list. */
export function mappingsOf(stdout: string, pool: string, image: string): readonly string[] {
  const json = parseJson(stdout)
  if (typeof json !== 'object' || json === null)
    return unclear('rbd showmapped gives no JSON', 'look at it with `rbd showmapped --format json`')
  const rows = Object.values(json).filter((row): row is ValueMap => isMap(row))
  const ours = rows.filter(
    (row) =>
      row['pool'] === pool &&
      (row['namespace'] ?? '') === '' &&
      row['name'] === image &&
      (row['snap'] ?? '-') === '-',
  )
  return ours.map((row) => String(row['device']))
}

/** The addresses that have an image open. */
export function watchersIn(stdout: string): readonly string[] {
  const json = parseJson(stdout)
  return watchersOf(isMap(json) ? json : {})
}
