// Lets a Node that cannot read TypeScript run the sources, for tests that start processes: `node --import THIS file.ts`.
import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) register(import.meta.url)

/** Loader hook: types are stripped, nothing is checked. */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  const { default: typescript } = await import('typescript')
  const source = typescript.transpileModule(readFileSync(fileURLToPath(url), 'utf8'), {
    compilerOptions: {
      target: typescript.ScriptTarget.ES2023,
      module: typescript.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  })
  return { format: 'module', shortCircuit: true, source: source.outputText }
}
