// Bytecode that a first run leaves for later ones, in a folder of the user's own. Bytecode is code: a folder that belongs to
// another user, or that others may write to, is neither read nor written.
'use strict'
const {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require('node:fs')
const { homedir } = require('node:os')
const { join } = require('node:path')

/** Folders of other versions that were not used for this long are removed. */
const unusedFor = 30 * 24 * 3600 * 1000

/** Reads and keeps bytecode by the name of its chunk, which holds a digest of the chunk's text. */
function bytecodeCache(environment = process.env) {
  const base = cacheFolder(environment)
  const parent = join(base, 'trueup')
  const folder = join(parent, `bytecode-${process.version}-${process.arch}`)
  const kept = new Map()
  // Node never returns from making folders below /proc.
  const isOff = environment.TRUEUP_NO_BYTECODE_CACHE !== undefined || isBelowProc(base)

  function keep() {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      if (!isOwn(parent) || !isOwn(folder)) return
      for (const [name, script] of kept) {
        const draft = join(folder, `${name}.${process.pid}`)
        writeFileSync(draft, script.createCachedData(), { mode: 0o600, flag: 'wx' })
        renameSync(draft, join(folder, name))
      }
      removeUnused(parent, folder)
    } catch {
      // Without a cache the next start is as slow as this one, and right all the same.
    }
  }

  return {
    read(name) {
      if (isOff) return undefined
      try {
        return isOwn(parent) && isOwn(folder) ? readFileSync(join(folder, name)) : undefined
      } catch {
        return undefined
      }
    },
    keepAtExit(name, script) {
      if (isOff) return
      if (kept.size === 0) process.once('exit', keep)
      kept.set(name, script)
    },
  }
}

/** The cache folder of the user. An account without an entry in the password database may have no home: then it is /proc, which takes none. */
function cacheFolder(environment) {
  if (environment.XDG_CACHE_HOME?.startsWith('/')) return environment.XDG_CACHE_HOME
  try {
    return join(environment.HOME || homedir(), '.cache')
  } catch {
    return '/proc'
  }
}

function isBelowProc(folder) {
  return /^\/proc(?:\/|$)/.test(folder)
}

function isOwn(folder) {
  const { uid, mode } = lstatSync(folder)
  return uid === process.getuid?.() && (mode & 0o022) === 0 && (mode & 0o170000) === 0o040000
}

function removeUnused(parent, current) {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name)
    if (path !== current && name.startsWith('bytecode-') && isOld(path))
      rmSync(path, { recursive: true, force: true })
  }
  // Chunks of older versions of trueup: one that is still in use is written again.
  for (const name of readdirSync(current))
    if (isOld(join(current, name))) rmSync(join(current, name), { force: true })
}

function isOld(path) {
  return Date.now() - lstatSync(path).mtimeMs > unusedFor
}

module.exports = { bytecodeCache, cacheFolder, isBelowProc }
