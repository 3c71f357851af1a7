// Loads the chunks of the bundle, each with the bytecode that the build kept beside it. V8 takes only what it made itself, with
// the same version and flags, and else compiles as ever; a chunk's name holds the digest of its text, so that what is kept for
// one text is never taken for another.
'use strict'
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const loaded = new Map()
/** The scripts of the loaded chunks, by file. */
const scripts = new Map()

/** What a chunk exports; it runs once. */
function load(name) {
  const held = loaded.get(name)
  if (held) return held.exports
  const file = join(__dirname, name)
  const script = new Script(readFileSync(file, 'utf8'), {
    filename: file,
    cachedData: bytecodeOf(file),
  })
  const module = { exports: {} }
  scripts.set(file, script)
  loaded.set(name, module)
  const requireFrom = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id))
  script.runInThisContext()(
    module.exports,
    requireFrom,
    module,
    (id) => import(id),
    file,
    __dirname,
  )
  return module.exports
}

function bytecodeOf(file) {
  try {
    return readFileSync(`${file}.bytecode`)
  } catch {
    return undefined
  }
}

module.exports = { load, scripts }
