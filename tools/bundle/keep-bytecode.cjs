// Runs the demo, a whole playbook over SSH on simulated nodes, and writes what V8 compiled meanwhile beside each chunk. A chunk that
// the demo does not need is at least parsed.
'use strict'
const { readFileSync, readdirSync, renameSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')

const [, , chunks, main] = process.argv
const { load, scripts } = require(chunks)
const folder = dirname(chunks)

process.argv = [process.argv[0], main, 'demo']
process.on('exit', () => {
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.chunk')) continue
    const file = join(folder, name)
    const script = scripts.get(name) ?? new Script(readFileSync(file, 'utf8'), { filename: file })
    writeFileSync(`${file}.draft`, script.createCachedData())
    renameSync(`${file}.draft`, `${file}.bytecode`)
  }
})
load(main)
