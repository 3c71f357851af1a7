import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder of runner/resources, and the name under which its index.ts exports the type. */
interface TypeFolder {
  readonly folder: string
  readonly name: string
}

/** The module that lists the built-in types, made from the folders: it is never edited by hand. */
function registryText(folders: readonly TypeFolder[]): string {
  const sorted = [...folders].sort((a, b) => (a.folder < b.folder ? -1 : 1))
  return [
    '// Written by `npm run generate` from the folders beside it.',
    "import type { AnyResourceType } from '../contract/resource.ts'",
    ...sorted.map(({ folder, name }) => `import { ${name} } from './${folder}/index.ts'`),
    '',
    '/** Every built-in type, by name. */',
    'export const builtinTypes: readonly AnyResourceType[] = [',
    ...sorted.map(({ name }) => `  ${name},`),
    ']',
    '',
  ].join('\n')
}

/** The type folders under a folder, with what their index.ts exports. */
export function typeFolders(resources: string): readonly TypeFolder[] {
  const folders = readdirSync(resources, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )
  return folders.map(({ name: folder }) => {
    const name = /^export const (\w+) = defineResource\(/m.exec(
      readFileSync(join(resources, folder, 'index.ts'), 'utf8'),
    )?.[1]
    if (name === undefined)
      throw new Error(
        `${folder}/index.ts exports no type: it needs \`export const … = defineResource(\``,
      )
    return { folder, name }
  })
}

/** The generated registry: where it lies, and what it must hold. */
export function registryFile(resources: string): { readonly path: string; readonly text: string } {
  return { path: join(resources, 'index.generated.ts'), text: registryText(typeFolders(resources)) }
}
