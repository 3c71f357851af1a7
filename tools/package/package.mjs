// `npm run package [-- --only one-file,rpm,deb,container] [--platform linux-x64] [--level 0-9] [--out FOLDER]`: makes the packages for machines without npm.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from '../program-options.mjs'
import { makeContext } from './container.mjs'
import { completionsOf, layOut } from './layout.mjs'
import { makeOneFile, platforms } from './one-file.mjs'
import { makeDeb, makeRpm } from './packages.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const forms = ['one-file', 'rpm', 'deb', 'container']

/** Makes every wanted form for every wanted platform; gives the files. */
export async function makeAll({
  only = forms,
  wanted = platforms,
  level = 6,
  folder,
  say = () => undefined,
}) {
  mkdirSync(folder, { recursive: true })
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const epoch = sourceDate()
  const here = `linux-${process.arch}`
  const made = []
  const add = (file) => {
    say(`${basename(file)}  ${(statSync(file).size / 1e6).toFixed(1)} MB`)
    made.push(file)
  }
  // What prints the completion scripts has to run here.
  const runnable = await makeOneFile(here, join(folder, '.runnable'), version)
  const completions = completionsOf(runnable)
  for (const platform of wanted) {
    const executable =
      platform === here ? runnable : await makeOneFile(platform, join(folder, '.runnable'), version)
    if (only.includes('one-file')) {
      copyFileSync(executable, join(folder, basename(executable)))
      add(join(folder, basename(executable)))
      add(packed(join(folder, basename(executable)), level))
    }
    const layout = join(folder, `.layout-${platform}`)
    if (only.includes('rpm') || only.includes('deb'))
      layOut({ executable, completions, folder: layout, epoch })
    const options = { layout, folder, version, platform, epoch, level }
    if (only.includes('rpm')) add(makeRpm(options))
    if (only.includes('deb')) add(makeDeb(options))
    rmSync(layout, { recursive: true, force: true })
  }
  if (only.includes('container')) {
    makeContext({ executable: runnable, folder: join(folder, 'container') })
    say(
      `container/  buildah build --storage-driver vfs --isolation chroot -t trueup ${join(folder, 'container')}`,
    )
  }
  rmSync(join(folder, '.runnable'), { recursive: true, force: true })
  return made
}

function packed(file, level) {
  execFileSync('xz', ['--keep', '--force', '--threads=1', `-${level}`, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return `${file}.xz`
}

/** The time of the commit: files get it, so that two builds of one commit are equal. */
function sourceDate() {
  const given = process.env.SOURCE_DATE_EPOCH
  if (given) return Number(given)
  return Number(
    execFileSync('git', ['-C', root, 'log', '-1', '--format=%ct'], { encoding: 'utf8' }),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = readOptions('package', {
    only: { type: 'string' },
    platform: { type: 'string' },
    level: { type: 'number', default: 6 },
    out: { type: 'string', default: join(root, 'out') },
  })
  const only = values.only?.split(',') ?? forms
  const wanted = values.platform?.split(',') ?? platforms
  const strange = [
    ...only.filter((each) => !forms.includes(each)),
    ...wanted.filter((each) => !platforms.includes(each)),
  ]
  if (strange.length > 0) {
    process.stderr.write(
      `${strange.join(', ')}: forms are ${forms.join(', ')}; platforms are ${platforms.join(', ')}\n`,
    )
    process.exit(1)
  }
  await makeAll({
    only,
    wanted,
    level: values.level,
    folder: resolve(values.out),
    say: (text) => process.stdout.write(`${text}\n`),
  })
}
