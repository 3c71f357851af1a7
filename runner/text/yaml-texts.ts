import { Composer } from 'yaml'
import { deepestYaml, yamlTokens } from './yaml-tokens.ts'

/** What YAML holds when every scalar is a text, so that the version `1.10` stays one. */
export type YamlText = string | readonly YamlText[] | { readonly [key: string]: YamlText }

/** Reads YAML from a host into texts, lists and maps; or says why it is not read. An empty document is the empty text. */
export function readYamlTexts(
  text: string,
): { readonly value: YamlText } | { readonly fault: string } {
  const read = yamlTokens(text)
  if ('tooDeepAt' in read) return { fault: `it nests deeper than ${deepestYaml} levels` }
  const composer = new Composer({
    version: '1.2',
    schema: 'failsafe',
    prettyErrors: false,
    logLevel: 'silent',
  })
  const [document, another] = [...composer.compose(read.tokens, true, text.length)]
  if (another) return { fault: 'it holds more than one document' }
  const wrong = document!.errors[0] ?? document!.warnings[0]
  if (wrong) return { fault: wrong.message.replace(/\s+/g, ' ') }
  try {
    return { value: (document!.toJS() as YamlText | null) ?? '' }
  } catch (error) {
    // Aliases that stand for too much.
    return { fault: (error as Error).message }
  }
}
