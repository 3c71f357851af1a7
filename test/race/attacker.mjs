// Another user of the host, who tries to aim root elsewhere: in a folder of its own it exchanges folders, files and links as fast as it
// can, and whatever root makes there. Started with its own user number; it goes until it is killed.
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'

const [home, rootdir, archives, bait] = process.argv.slice(2)
const attempt = (act) => {
  try {
    act()
  } catch {
    // Root was faster, or it stands there already: the next try comes at once.
  }
}
const oneOf = (list) => list[Math.floor(Math.random() * list.length)]
const copyOf = (name) => (path) => copyFileSync(`${archives}/${name}.tar`, path)
// What root expects to find. It stands there every second time, so that root gets far enough to be misled.
const baits = {
  file: (path) => writeFileSync(path, 'mine'),
  folder(path) {
    mkdirSync(path)
    if (Math.random() < 0.5) writeFileSync(`${path}/x`, 'mine')
    if (Math.random() < 0.3) symlinkSync(`${rootdir}/etc`, `${path}/full`)
  },
  archive: copyOf('good'),
  closed: (path) => renameSync(`${home}/keep`, path),
  nothing: () => {},
}
const guises = [
  (path) => symlinkSync(`${rootdir}/etc`, path),
  (path) => symlinkSync(`${rootdir}/etc/passwd`, path),
  baits.closed,
  (path) => symlinkSync(`${rootdir}/etc/full`, path),
  baits.file,
  baits.folder,
  copyOf('evil'),
]
let turn = 0
function exchange(path) {
  const aside = `${home}/aside.${turn % 16}`
  attempt(() => rmSync(aside, { recursive: true, force: true }))
  attempt(() => renameSync(path, aside))
  // What root keeps in here is not lost: it goes back, to be used again.
  attempt(() => {
    const found = lstatSync(aside)
    if (found.uid === 0 && found.isDirectory()) renameSync(aside, `${home}/keep`)
  })
  const honest = path === `${home}/d` ? baits.folder : baits[bait]
  attempt(() => (Math.random() < 0.5 ? honest : oneOf(guises))(path))
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
// Now as fast as it can, now with pauses in which root comes further; in every second pause it waits and watches only, so that root often
// comes to its end, and is as often caught close to it.
const pauses = [0, 0, 1, 5, 20, 60, 250]
const never = new Int32Array(new SharedArrayBuffer(4))
process.stdout.write('ready')
for (;;) {
  turn += 1
  if (turn % 6 === 0) exchange(`${home}/d`)
  else exchange(turn % 2 === 0 ? `${home}/x` : `${home}/d/x`)
  const pause = oneOf(pauses)
  if (Math.random() < 0.5) {
    if (pause > 0) Atomics.wait(never, 0, 0, pause)
    continue
  }
  const until = performance.now() + pause
  do for (const folder of [home, `${home}/d`]) attempt(() => misdirect(folder))
  while (performance.now() < until)
}
