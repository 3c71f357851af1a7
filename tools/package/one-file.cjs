// The beginning of trueup in one file: loads the chunks from inside the executable. Files that are read as files (playbooks,
// schemas, docs) are unpacked into the user's cache folder when a command first needs one.
'use strict'
const {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require('node:fs')
const { createRequire } = require('node:module')
const { tmpdir } = require('node:os')
const { dirname, join } = require('node:path')
const sea = require('node:sea')
const { cacheFolder, isBelowProc } = require('../bundle/bytecode-cache.cjs')
const { createLoader } = require('../bundle/chunks.cjs')

const { main, background, digest } = JSON.parse(sea.getAsset('entries.json', 'utf8'))

/** The folder that holds what is shipped; made once per version and user. */
let shipped = null
function shippedFolder() {
  shipped ??= unpack()
  return shipped
}

function unpack() {
  const base = cacheFolder(process.env)
  const parent = join(base, 'trueup')
  const folder = join(parent, `shipped-${digest}`)
  try {
    if (isBelowProc(base)) throw new Error('nothing can be made below /proc')
    mkdirSync(parent, { recursive: true, mode: 0o700 })
    if (!isOwn(parent))
      throw new Error(`${parent} belongs to another user, or others may write to it`)
    if (lstatSync(folder, { throwIfNoEntry: false }) && isOwn(folder)) return folder
    const draft = mkdtempSync(join(parent, '.shipped-'))
    writeShipped(draft)
    try {
      renameSync(draft, folder)
    } catch (error) {
      // Another process was first.
      rmSync(draft, { recursive: true, force: true })
      if (!isOwn(folder)) throw error
    }
    return folder
  } catch {
    // No cache folder can be used: the files live as long as this process.
    const folder = mkdtempSync(join(tmpdir(), 'trueup-shipped-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    writeShipped(folder)
    return folder
  }
}

function isOwn(folder) {
  const { uid, mode } = lstatSync(folder)
  return uid === process.getuid() && (mode & 0o022) === 0 && (mode & 0o170000) === 0o040000
}

function writeShipped(folder) {
  for (const [path, text] of Object.entries(JSON.parse(sea.getAsset('shipped.json', 'utf8')))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  chmodSync(folder, 0o700)
}

globalThis[Symbol.for('trueup.shipped')] = shippedFolder

const { load } = createLoader({
  folder: dirname(process.execPath),
  text: (name) => sea.getAsset(`bin/${name}`, 'utf8'),
  bytecode: () => undefined,
  // Node's own modules: everything else is in the chunks.
  requireFrom: createRequire(join(dirname(process.execPath), 'trueup')),
})

// The background process of a lab is this very file.
if (process.argv[2] === '--background-lab') {
  process.argv.splice(2, 1)
  load(background)
} else load(main)
