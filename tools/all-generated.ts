import { readdirSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildProgram } from '../runner/cli/command-line.ts'
import type { Io } from '../runner/wiring/io.ts'
import { generatedFiles, type Generated } from '../runner/manual/generated-files.ts'
import { manPages } from './man-pages.ts'
import { pictures } from './pictures.ts'
import { typeNeeds } from './type-needs.ts'

/** Every generated file of the repository, and those that should not be there. */
export async function allGenerated(root: string): Promise<Generated> {
  const { files, orphans } = await generatedFiles()
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  // The command line is described and never run, so that nothing of a process is needed.
  const program = buildProgram({
    io: { stdout: { columns: 80 }, stderr: { columns: 80 } } as Io,
    done: () => undefined,
    execute: () => Promise.resolve(0),
  })
  const pages = manPages(program, root, version)
  const present = existsSync(join(root, 'man')) ? readdirSync(join(root, 'man')) : []
  return {
    files: new Map([...files, ...pages, ...pictures(root), ...(await typeNeeds(root))]),
    orphans: [
      ...orphans,
      ...present.map((name) => `man/${name}`).filter((path) => !pages.has(path)),
    ],
  }
}
