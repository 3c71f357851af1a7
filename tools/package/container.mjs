// What a container image is built from: a folder with the executable, the libraries it needs, and an account that is not root.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** Makes the build context of the image: a Containerfile and its root. The libraries are those of this machine. */
export function makeContext({ executable, folder }) {
  rmSync(folder, { recursive: true, force: true })
  const root = join(folder, 'root')
  for (const each of ['usr/bin', 'etc/ssl/certs', 'home/trueup', 'state', 'tmp'])
    mkdirSync(join(root, each), { recursive: true })
  copyFileSync(executable, join(root, 'usr/bin/trueup'))
  chmodSync(join(root, 'usr/bin/trueup'), 0o755)
  for (const library of librariesOf(executable)) {
    mkdirSync(join(root, dirname(library)), { recursive: true })
    copyFileSync(realpathSync(library), join(root, library))
  }
  const authorities = '/etc/ssl/certs/ca-certificates.crt'
  if (existsSync(authorities)) cpSync(authorities, join(root, authorities))
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0::/:/sbin/nologin\ntrueup:x:10001:10001::/home/trueup:/sbin/nologin\n',
  )
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\ntrueup:x:10001:\n')
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\npasswd: files\n')
  chmodSync(join(root, 'tmp'), 0o1777)
  copyFileSync(join(here, 'Containerfile'), join(folder, 'Containerfile'))
  return folder
}

/** The libraries that the loader finds for an executable, and the loader itself; also those that name resolution opens. */
function librariesOf(executable) {
  const listed = execFileSync('ldd', [executable], { encoding: 'utf8' })
  const found = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1])
  const folder = dirname(found.find((path) => /\/libc\.so/.test(path)))
  const resolvers = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'].map((name) =>
    join(folder, name),
  )
  return [...new Set([...found, ...resolvers.filter((path) => existsSync(path))])]
}
