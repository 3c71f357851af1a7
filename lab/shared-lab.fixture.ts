import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { raiseLab, type Lab, type LabOptions } from './lab.ts'

/** One lab for all tests of a file, and a folder for what they write. */
export interface SharedLab {
  readonly folder: string
  /** There while the tests run. */
  readonly lab: Lab
}

/** Raises a lab before the tests of a file, and takes it down behind them. The folder's name begins with `name`. */
export function sharedLab(name: string, options: Omit<LabOptions, 'folder'> = {}): SharedLab {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  let lab: Lab | undefined
  beforeAll(async () => {
    lab = await raiseLab({ ...options, folder: join(folder, 'lab') })
  })
  afterAll(async () => {
    await lab?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    folder,
    get lab() {
      return lab!
    },
  }
}
