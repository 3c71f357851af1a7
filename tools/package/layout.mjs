// What an installed package holds, and where: the same for RPM and deb.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { shippedTexts } from './one-file.mjs'

const here = dirname(fileURLToPath(import.meta.url))

/** Lays out the files of a package below `folder`. `completions` gives the completion script of a shell. */
export function layOut({ executable, completions, folder, epoch }) {
  rmSync(folder, { recursive: true, force: true })
  const put = (path, bytes, mode = 0o644) => {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
    chmodSync(file, mode)
  }
  mkdirSync(join(folder, 'usr/bin'), { recursive: true })
  copyFileSync(executable, join(folder, 'usr/bin/trueup'))
  chmodSync(join(folder, 'usr/bin/trueup'), 0o755)
  put('usr/share/bash-completion/completions/trueup', completions.bash)
  put('usr/share/zsh/site-functions/_trueup', completions.zsh)
  put('usr/share/fish/vendor_completions.d/trueup.fish', completions.fish)
  put('etc/trueup/config.yaml', systemConfig)
  for (const [path, text] of Object.entries(shippedTexts())) {
    const page = /^man\/(.*\.(\d))$/.exec(path)
    // `mtime: 0` keeps the file the same whenever it is built.
    if (page) put(`usr/share/man/man${page[2]}/${page[1]}.gz`, gzipSync(text, { level: 9 }))
    else if (/^(?:playbooks|inventory|schemas|docs)\//.test(path))
      put(`usr/share/trueup/${path}`, text)
    else if (/^(?:LICENSE|CHANGELOG\.md|README\.md)$/.test(path))
      put(`usr/share/doc/trueup/${path}`, text)
    else if (path.endsWith('THIRD-PARTY-LICENSES.txt'))
      put('usr/share/doc/trueup/THIRD-PARTY-LICENSES.txt', text)
  }
  for (const unit of readdirSync(join(here, 'systemd')))
    put(`usr/lib/systemd/system/${unit}`, readFileSync(join(here, 'systemd', unit)))
  setTimes(folder, epoch)
}

/** The system's configuration as it is installed: nothing is set. */
const systemConfig = `# The configuration of trueup for all users of this machine: man 5 trueup-config, and trueup config.
#
# inventory: [/etc/trueup/inventory]
# forks: 50
# keep_runs: { age: 90d, size: 1G }
# types: [/usr/local/share/trueup/types]
#
# Groups whose members may write playbooks, inventories and types that others of this machine run:
# trusted_groups: [csm-admins]
`

/** Gives every file and folder the same time, so that two builds of one commit are equal. */
function setTimes(folder, epoch) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) setTimes(path, epoch)
    lutimesSync(path, epoch, epoch)
  }
  lutimesSync(folder, epoch, epoch)
}

/** A copy of a laid-out folder for a builder that writes beside it. */
export function copyOf(folder, to) {
  rmSync(to, { recursive: true, force: true })
  cpSync(folder, to, { recursive: true, preserveTimestamps: true })
}

/** The completion scripts that an executable prints. */
export function completionsOf(executable) {
  const of = (shell) => execFileSync(executable, ['completion', shell], { encoding: 'utf8' })
  return { bash: of('bash'), zsh: of('zsh'), fish: of('fish') }
}
