import { Composer, isScalar, visit, type Document } from 'yaml'
import { deepestYaml, largestYamlOfHost, yamlTokens } from './yaml-tokens.ts'

/** What YAML holds when every scalar is a text, so that the version `1.10` stays one. */
export type YamlText = string | readonly YamlText[] | { readonly [key: string]: YamlText }

/** Reads YAML from a host into texts, lists and maps; or says why it is not read. An empty document is the empty text. */
export function readYamlTexts(
  text: string,
): { readonly value: YamlText } | { readonly fault: string } {
  if (text.length > largestYamlOfHost)
    return { fault: `it is larger than ${largestYamlOfHost / 1024} KiB` }
  const read = yamlTokens(text)
  if ('tooDeepAt' in read) return { fault: `it nests deeper than ${deepestYaml} levels` }
  const composer = new Composer({
    version: '1.2',
    schema: 'failsafe',
    // The package compares each key with all that stand before it.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const [document, another] = [...composer.compose(read.tokens, true, text.length)]
  if (another) return { fault: 'it holds more than one document' }
  const wrong = document!.errors[0] ?? document!.warnings[0]
  if (wrong) return { fault: wrong.message.replace(/\s+/g, ' ') }
  const twice = keyThatStandsTwice(document!)
  if (twice !== null) return { fault: `the key '${twice}' stands twice in one map` }
  try {
    return { value: (document!.toJS() as YamlText | null) ?? '' }
  } catch (error) {
    // Aliases that stand for too much.
    return { fault: (error as Error).message }
  }
}

function keyThatStandsTwice(document: Document): string | null {
  let twice: string | null = null
  visit(document, {
    Map(_, map) {
      const keys = new Set<string>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (keys.has(name)) {
          twice = name
          return visit.BREAK
        }
        keys.add(name)
      }
      return undefined
    },
  })
  return twice
}
