import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const page = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8')

/** Where the lab differs from a transcript on purpose, as docs/conformance.md lists it: `transcript record`, with its reason. */
export const listedDifferences: ReadonlyMap<string, string> = new Map(
  (page.split('### Where the lab differs on purpose')[1]?.split('\n#')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim().replace(/^`|`$/g, '')))
    .map(([, transcript, record, , reason = '']) => [`${transcript} ${record}`, reason]),
)
