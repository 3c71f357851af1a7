import { describe, expect, it } from 'vitest'
import { truthWords } from './truth-words.ts'
import { parseYaml } from './located-yaml.ts'

const words = (text: string): readonly unknown[] =>
  truthWords(parseYaml('f', text).value!).map(({ message, at, hint, severity }) => [
    message,
    at!.line,
    hint!.split(',')[0],
    severity,
  ])

describe('a word that YAML 1.1 takes for a truth', () => {
  it('is warned of where it stands without quotes', () => {
    expect(words('tls: no\nlist: [On, { deep: YES }]\n')).toEqual([
      ['no is a text here, and not false', 1, 'write false', 'warning'],
      ['On is a text here, and not true', 2, 'write true', 'warning'],
      ['YES is a text here, and not true', 2, 'write true', 'warning'],
    ])
  })

  it('is a word where it is quoted, tagged or part of more', () => {
    expect(words('a: "no"\nb: !raw off\nc: norway\nd: true\ne: |\n  no\nno: x\n')).toEqual([])
  })
})
