import { isMap } from '../../contract/value.ts'
import { compareNames } from '../../text/xname.ts'
import { textAt, type valueAt } from '../service-answers.ts'
import { readYamlTexts, type YamlText } from '../../text/yaml-texts.ts'
import { unclear } from '../unclear.ts'

const lookAtIt =
  'look at it with `kubectl --namespace services get configmap cray-product-catalog --output yaml`, and give the values as inputs'

/** The entries of a product by version; an empty one has none. */
export function entriesOf(text: string, product: string): Readonly<Record<string, YamlText>> {
  const read = readYamlTexts(text)
  if ('fault' in read)
    return unclear(
      `the catalog's entry of ${product} is not YAML that is read: ${read.fault}`,
      lookAtIt,
    )
  if (read.value === '') return {}
  return isMap(read.value)
    ? read.value
    : unclear(`the catalog's entry of ${product} is not a map of versions`, lookAtIt)
}

/** Orders versions by their numbers; what comes before a release (`1.6.0-rc.2`) is older than the release. */
export function compareVersions(a: string, b: string): number {
  const [[mainA, preA], [mainB, preB]] = [partsOf(a), partsOf(b)]
  const main = compareNames(mainA, mainB)
  if (main !== 0) return main
  if (preA === '' || preB === '') return preA === preB ? 0 : preA === '' ? 1 : -1
  return compareNames(preA, preB)
}

function partsOf(version: string): readonly [main: string, before: string] {
  const dash = version.indexOf('-')
  return dash < 0 ? [version, ''] : [version.slice(0, dash), version.slice(dash + 1)]
}

/** Ids of what the catalog names, by name. */
export function idsIn(named: ReturnType<typeof valueAt>): Readonly<Record<string, string>> {
  return isMap(named)
    ? Object.fromEntries(
        Object.entries(named).flatMap(([name, held]) =>
          textAt(held, 'id') === null ? [] : [[name, textAt(held, 'id')!]],
        ),
      )
    : {}
}
