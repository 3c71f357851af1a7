import { afterEach, describe, expect, it } from 'vitest'
import { makeKeyPair } from '../ssh-key.ts'
import { bench, closeBench, login, remote } from './node-bench.fixture.ts'

afterEach(closeBench)

const password = { username: 'admin', password: 'secret' }
/** A script as it is sent: a command line that fetches so many bytes, and the bytes. */
function fetching(script: string): string {
  return `exec /bin/sh -c 'PATH=$PATH:/usr/bin:/bin; eval "$(dd bs=${Buffer.byteLength(script)} count=1 iflag=fullblock 2>/dev/null)"'`
}

describe('the SSH server of a node', () => {
  it('lets in by password and refuses a wrong one', async () => {
    const node = await bench()
    const client = await login(node, password)
    expect(await remote(client, 'whoami; pwd; echo to-stderr >&2; exit 3')).toEqual({
      stdout: 'admin\n/home/admin\n',
      stderr: 'to-stderr\n',
      code: 3,
      signal: null,
    })
    client.end()
    await expect(login(node, { username: 'admin', password: 'wrong' })).rejects.toThrow(
      /authentication/,
    )
    await expect(login(node, { username: 'sshd', password: '' })).rejects.toThrow(/authentication/)
  })

  it('lets in by a key that was written to authorized_keys, as long as StrictModes allows', async () => {
    const pair = makeKeyPair()
    const key = { username: 'root', privateKey: pair.private }
    const node = await bench()
    await expect(login(node, key)).rejects.toThrow(/authentication/)
    await node.run(
      `echo '# mine'; printf '%s\\n' 'from="*" ${pair.public}' >> ~/.ssh/authorized_keys`,
      { user: 'root' },
    )
    const client = await login(node, key)
    expect((await remote(client, 'id -un')).stdout).toBe('root\n')
    client.end()
    expect(await node.authorizedKeys('root')).toContain(pair.public)
    await node.run('chmod 666 ~/.ssh/authorized_keys', { user: 'root' })
    expect(await node.authorizedKeys('root')).toBe('')
    await expect(login(node, key)).rejects.toThrow(/authentication/)
  })

  it('starts a script when its bytes are there, and leaves the rest of the input to it', async () => {
    const node = await bench()
    const client = await login(node, password)
    const script =
      '{\nexec 7<&0 </dev/null\ncat\na=$(dd bs=4 count=1 iflag=fullblock 2>/dev/null <&7)\necho "got $a"\nprintf ask | dd 2>/dev/null\nhead -c 3 <&7\necho\n}\n'
    const channelEnds = remote(client, fetching(script), [script, 'AAAABBB'], false)
    expect(await channelEnds).toEqual({
      stdout: 'got AAAA\naskBBB\n',
      stderr: '',
      code: 0,
      signal: null,
    })
    client.end()
  })

  it('prints as statements end, not at the end', async () => {
    const node = await bench()
    const client = await login(node, password)
    const script = 'echo first; x=$(head -c 2); echo "second $x"'
    const said = await new Promise<string>((resolve, reject) => {
      client.exec(script, (error, channel) => {
        if (error) return reject(error)
        let text = ''
        channel.on('data', (bytes: Buffer) => {
          text += bytes.toString()
          if (text === 'first\n') channel.write('ok')
        })
        channel.on('close', () => resolve(text))
      })
    })
    expect(said).toBe('first\nsecond ok\n')
    client.end()
  })

  it('carries bytes unchanged in both directions', async () => {
    const node = await bench()
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256))
    await node.run('true', { user: 'root' })
    const client = await login(node, password)
    await remote(client, 'cat > /tmp/bytes', [bytes])
    const { createHash } = await import('node:crypto')
    expect(
      (
        await remote(
          client,
          'sha256sum < /tmp/bytes; wc -c < /tmp/bytes; echo é; base64 -w0 /tmp/bytes | tail -c 8',
        )
      ).stdout,
    ).toBe(
      `${createHash('sha256').update(bytes).digest('hex')}  -\n70000\né\n${bytes.toString('base64').slice(-8)}`,
    )
    client.end()
  })

  it('ends a command by its signal, and has ten sessions at most', async () => {
    const node = await bench()
    const client = await login(node, password)
    const killed = await new Promise((resolve, reject) => {
      client.exec('sleep 100', (error, channel) => {
        if (error) return reject(error)
        channel.on('exit', (code: number | null, name: string) => resolve([code, name]))
        channel.signal('KILL')
      })
    })
    expect(killed).toEqual([null, 'SIGKILL'])
    const many = await Promise.allSettled(
      Array.from({ length: 12 }, () => remote(client, 'sleep 0.2; echo x')),
    )
    expect(many.filter((each) => each.status === 'rejected').length).toBe(2)
    client.end()
  })

  it('forwards to the places that the lab names, and to no other', async () => {
    const other = await bench()
    const node = await bench(
      {},
      { route: (host, port) => (host === 'x3000c0s1b0n0' && port === 22 ? other.port : null) },
    )
    const client = await login(node, password)
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
      client.forwardOut('127.0.0.1', 1, 'x3000c0s1b0n0', 22, (error, channel) =>
        error ? reject(error) : resolve(channel),
      ),
    )
    const banner = await new Promise<string>((resolve) =>
      stream.once('data', (bytes: Buffer) => resolve(bytes.toString())),
    )
    expect(banner).toMatch(/^SSH-2\.0-/)
    await expect(
      new Promise((resolve, reject) =>
        client.forwardOut('127.0.0.1', 1, '127.0.0.1', 80, (error, channel) =>
          error ? reject(error) : resolve(channel),
        ),
      ),
    ).rejects.toThrow()
    client.end()
  })
})

describe('power', () => {
  it('loses everything but the image at a reboot', async () => {
    const node = await bench({ imagePackages: ['podman'] })
    const before = { boot: node.bootId, key: node.hostKey, port: node.port }
    const client = await login(node, password)
    const dropped = new Promise((resolve) => client.on('close', () => resolve(true)))
    await node.run(
      'echo x > /etc/made; mkdir /tmp/ims_1; useradd bob; zypper -n ar http://dead x; modprobe rbd; sysctl -w vm.swappiness=7',
      { user: 'root' },
    )
    expect(node.snapshot().repositories).toEqual(['x'])
    await node.reboot()
    await dropped
    expect(node.bootId).not.toBe(before.boot)
    expect([node.hostKey, node.port]).toEqual([before.key, before.port])
    const after = await node.run(
      'ls /etc/made /tmp/ims_1; getent passwd bob; test -d /sys/module/rbd && echo rbd; sysctl -n vm.swappiness; which podman; cat /proc/sys/kernel/random/boot_id',
      { user: 'root' },
    )
    expect(after.stdout).toBe(`60\n/usr/bin/podman\n${node.bootId}\n`)
    const again = await login(node, password)
    again.end()
  })

  it('refuses connections while it is off, and may show a new host key after the boot', async () => {
    const node = await bench({ newHostKeyAtBoot: true })
    const key = node.hostKey
    await node.powerOff()
    expect(node.power).toBe('off')
    await expect(login(node, password)).rejects.toThrow(/ECONNREFUSED/)
    await expect(node.run('true', { user: 'root' })).rejects.toThrow()
    await node.powerOn()
    expect(node.hostKey).not.toBe(key)
    let shown = ''
    const client = await login(node, {
      ...password,
      hostVerifier: (blob: Buffer): boolean => Boolean((shown = blob.toString('base64'))),
    })
    expect(node.hostKey).toContain(shown)
    client.end()
  })
})

describe('faults', () => {
  it('drops connections before the banner as often as told', async () => {
    const node = await bench()
    node.fault({ kind: 'drop-before-banner', times: 2 })
    await expect(login(node, password)).rejects.toThrow()
    await expect(login(node, password)).rejects.toThrow()
    const client = await login(node, password)
    client.end()
  })

  it('has a full disk, a disk that cannot be written, and neither again', async () => {
    const node = await bench()
    node.fault({ kind: 'full-disk' })
    expect((await node.run('echo long > /etc/x; mkdir /etc/d', { user: 'root' })).stderr).toMatch(
      /\/etc\/x: No space left on device[^]*\/etc\/d': No space left on device/,
    )
    node.fault(null)
    node.fault({ kind: 'read-only' })
    expect((await node.run('echo long > /etc/x', { user: 'root' })).stderr).toMatch(
      /Read-only file system/,
    )
    node.fault(null)
    expect((await node.run('echo long > /etc/x; cat /etc/x', { user: 'root' })).stdout).toBe(
      'long\n',
    )
  })

  it('prints noise before a command, and shows a changed host key at once', async () => {
    const node = await bench()
    const key = node.hostKey
    node.fault({ kind: 'noisy-login', text: 'Welcome!\n' })
    node.fault({ kind: 'host-key' })
    expect(node.hostKey).not.toBe(key)
    const client = await login(node, password)
    expect((await remote(client, 'echo x')).stdout).toBe('Welcome!\nx\n')
    client.end()
    expect(node.snapshot().faults).toEqual([{ kind: 'noisy-login', text: 'Welcome!\n' }])
  })
})

describe('a shell for a person', () => {
  it('shows what is typed, takes back, keeps the folder, and ends', async () => {
    const node = await bench()
    const client = await login(node, password)
    const said = await new Promise<string>((resolve, reject) => {
      client.shell((error, channel) => {
        if (error) return reject(error)
        let text = ''
        channel.on('data', (bytes: Buffer) => (text += bytes.toString()))
        channel.on('close', () => resolve(text))
        channel.write('cd /etcc\u007f\rpwd\rexit\r')
      })
    })
    expect(said).toContain('cd /etcc\b \b\r\n')
    expect(said).toContain('x3000c0s19b4n0:/etc > /etc\r\n')
    client.end()
  })
})
