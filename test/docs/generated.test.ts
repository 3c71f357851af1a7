import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allGenerated } from '../../tools/all-generated.ts'

const root = join(import.meta.dirname, '../..')

describe('generated files', () => {
  it('are as `npm run generate` writes them', async () => {
    const { files, orphans } = await allGenerated(root)
    const stale = [...files].filter(([path, text]) => {
      try {
        return readFileSync(join(root, path), 'utf8') !== text
      } catch {
        return true
      }
    })
    expect(stale.map(([path]) => path)).toEqual([])
    expect(orphans).toEqual([])
  })
})
