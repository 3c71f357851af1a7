// `npm run release -- VERSION [--out FOLDER] [--check]`: makes everything that a release consists of, from a clean checkout.
// --check makes all of it twice and compares: a release that anyone can make again is one that anyone can verify.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeAll } from './package/package.mjs'
import { platforms } from './package/one-file.mjs'
import { readOptions } from './program-options.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { values, positionals } = readOptions(
  'release',
  {
    out: { type: 'string', default: join(root, 'out') },
    check: { type: 'boolean', default: false },
    platform: { type: 'string' },
  },
  { positionals: true },
)
const [version] = positionals
const wanted = values.platform?.split(',') ?? platforms

checkTree()
noteRepository()
const folder = resolve(values.out, `trueup-${version}`)
await make(folder)
if (values.check) {
  const again = `${folder}.again`
  await make(again)
  compare(folder, again)
  rmSync(again, { recursive: true, force: true })
  say('made twice: every file is the same, byte by byte')
}
say(
  `the release is in ${folder}; sign SHA256SUMS, tag the commit v${version}, and publish the tarball with npm publish --provenance`,
)

/** What a release is made of has to be committed, and has to say its version. */
function checkTree() {
  if (!version || !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
    fail('name the version: npm run release -- 0.2.0')
  const packaged = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
  if (packaged !== version)
    fail(
      `package.json says ${packaged}: run npm version ${version} --no-git-tag-version, and commit it`,
    )
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  if (!new RegExp(`^## \\[?${version.replaceAll('.', '\\.')}\\b`, 'm').test(changelog))
    fail(`CHANGELOG.md has no section ${version}`)
  const changed = git('status', '--porcelain')
  if (changed !== '') fail(`these files are not committed:\n${changed}`)
}

function packageName() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name
}

/** npm's provenance compares the repository of package.json with the one that publishes. */
function noteRepository() {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const plain = (url) =>
    url
      .replace(/^git\+|\.git$/g, '')
      .replace(/^(?:ssh:\/\/)?(?:[^@/]+@)([^:/]+)[:/]/, 'https://$1/')
  const remotes = git('remote')
  const here = remotes.split('\n').includes('origin') ? git('remote', 'get-url', 'origin') : null
  if (here === null || plain(here) !== plain(repository.url))
    say(
      `note: package.json names the repository ${repository.url}, and this clone comes from ${here ?? 'nowhere'}; before npm publish --provenance: npm pkg set repository.url=git+https://…`,
    )
}

async function make(target) {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const epoch = git('log', '-1', '--format=%ct')
  process.env.SOURCE_DATE_EPOCH = epoch
  // Bytecode differs from build to build; a package keeps none.
  node('tools/bundle/build.mjs', '--without-bytecode')
  node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
  npm('pack', '--ignore-scripts', '--silent', '--pack-destination', target)
  await makeAll({ folder: target, wanted, say })
  writeFileSync(join(target, `trueup-${version}.cdx.json`), billOfMaterials(epoch))
  const files = filesIn(target)
  const sums = files.map((path) => `${sha256(join(target, path))}  ${path}\n`)
  writeFileSync(join(target, 'SHA256SUMS'), sums.join(''))
}

/** What the bundle holds, as CycloneDX; npm writes it, and what differs from run to run is taken out. */
function billOfMaterials(epoch) {
  const bom = JSON.parse(
    execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    }),
  )
  const bundled = new Set(
    [
      ...readFileSync(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8').matchAll(
        /^(\S+) (\d\S*) \(/gm,
      ),
    ].map(([, name, number]) => `${name}@${number}`),
  )
  const nameOf = ({ group, name, version: number }) =>
    `${group ? `${group}/` : ''}${name}@${number}`
  const components = bom.components.filter((each) => bundled.has(nameOf(each)))
  const kept = new Set([
    bom.metadata.component['bom-ref'],
    ...components.map((each) => each['bom-ref']),
  ])
  return `${JSON.stringify(
    {
      ...bom,
      serialNumber: undefined,
      metadata: {
        ...bom.metadata,
        // npm names it after the folder of the clone.
        component: { ...bom.metadata.component, name: packageName() },
        timestamp: new Date(Number(epoch) * 1000).toISOString(),
        tools: undefined,
      },
      components,
      dependencies: bom.dependencies
        .filter(({ ref }) => kept.has(ref))
        .map((each) => ({
          ...each,
          dependsOn: (each.dependsOn ?? []).filter((ref) => kept.has(ref)),
        })),
    },
    null,
    2,
  )}\n`
}

function compare(first, second) {
  const names = filesIn(first)
  const others = filesIn(second)
  const differing = names.filter(
    (path) => !others.includes(path) || sha256(join(first, path)) !== sha256(join(second, path)),
  )
  if (differing.length > 0 || names.length !== others.length)
    fail(`two builds differ in ${differing.join(', ') || 'which files they have'}`)
}

function filesIn(target) {
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
    .sort()
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function git(...argv) {
  return execFileSync('git', ['-C', root, ...argv], { encoding: 'utf8' }).trim()
}

function node(...argv) {
  execFileSync(process.execPath, argv, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}

function npm(...argv) {
  execFileSync('npm', argv, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}

function say(text) {
  process.stdout.write(`${text}\n`)
}

function fail(text) {
  process.stderr.write(`release: ${text}\n`)
  process.exit(1)
}
