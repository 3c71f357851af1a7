// Another user of the host, who tries to aim root elsewhere: in a folder of its own it exchanges folders, files and links as fast as it
// can, and whatever root makes there. Started with its own user number; it goes until it is killed.
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'

const [home, rootdir] = process.argv.slice(2)
const attempt = (act) => {
  try {
    act()
  } catch {
    // Root was faster, or it stands there already: the next try comes at once.
  }
}
const guises = [
  (path) => symlinkSync(`${rootdir}/etc`, path),
  (path) => symlinkSync(`${rootdir}/etc/passwd`, path),
  (path) => writeFileSync(path, 'mine'),
  (path) => {
    mkdirSync(path)
    writeFileSync(`${path}/x`, 'mine')
  },
  (path) => renameSync(`${home}/keep`, path),
  (path) => symlinkSync(`${rootdir}/etc/full`, path),
]
let turn = 0
function exchange(path) {
  const aside = `${home}/aside.${turn % 16}`
  attempt(() => rmSync(aside, { recursive: true, force: true }))
  attempt(() => renameSync(path, aside))
  // What root keeps in here is not lost: it goes back, to be used again.
  attempt(() => readdirSync(aside).includes('secret') && renameSync(aside, `${home}/keep`))
  attempt(() => guises[Math.floor(Math.random() * guises.length)](path))
}
// A folder in which root works: for a moment its name leads elsewhere.
function misdirect(folder) {
  for (const name of readdirSync(folder)) {
    if (!/^\.(?!swapped)/.test(name) || Math.random() < 0.5) continue
    attempt(() => renameSync(`${folder}/${name}`, `${folder}/.swapped`))
    attempt(() => symlinkSync(`${rootdir}/etc`, `${folder}/${name}`))
    attempt(() => unlinkSync(`${folder}/${name}`))
    attempt(() => renameSync(`${folder}/.swapped`, `${folder}/${name}`))
  }
}
// Now as fast as it can, now with pauses in which root comes further.
const pauses = [0, 0, 1, 5, 20, 60, 250]
for (;;) {
  turn += 1
  if (turn % 3 === 0) exchange(`${home}/d`)
  else exchange(turn % 2 === 0 ? `${home}/x` : `${home}/d/x`)
  const until = performance.now() + pauses[Math.floor(Math.random() * pauses.length)]
  do for (const folder of [home, `${home}/d`]) attempt(() => misdirect(folder))
  while (performance.now() < until)
}
