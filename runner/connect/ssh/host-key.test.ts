import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { bench, connect, hop, refusal, server } from './ssh-bench.fixture.ts'
import { checkKeyOf } from './host-key.ts'
import { makeKey } from './sshd.fixture.ts'

const [right, wrong] = [makeKey().public, makeKey().public]
const blob = (line: string): Buffer => Buffer.from(line.split(' ')[1]!, 'base64')

/** The check of a hop to `node1`, whose name leads to an address, with a known_hosts file of these lines. */
function check(
  lines: readonly string[],
  more: object = {},
  address = '10.0.0.5',
): ReturnType<typeof checkKeyOf> {
  const file = bench.files.file('kh', lines.map((line) => `${line}\n`).join(''))
  const one = hop(
    { port: 22 },
    { address: 'node1', checkHostIp: true, knownHostsFiles: [file], ...more },
  )
  return checkKeyOf(one, bench.world, () => address)
}

describe('CheckHostIP', () => {
  it.each(['strict', 'accept-new', 'new-after-boot'] as const)(
    'refuses a name whose address is known by another key, under %s',
    (policy) => {
      const known = check([`node1 ${right}`, `10.0.0.5 ${wrong}`], { policy })
      expect(known.verify(blob(right))).toBe(false)
      expect(known.refusal()).toMatchObject({
        code: 'connect/host-key-changed',
        message: expect.stringMatching(/kh:2 knows its address 10\.0\.0\.5 by .*CheckHostIP/),
      })
    },
  )

  it('refuses a new host whose address is known by another key', () => {
    expect(check([`10.0.0.5 ${wrong}`], { policy: 'accept-new' }).verify(blob(right))).toBe(false)
  })

  it('withholds secrets there under a policy that checks nothing', () => {
    const one = check([`node1 ${right}`, `10.0.0.5 ${wrong}`], { policy: 'off' })
    expect([one.verify(blob(right)), one.withheld()]).toEqual([
      true,
      expect.stringContaining('kh:2'),
    ])
  })

  it('writes an address down that is not known yet', () => {
    const one = check([`node1 ${right}`])
    expect(one.verify(blob(right))).toBe(true)
    one.settled()
    expect(readFileSync(`${bench.files.folder}/kh`, 'utf8')).toContain(
      `\n10.0.0.5 ssh-ed25519 ${right.split(' ')[1]}\n`,
    )
  })

  it.each([
    ['loopback', {}, '127.0.0.1'],
    [
      'a host that is named by its address',
      { address: '10.0.0.5', hostKeyAlias: 'node1' },
      '10.0.0.5',
    ],
    ['a host with HostKeyAlias', { hostKeyAlias: 'node1' }, '10.0.0.5'],
    ['a host for which it is off', { checkHostIp: false }, '10.0.0.5'],
  ])('compares nothing for %s', (_what, more, address) => {
    const one = check([`node1 ${right}`, `10.0.0.5 ${wrong}`, `127.0.0.1 ${wrong}`], more, address)
    expect(one.verify(blob(right))).toBe(true)
  })
})

describe('RequiredRSASize', () => {
  const key = makeKey('rsa')

  it('refuses a shorter key of the host, known or not', async () => {
    const target = await server({ hostKey: key })
    const error = await refusal(hop(target, { requiredRsaSize: 4096 }))
    expect(error.diagnostics?.[0]).toMatchObject({
      code: 'connect/host-key-short',
      message: expect.stringContaining('2048 bits'),
    })
    await connect(hop(target, { requiredRsaSize: 2048 }))
  })

  it('does not offer a shorter key of the user', async () => {
    const target = await server({ authorized: [key.public] })
    const file = bench.files.file('short', key.private)
    const error = await refusal(hop(target, { requiredRsaSize: 4096, keyFiles: [file] }))
    expect(error.message).toContain('shorter than RequiredRSASize 4096')
    await connect(hop(target, { keyFiles: [file] }))
  })
})

describe('the hint of a refused key', () => {
  const hintOf = (error: Awaited<ReturnType<typeof refusal>>): string =>
    error.diagnostics![0]!.hint!
  /** Types the command of a hint, as a person would. */
  const type = (hint: string | undefined): void => {
    const command =
      /(?:then: |; )((?:mkdir|printf|ssh-keygen)[\s\S]*?)(?:; or set|, and write|$)/.exec(
        hint ?? '',
      )?.[1]
    expect(command, hint).toBeDefined()
    execFileSync('/bin/sh', ['-ec', command!], { stdio: 'pipe' })
  }

  it.each([
    ['a host that is not known', {}],
    ['one with an alias', { hostKeyAlias: 'gate' }],
    ['one whose folder of known_hosts is not there', 'new/known_hosts'],
    ['one whose known_hosts ends in the middle of a line', 'open'],
  ])('lets in %s', async (_what, more) => {
    const target = await server()
    bench.files.file('open', 'other ssh-ed25519 AAAA')
    const files =
      typeof more === 'string' ? { knownHostsFiles: [`${bench.files.folder}/${more}`] } : more
    const one = hop({ port: target.port }, files)
    type(hintOf(await refusal(one)))
    await connect(one)
  })

  it('lets in a host whose key has changed', async () => {
    const target = await server()
    const wrongly = hop({ port: target.port, hostKeyLine: wrong })
    type(hintOf(await refusal(wrongly)))
    await connect(wrongly)
  })

  it('names a file that is read where UserKnownHostsFile keeps nothing', async () => {
    const target = await server()
    const hint = hintOf(
      await refusal(
        hop({ port: target.port }, { knownHostsFiles: ['/dev/null'], home: bench.files.folder }),
      ),
    )
    const named = /known_hosts_file: (\S+)/.exec(hint!)![1]!
    type(hint)
    await connect(hop({ port: target.port }, { knownHostsFiles: [named] }))
  })

  it('leads on where the address is known by another key', () => {
    const one = check([`node1 ${right}`, `10.0.0.5 ${wrong}`])
    one.verify(blob(right))
    const command = /(ssh-keygen .*)$/.exec(one.refusal()!.hint!)![1]!
    execFileSync('/bin/sh', ['-ec', command], { stdio: 'pipe' })
    const file = `${bench.files.folder}/kh`
    const again = hop(
      { port: 22 },
      { address: 'node1', checkHostIp: true, knownHostsFiles: [file] },
    )
    expect(checkKeyOf(again, bench.world, () => '10.0.0.5').verify(blob(right))).toBe(true)
  })
})

describe('a server that accepts one RSA signature only', () => {
  const pkcs1 = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const forms = {
    OpenSSH: makeKey('rsa').private,
    PEM: pkcs1.export({ type: 'pkcs1', format: 'pem' }) as string,
    'PKCS#8': pkcs1.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
  it.each([
    ['rsa-sha2-512', 'OpenSSH'],
    ['rsa-sha2-256', 'OpenSSH'],
    ['rsa-sha2-512', 'PEM'],
    ['rsa-sha2-512', 'PKCS#8'],
  ] as const)('%s: gets it from a key in the form %s', async (algorithm, form) => {
    const text = forms[form]
    const readable = pkcs1.export({ type: 'pkcs1', format: 'pem' }) as string
    const parsed = ssh2.utils.parseKey(form === 'OpenSSH' ? text : readable) as ParsedKey
    const line = `ssh-rsa ${parsed.getPublicSSH().toString('base64')}`
    const asked: string[] = []
    const target = await server({
      authorized: [line],
      onAuth: (context) => {
        if (context.method !== 'publickey') return false
        // ssh2's server names the hash alone.
        const hash = String(context.hashAlgo)
        asked.push(hash)
        if (algorithm === `rsa-${hash.replace('sha', 'sha2-')}`) return false
        context.reject(['publickey'])
        return true
      },
    })
    await connect(hop(target, { keyFiles: [bench.files.file('rsa', text)] }))
    expect(new Set(asked).size).toBe(algorithm === 'rsa-sha2-512' ? 1 : 2)
  })

  it('is not asked for what PubkeyAcceptedAlgorithms leaves out', async () => {
    const target = await server()
    const error = await refusal(hop(target, { signatureAlgorithms: ['rsa-sha2-512'] }))
    expect(error.message).toContain('PubkeyAcceptedAlgorithms leaves out ssh-ed25519')
  })
})
