import type { FirmwareTarget } from './fas-devices.ts'
import type { FasState, FirmwareImage } from './fas-records.ts'

/** The images that are for a target of a device. */
export function imagesFor(
  { images }: FasState,
  { model, deviceType, target, targetName, manufacturer }: FirmwareTarget,
): readonly FirmwareImage[] {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
  return [...images.values()].filter(
    (each) =>
      each.models.includes(model) &&
      same(each.deviceType, deviceType) &&
      same(each.manufacturer, manufacturer) &&
      (each.target === target || each.target === targetName),
  )
}

/** Whether one version comes before another, by their numbers. */
export function isVersionBefore(one: string, other: string): boolean {
  const [a, b] = [numbersOf(one), numbersOf(other)]
  const at = [0, 1, 2].find((index) => a[index] !== b[index])
  return at !== undefined && a[at]! < b[at]!
}

/** A version as semver writes it; null where it is not one. */
export function semanticVersion(text: string): string | null {
  const [, core = '', rest = ''] =
    /^v?(\d+(?:\.\d+){0,2})((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/.exec(text) ?? []
  return core === '' ? null : `${numbersOf(core).join('.')}${rest}`
}

function numbersOf(text: string): readonly number[] {
  const numbers = /^\d+(?:\.\d+)*/.exec(text)?.[0].split('.').map(Number) ?? []
  return [0, 1, 2].map((index) => numbers[index] ?? 0)
}
