// Loads the chunks of the bundle, each with bytecode where there is some: compiling them takes longer than a short run.
// The build keeps bytecode beside the chunks for the Node that builds. Under another version V8 refuses it; then the bytecode
// of the first run is kept in the user's own cache folder. V8 takes only what the same version made of the same text.
'use strict'
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { constants, Script } = require('node:vm')
const { bytecodeCache } = require('./bytecode-cache.cjs')

/** Loads chunks from a source: `text(name)` gives a chunk, `bytecode(name)` what was kept beside it, or undefined. */
function createLoader({ folder, text, bytecode, requireFrom }) {
  const loaded = new Map()
  /** The scripts of the loaded chunks, by name. */
  const scripts = new Map()
  const cache = bytecodeCache()

  function load(name) {
    const held = loaded.get(name)
    if (held) return held.exports
    const script = compile(name, text(name))
    const module = { exports: {} }
    scripts.set(name, script)
    loaded.set(name, module)
    const require = (id) => (id.startsWith('./') ? load(id.slice(2)) : requireFrom(id))
    script.runInThisContext()(
      module.exports,
      require,
      module,
      importModule,
      join(folder, name),
      folder,
    )
    return module.exports
  }

  function compile(name, code) {
    const options = { filename: join(folder, name) }
    // The user's cache is looked at only where the build kept none that fits: its folder is checked each time.
    for (const kept of [bytecode, cache.read]) {
      const cachedData = kept(name)
      if (cachedData === undefined) continue
      const script = new Script(code, { ...options, cachedData })
      if (!script.cachedDataRejected) return script
    }
    const script = new Script(code, options)
    cache.keepAtExit(name, script)
    return script
  }

  // An own type is imported as a data: URL, also by a program in one file. The option makes compiling slower: no chunk has it.
  function importModule(id) {
    const script = new Script('(id) => import(id)', {
      filename: join(folder, 'import.cjs'),
      importModuleDynamically: constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    return quietly(() => script.runInThisContext()(id))
  }

  return { load, scripts }
}

/** Node warns of the option above on standard error, where it would stand in the output of each run with an own type. */
function quietly(act) {
  const { emitWarning } = process
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER'))
      emitWarning.call(process, warning, ...rest)
  }
  try {
    return act()
  } finally {
    process.emitWarning = emitWarning
  }
}

function read(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

const { load, scripts } = createLoader({
  folder: __dirname,
  text: (name) => readFileSync(join(__dirname, name), 'latin1'),
  bytecode: (name) => read(join(__dirname, `${name}.bytecode`)),
  requireFrom: require,
})
module.exports = { createLoader, load, scripts }
