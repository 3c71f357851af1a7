// RPM and deb of the executable, by rpmbuild and dpkg-deb.
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyOf } from './layout.mjs'

const about = 'Makes machines true to a playbook'
const description = `trueup reads what is there, compares it with what a playbook says, and repairs only what differs.
It is made for the administrators of HPE Cray EX systems (CSM).`
const architectures = {
  'linux-x64': { rpm: 'x86_64', deb: 'amd64' },
  'linux-arm64': { rpm: 'aarch64', deb: 'arm64' },
}

/** Builds the RPM of a laid-out folder; gives its path. */
export function makeRpm({ layout, folder, version, platform, epoch, level }) {
  const architecture = architectures[platform].rpm
  const work = mkdtempSync(join(tmpdir(), 'trueup-rpm-'))
  try {
    writeFileSync(join(work, 'trueup.spec'), specOf(version, layout))
    run(
      'rpmbuild',
      [
        '-bb',
        '--quiet',
        '--target',
        `${architecture}-linux`,
        '--define',
        `_topdir ${work}/top`,
        '--define',
        `_rpmdir ${work}/rpms`,
        '--define',
        '_buildhost localhost',
        '--define',
        'use_source_date_epoch_as_buildtime 1',
        '--define',
        'clamp_mtime_to_source_date_epoch 1',
        '--define',
        `_binary_payload w${level}.xzdio`,
        // Node's executable carries the program behind its sections: nothing may strip it.
        '--define',
        '__os_install_post %{nil}',
        '--define',
        'debug_package %{nil}',
        '--define',
        '_build_id_links none',
        join(work, 'trueup.spec'),
      ],
      epoch,
    )
    const [made] = readdirSync(join(work, 'rpms', architecture))
    const file = join(folder, `trueup-${version}-1.${architecture}.rpm`)
    run('cp', [join(work, 'rpms', architecture, made), file], epoch)
    return file
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function specOf(version, layout) {
  return `Name: trueup
Version: ${version.replaceAll('-', '~')}
Release: 1
Summary: ${about}
License: MIT
# The executable brings what it needs but for the C library and the C++ runtime.
AutoReqProv: no
Requires: glibc >= 2.28
%description
${description}
%install
cp -a ${layout}/. %{buildroot}/
%files
%attr(0755,root,root) /usr/bin/trueup
%dir %attr(0755,root,root) /etc/trueup
%config(noreplace) %attr(0644,root,root) /etc/trueup/config.yaml
%attr(-,root,root) /usr/share/trueup
%attr(-,root,root) /usr/share/doc/trueup
%attr(-,root,root) /usr/share/man/man*/*
%attr(-,root,root) /usr/share/bash-completion/completions/trueup
%attr(-,root,root) /usr/share/zsh/site-functions/_trueup
%attr(-,root,root) /usr/share/fish/vendor_completions.d/trueup.fish
%attr(-,root,root) /usr/lib/systemd/system/*
`
}

/** Builds the deb of a laid-out folder; gives its path. */
export function makeDeb({ layout, folder, version, platform, epoch, level }) {
  const architecture = architectures[platform].deb
  const work = mkdtempSync(join(tmpdir(), 'trueup-deb-'))
  try {
    const root = join(work, 'root')
    copyOf(layout, root)
    mkdirSync(join(root, 'DEBIAN'))
    const kilobytes = Math.ceil(bytesIn(layout) / 1024)
    writeFileSync(
      join(root, 'DEBIAN/control'),
      `Package: trueup
Version: ${version.replaceAll('-', '~')}
Architecture: ${architecture}
Maintainer: trueup contributors <maintainers@trueup.invalid>
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.28), libstdc++6
Section: admin
Priority: optional
Description: ${about}
${description
  .split('\n')
  .map((line) => ` ${line}`)
  .join('\n')}
`,
    )
    writeFileSync(join(root, 'DEBIAN/conffiles'), '/etc/trueup/config.yaml\n')
    const file = join(folder, `trueup_${version}_${architecture}.deb`)
    run(
      'dpkg-deb',
      [
        '--root-owner-group',
        '-Zxz',
        `-z${level}`,
        '--threads-max=1',
        '--build',
        root,
        `${file}.part`,
      ],
      epoch,
    )
    renameSync(`${file}.part`, file)
    return file
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function bytesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** Runs a builder; a program that is missing is said with the package that has it. */
function run(program, argv, epoch) {
  try {
    execFileSync(program, argv, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch), LC_ALL: 'C', TZ: 'UTC' },
    })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    const owner = { rpmbuild: 'rpm', 'dpkg-deb': 'dpkg' }[program] ?? program
    throw new Error(`${program} is not installed; on Debian it is in the package ${owner}`, {
      cause: error,
    })
  }
}
