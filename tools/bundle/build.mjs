// Bundles the sources into a few chunks and keeps the bytecode that V8 makes of each beside it: reading and compiling hundreds
// of small modules takes Node longer than a short run. Types are stripped, not checked: `npm run types` checks them.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { parseAst } from 'rolldown/parseAst'
import { licensesOf } from './licenses.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const dist = join(root, 'dist')
const bin = join(dist, 'bin')

const optional = new Set(['cpu-features', '@mongodb-js/zstd', 'node-liblzma'])

/** What ssh2 has compiled, where its package could: found by its package's name, since the chunk lies elsewhere. */
const compiled = {
  name: 'compiled-parts',
  resolveId(source) {
    if (source.endsWith('/sshcrypto.node'))
      return { id: 'ssh2/lib/protocol/crypto/build/Release/sshcrypto.node', external: true }
    // Optional parts that are not shipped: ssh2 and the lab's shell work without them.
    return optional.has(source) ? { id: source, external: true } : null
  },
}

/** The lab's shell has no SQL, Python, JavaScript or network: those parts are workers and WebAssembly that find files by their place. */
const shellWithoutLanguages = {
  name: 'shell-without-languages',
  resolveId(source, importer) {
    const isLanguage = /^\.\/(?:chunks\/)?(?:sqlite3|python3|js-exec|curl|undici)-\w+\.js$/
    return importer?.includes('/just-bash/') && isLanguage.test(source) ? '\0no-language' : null
  },
  load: (id) => (id === '\0no-language' ? 'export {}' : null),
}

const bundle = await rolldown({
  input: {
    main: join(root, 'runner/cli/main.ts'),
    'background-main': join(root, 'lab/background-main.ts'),
  },
  platform: 'node',
  plugins: [compiled, shellWithoutLanguages],
  // Read where they are shown: a program in one file has no package.json beside it.
  transform: { define: { TRUEUP_BUILD: JSON.stringify(buildInfo()) } },
})
const { output } = await bundle.generate({
  format: 'cjs',
  entryFileNames: '[name]-[hash].chunk',
  chunkFileNames: '[name]-[hash].chunk',
  // The licences stand in a file of their own.
  comments: false,
  // Names stay, for a report of a defect; blanks go, for all text lies in V8's heap, and is read at each start.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  // One chunk for the shell: it loads each of its 90 commands by itself.
  codeSplitting: {
    groups: [
      { name: 'shell', test: /node_modules[\\/](?:just-bash|turndown|sprintf-js|minimatch)[\\/]/ },
    ],
  },
})

const contract = await rolldown({
  input: join(root, 'runner/contract/index.ts'),
  platform: 'neutral',
})
await contract.write({ file: join(dist, 'contract/index.js'), format: 'esm' })

mkdirSync(bin, { recursive: true })
const loaders = ['chunks.cjs', 'bytecode-cache.cjs']
const made = new Set(loaders)
for (const name of loaders) copyFileSync(join(here, name), join(bin, name))
for (const chunk of output) {
  write(chunk.fileName, asFunction(chunk.code))
  if (chunk.isEntry)
    write(
      `${chunk.name}.cjs`,
      `#!/usr/bin/env node\nrequire('./chunks.cjs').load('${chunk.fileName}')\n`,
    )
}
chmodSync(join(bin, 'main.cjs'), 0o755)
// What an earlier build left would still be found here, and nowhere else.
for (const name of readdirSync(bin)) if (!made.has(name)) rmSync(join(bin, name))

writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licensesOf(output, root))

// Without bytecode everything works and starts more slowly: a machine on which the demo cannot run does not fail the build.
if (!process.argv.includes('--without-bytecode'))
  spawnSync(
    process.execPath,
    [
      join(here, 'keep-bytecode.cjs'),
      join(bin, 'chunks.cjs'),
      output.find((chunk) => chunk.name === 'main').fileName,
    ],
    { stdio: 'ignore', timeout: 120_000 },
  )

/** What `trueup --version` says of this build; the commit is missing where the sources are not a git checkout. */
function buildInfo() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const git = spawnSync('git', ['-C', root, 'rev-parse', '--short=12', 'HEAD'], {
    encoding: 'utf8',
  })
  return { version, commit: git.status === 0 ? git.stdout.trim() : null }
}

function write(name, text) {
  writeFileSync(join(bin, name), text)
  made.add(name)
}

/** A chunk as the function that `chunks.cjs` calls. Modules are imported through it: a script has no importer of its own. */
function asFunction(code) {
  const text = code.replace(/^#!.*\n/, '')
  const starts = []
  collect(parseAst(text, { sourceType: 'commonjs' }), starts)
  let joined = ''
  let from = 0
  for (const start of starts.sort((a, b) => a - b)) {
    joined += `${text.slice(from, start)}importModule`
    from = start + 'import'.length
  }
  return inAscii(
    `(function (exports, require, module, importModule, __filename, __dirname) {'use strict'\n${joined}${text.slice(from)}\n})\n`,
  )
}

/** The same program in ASCII: Node reads it without decoding, and V8 keeps a byte for each character. */
function inAscii(code) {
  const escaped = /\\[^\0-\x7f]/.exec(code)
  if (escaped) throw new Error(`this escape cannot be written in ASCII: ${escaped[0]}`)
  return code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function collect(node, starts) {
  if (Array.isArray(node)) return node.forEach((each) => collect(each, starts))
  if (typeof node !== 'object' || node === null) return
  if (node.type === 'ImportExpression') starts.push(node.start)
  for (const value of Object.values(node)) collect(value, starts)
}
