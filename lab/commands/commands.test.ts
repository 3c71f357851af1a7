import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bench, closeBench } from '../node/node-bench.fixture.ts'
import type { LabNode } from '../node/node-model.ts'

let node: LabNode
beforeEach(async () => {
  node = await bench()
})
afterEach(closeBench)

async function sh(
  command: string,
  user = 'root',
  stdin = '',
): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  return node.run(command, { user, stdin })
}
async function exits(command: string, user = 'root'): Promise<number> {
  return (await sh(command, user)).exitCode
}

describe('files', () => {
  it('have owners and modes, and stat shows them', async () => {
    const { stdout } = await sh(
      "cd /srv; umask 077; echo x > f; chown admin:users f; chmod 4750 f; ln -s f l; stat -c '%f %a %U:%G %F %s %n' f; stat -c '%F %N' l; stat -L -c %F l; stat -c %04a /tmp; ls -l f | cut -c1-10",
    )
    expect(stdout).toBe(
      "89e8 4750 admin:users regular file 2 f\nsymbolic link 'l' -> 'f'\nregular file\n1777\n-rwsr-x---\n",
    )
  })

  it('are denied to users whom their mode denies', async () => {
    expect(
      await sh(
        'cat /root/x /etc/shadow; echo x > /etc/new; mkdir /etc/d; rm /etc/passwd; chmod 777 /etc/passwd; chown admin /etc/passwd; mv /etc/passwd /tmp',
        'admin',
      ),
    ).toEqual({
      stdout: '',
      stderr: [
        'cat: /root/x: Permission denied',
        'cat: /etc/shadow: Permission denied',
        'bash: /etc/new: Permission denied',
        "mkdir: cannot create directory '/etc/d': Permission denied",
        "rm: cannot remove '/etc/passwd': Permission denied",
        "chmod: changing permissions of '/etc/passwd': Operation not permitted",
        "chown: changing ownership of '/etc/passwd': Operation not permitted",
        "mv: cannot move '/etc/passwd' to '/tmp/passwd': Permission denied",
        '',
      ].join('\n'),
      exitCode: 1,
    })
    expect(
      (
        await sh(
          '[ -w /etc ] || echo no; [ -r /etc/passwd ] && echo yes; touch ~/a /tmp/b && rm /tmp/b && echo own',
          'admin',
        )
      ).stdout,
    ).toBe('no\nyes\nown\n')
    await sh('touch /tmp/roots')
    expect((await sh('rm -f /tmp/roots', 'admin')).stderr).toBe(
      "rm: cannot remove '/tmp/roots': Operation not permitted\n",
    )
  })

  it('never are the files of the machine that the lab runs on', async () => {
    expect((await sh(`ls ${process.cwd()}`)).exitCode).toBe(2)
    expect((await sh('echo /*')).stdout).toBe(
      '/bin /boot /dev /etc /home /lib /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /var\n',
    )
    expect(await exits('curl http://127.0.0.1/')).toBe(7)
    expect(await exits('python3 -c 1')).toBe(127)
    expect(await exits('node -e 1')).toBe(127)
  })

  it('are moved, linked, hashed and made in one step', async () => {
    const { stdout } = await sh(
      'cd /srv; printf abc > a; ln a b; mv -f a c; cat b c; sha256sum < c; mktemp -d ./t.XXXX | cut -c1-4; install -m 640 -g users c d; stat -c "%a %G" d; rm -rf c d b t.*; ls -A',
    )
    expect(stdout).toBe(
      'abcabcba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n./t.\n640 users\n',
    )
  })
})

describe('sudo', () => {
  it('asks in the words it is given, lectures once, and runs as the other user', async () => {
    const first = await sh("sudo -S -p '[pw] ' -- id -un", 'admin', 'secret\n')
    expect(first.stdout).toBe('root\n')
    expect(first.stderr).toMatch(/usual lecture[^]*\[pw\] $/)
    expect(await sh("sudo -S -p '[pw] ' -u ops id -un", 'admin', 'secret\n')).toEqual({
      stdout: 'ops\n',
      stderr: '[pw] ',
      exitCode: 0,
    })
  })

  it('refuses without a password, a right one, or a rule', async () => {
    expect(await sh('sudo -n true', 'admin')).toEqual({
      stdout: '',
      stderr: 'sudo: a password is required\n',
      exitCode: 1,
    })
    expect((await sh('sudo -S -p : true', 'admin', 'no\nno\nno\n')).stderr).toMatch(
      /:Sorry, try again\.\n:Sorry, try again\.\n:sudo: 3 incorrect password attempts\n$/,
    )
    expect((await sh('sudo -S -p : true', 'guest', 'secret\n')).stderr).toMatch(
      /guest is not in the sudoers file\./,
    )
    expect(await sh('sudo -n id -un', 'ops')).toEqual({ stdout: 'root\n', stderr: '', exitCode: 0 })
    expect(await exits('sudo -n -u nobody-here true', 'ops')).toBe(1)
  })

  it('leaves what follows the password to the command', async () => {
    expect(
      (await sh("sudo -S -p '' /bin/sh -c 'cat; id -un'", 'admin', 'secret\nrest\n')).stdout,
    ).toBe('rest\nroot\n')
  })

  it('has its faults', async () => {
    node.fault({ kind: 'sudo', refuses: 'no-terminal' })
    expect((await sh('sudo -n true', 'ops')).stderr).toMatch(/must have a tty/)
    node.fault({ kind: 'sudo', refuses: 'password' })
    expect((await sh('sudo -S -p : true', 'admin', 'secret\n')).stderr).toMatch(/Sorry, try again/)
  })
})

const pool = (module: string): string =>
  `https://packages.local/repository/SUSE-SLE-Module-${module}-15-SP5-x86_64-Pool/`

describe('zypper', () => {
  it('keeps repositories in their files', async () => {
    expect(await exits('zypper --non-interactive --xmlout repos')).toBe(6)
    expect(
      await exits(`zypper --non-interactive addrepo --priority 4 -- ${pool('Basesystem')} base`),
    ).toBe(0)
    expect((await sh('cat /etc/zypp/repos.d/base.repo')).stdout).toBe(
      `[base]\nenabled=1\nautorefresh=0\nbaseurl=${pool('Basesystem')}\npriority=4\n`,
    )
    expect(await sh(`zypper -n ar ${pool('Basesystem')} base`)).toMatchObject({
      exitCode: 4,
      stderr: "Repository named 'base' already exists. Please use another alias.\n",
    })
    expect(await exits(`zypper -n ar ${pool('Basesystem')} other`)).toBe(0)
    await sh('sed -i s/priority=4/priority=7/ /etc/zypp/repos.d/base.repo')
    expect((await sh('zypper -x lr')).stdout).toContain(
      '<repo alias="base" name="base" priority="7" enabled="1" autorefresh="0" gpgcheck="1" repo_gpgcheck="1" pkg_gpgcheck="1">',
    )
    expect(await exits('zypper -n mr --disable --gpgcheck-allow-unsigned-repo base')).toBe(0)
    expect((await sh('zypper -x lr base')).stdout).toContain(
      'enabled="0" autorefresh="0" gpgcheck="1" repo_gpgcheck="0"',
    )
    expect(await exits('zypper -n rr base')).toBe(0)
    expect(await sh('zypper -n rr base')).toMatchObject({
      exitCode: 0,
      stderr: "Repository 'base' not found by alias, number or URI.\n",
    })
    expect((await sh('ls /etc/zypp/repos.d')).stdout).toBe('other.repo\n')
  })

  it('installs with what is needed, and says how it went', async () => {
    await sh(
      `zypper -n ar ${pool('Basesystem')} base; zypper -n ar ${pool('Containers')} containers`,
    )
    expect(await sh('command -v podman; type podman')).toMatchObject({ exitCode: 1, stdout: '' })
    expect((await sh('rpm -q podman; which podman')).exitCode).toBe(1)
    expect(await exits('zypper -n in podman')).toBe(0)
    expect(
      (
        await sh(
          'which podman; rpm -q --qf "%{NAME} %{VERSION}-%{RELEASE}\\n" podman conmon; podman --version',
        )
      ).stdout,
    ).toBe(
      '/usr/bin/podman\npodman 4.4.4-150500.3.5.1\nconmon 2.1.7-150500.9.4.1\npodman version 4.4.4\n',
    )
    expect(await sh('zypper -n in podman')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Nothing to do.') as string,
    })
    expect(node.snapshot().addedPackages).toContain('podman')
    expect(await exits('zypper -n in podman no-such-package')).toBe(104)
    expect((await sh('command -v podman')).stdout).toBe('/usr/bin/podman\n')
    expect(await exits('zypper -n rm podman')).toBe(0)
    expect((await sh('command -v podman')).stdout).toBe('')
    expect((await sh('rpm -q podman; which podman')).stdout).toBe(
      'package podman is not installed\n',
    )
    expect(await exits('zypper -n rm podman')).toBe(104)
  })

  it('gives the exit of each trouble', async () => {
    await sh(`zypper -n ar ${pool('Basesystem')} base; zypper -n ar https://dead.local/x dead`)
    expect(await exits('zypper -n in jq')).toBe(106)
    expect((await sh('rpm -q jq')).exitCode).toBe(0)
    expect(await exits('zypper -n ref dead')).toBe(4)
    expect(await exits('zypper -n ref nosuch')).toBe(3)
    expect(await exits('zypper -n mr -p 3 nosuch')).toBe(3)
    await sh('zypper -n rr dead base; zypper -n ar https://r.local/odd odd')
    expect(await exits('zypper -n in gone')).toBe(8)
    expect(await exits('zypper -n in needy')).toBe(4)
    expect(await exits('zypper -n in foreign')).toBe(104)
    expect(await exits('zypper -n in late')).toBe(107)
    expect(await exits('rpm -q late')).toBe(0)
    expect(await exits('zypper -n se -x nosuch')).toBe(104)
    expect(await exits('zypper nosuch')).toBe(2)
    expect(await exits('zypper -n in')).toBe(3)
    expect(await exits('zypper -n in late', 'admin')).toBe(5)
    node.fault({ kind: 'zypper-lock' })
    expect(await exits('zypper -n in late')).toBe(7)
    expect(await exits('zypper -n --no-refresh -x lr')).toBe(0)
  })

  it('leaves unsigned repositories out until it is told otherwise', async () => {
    await sh('zypper -n ar https://r.local/unsigned raw')
    expect(await exits('zypper -n in tool')).toBe(104)
    await sh('zypper -n mr --gpgcheck-allow-unsigned-repo raw')
    expect(await exits('zypper -n in tool')).toBe(8)
    await sh('zypper -n mr --no-gpgcheck raw')
    expect(await exits('zypper -n in tool')).toBe(0)
  })
})

describe('accounts', () => {
  it('are lines of /etc', async () => {
    expect(await exits('useradd -m -u 2000 -G wheel bob')).toBe(0)
    expect((await sh('getent passwd bob; id -Gn bob; stat -c "%U %G" /home/bob')).stdout).toBe(
      'bob:x:2000:100::/home/bob:/bin/bash\nusers wheel\nbob users\n',
    )
    expect(await exits('useradd bob')).toBe(9)
    expect(await exits('useradd -u 2000 eve')).toBe(4)
    expect(await exits('useradd -g nosuch eve')).toBe(6)
    expect(await exits('usermod -s /bin/sh -c "Bob B" bob')).toBe(0)
    expect((await sh('getent passwd bob')).stdout).toBe('bob:x:2000:100:Bob B:/home/bob:/bin/sh\n')
    expect(await exits('usermod nosuch')).toBe(6)
    expect(await exits('groupadd -g 3000 lab; groupadd lab')).toBe(9)
    expect(await exits('groupdel nosuch')).toBe(6)
    expect(await exits('groupdel users')).toBe(8)
    expect(await exits('userdel -r bob; getent passwd bob')).toBe(2)
    expect(await exits('ls /home/bob')).toBe(2)
    expect(await exits('useradd eve', 'admin')).toBe(1)
  })
})

describe('the system', () => {
  it('says what it is', async () => {
    const arm = await bench({ name: 'x3000c0s1b0n0', arch: 'aarch64', servicePack: 6 })
    const { stdout } = await arm.run(
      'uname -nrm; uname -i; . /etc/os-release; echo $VERSION_ID; hostname; test -d /run/systemd/system && echo systemd',
      { user: 'root' },
    )
    expect(stdout).toBe(
      'x3000c0s1b0n0 6.4.0-150600.23.47-default aarch64\naarch64\n15.6\nx3000c0s1b0n0\nsystemd\n',
    )
    expect(await exits('dnf --version')).toBe(127)
    expect(await exits('kubectl version')).toBe(127)
  })

  it('has kernel parameters and modules', async () => {
    expect(
      (
        await sh(
          'sysctl -w vm.swappiness=10; cat /proc/sys/vm/swappiness; echo 12 > /proc/sys/vm/swappiness; sysctl -n vm.swappiness',
        )
      ).stdout,
    ).toBe('vm.swappiness = 10\n10\n12\n')
    expect(await exits('sysctl no.such')).toBe(255)
    expect(await exits('sysctl -w vm.swappiness=10', 'admin')).toBe(255)
    expect(await exits('modprobe -- rbd && test -d /sys/module/rbd')).toBe(0)
    expect(await exits('modprobe -r rbd; test -d /sys/module/rbd')).toBe(1)
    expect(await exits('modprobe nosuch')).toBe(1)
  })

  it('has units that are started, enabled, masked and read again', async () => {
    const show = async (name: string): Promise<Record<string, string>> =>
      Object.fromEntries(
        (
          await sh(
            `systemctl show --property=LoadState,ActiveState,UnitFileState,NeedDaemonReload,InvocationID -- ${name}`,
          )
        ).stdout
          .trim()
          .split('\n')
          .map((line) => line.split('=') as [string, string]),
      )
    const before = await show('cron')
    expect(before).toMatchObject({
      LoadState: 'loaded',
      ActiveState: 'active',
      UnitFileState: 'enabled',
      NeedDaemonReload: 'no',
    })
    await sh('systemctl restart cron')
    expect((await show('cron.service'))['InvocationID']).not.toBe(before['InvocationID'])
    await sh(
      'systemctl stop cron; systemctl disable cron; echo "# new" >> /usr/lib/systemd/system/cron.service',
    )
    expect(await show('cron')).toMatchObject({
      ActiveState: 'inactive',
      UnitFileState: 'disabled',
      NeedDaemonReload: 'yes',
      InvocationID: '',
    })
    await sh('systemctl daemon-reload; systemctl mask cron')
    expect(await show('cron')).toMatchObject({ LoadState: 'masked', UnitFileState: 'masked' })
    expect(await exits('systemctl start cron')).toBe(1)
    expect(await show('nosuch')).toMatchObject({
      LoadState: 'not-found',
      ActiveState: 'inactive',
      UnitFileState: '',
    })
    expect(await exits('systemctl start nosuch')).toBe(5)
    await sh('printf "[Service]\\nExecStart=/usr/bin/nosuch\\n" > /etc/systemd/system/bad.service')
    expect(await exits('systemctl start bad')).toBe(1)
    expect(await show('bad')).toMatchObject({ ActiveState: 'failed', UnitFileState: 'static' })
  })

  it('has an sshd that reads its configuration again, and a cron that does not', async () => {
    const since = async (): Promise<string> =>
      (await sh('systemctl show --property=StateChangeTimestampMonotonic -- sshd')).stdout
    const before = await since()
    expect(await exits('systemctl reload sshd')).toBe(0)
    expect(await since()).not.toBe(before)
    expect(await exits('systemctl reload cron')).toBe(1)
  })

  it('checks a sudoers file before anybody reads it', async () => {
    const check = (text: string): Promise<number> =>
      exits(`printf '%s' '${text}' > /tmp/sudoers; visudo -cf /tmp/sudoers`)
    for (const right of [
      '%ops ALL=(root) NOPASSWD: /usr/bin/zypper\n',
      '# nothing\n\nDefaults !requiretty\n',
      'ann ALL=(ALL:ALL) ALL\n',
      'Cmnd_Alias PKG = /usr/bin/zypper, /usr/bin/rpm\nann n1 = PKG\n',
    ])
      expect([right, await check(right)]).toEqual([right, 0])
    for (const wrong of [
      '%ops ALL=(root NOPASSWD: /usr/bin/zypper\n',
      'ann may do all\n',
      'ann ALL\n',
    ])
      expect([wrong, await check(wrong)]).toEqual([wrong, 1])
    expect(await exits('visudo -cf /tmp/nosuch')).toBe(1)
  })

  it('counts what IMS counts', async () => {
    await sh('mkdir /tmp/ims_1 /tmp/ims_2')
    expect((await sh('ls -d1 /tmp/* | grep /tmp/ims_ | wc -l')).stdout.trim()).toBe('2')
  })

  it('reads ConfigMaps and Secrets on a management node', async () => {
    node = await bench({ name: 'ncn-m001', role: 'management' })
    expect(
      (
        await sh(
          `kubectl --namespace services get configmap cray-ims-remote-keys --ignore-not-found --output 'jsonpath={.metadata.name}{"\\n"}{.data.public_key}'`,
        )
      ).stdout,
    ).toBe('cray-ims-remote-keys\necdsa-sha2-nistp384 AAAA\n')
    expect(
      await sh("kubectl -n services get cm cray-ims-remote-keys -o jsonpath='{.data.nosuch}'"),
    ).toEqual({ stdout: '', stderr: '', exitCode: 0 })
    expect(await sh('kubectl get cm -n services nosuch')).toEqual({
      stdout: '',
      stderr: 'Error from server (NotFound): configmaps "nosuch" not found\n',
      exitCode: 1,
    })
    expect(await sh('kubectl get cm -n services nosuch --ignore-not-found')).toEqual({
      stdout: '',
      stderr: '',
      exitCode: 0,
    })
    expect(
      (
        await sh(
          "kubectl get secret admin-client-auth -o jsonpath='{.data.client-secret}' | base64 -d",
        )
      ).stdout,
    ).toBe('s3cret')
  })
})

describe('the shell', () => {
  it('keeps words apart, pipes apart and masks apart', async () => {
    const { stdout } = await sh(
      'f() { ( "$@" ); }; f printf "%s|" "a b" c; echo; exec </dev/null; echo a | tr a b; (umask 077; umask); umask; printf "a\\0b" | tr "\\000" "\\001" | od -An -tx1; timeout 1 sleep 5; echo $?',
    )
    expect(stdout).toBe('a b|c|\nb\n0077\n0022\n 61 01 62\n124\n')
  })

  it('reads standard input line by line', async () => {
    expect((await sh('while read -r x; do echo "<$x>"; done', 'root', 'a\nb\n')).stdout).toBe(
      '<a>\n<b>\n',
    )
  })
})
