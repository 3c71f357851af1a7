import { describe, expect, it } from 'vitest'
import { algorithmsFor } from '../host-key-algorithms.ts'
import {
  hashName,
  judgeKey,
  keysByName,
  knownTypes,
  parseKnownHosts,
  type LookupName,
} from './known-hosts.ts'
import { makeKey } from '../sshd.fixture.ts'

const [good, bad] = [makeKey().public, makeKey().public]
const rsa = makeKey('rsa').public
const blob = (line: string): Buffer => Buffer.from(line.split(' ')[1]!, 'base64')
const node: LookupName = { host: 'Node1.Local', port: 22 }
const high: LookupName = { host: 'node1.local', port: 2222 }

function judge(text: string, name: LookupName = node, key = good): string {
  const keys = parseKnownHosts(text, 'kh')
  const verdict = judgeKey(keys, name, blob(key))
  expect(judgeKey(keysByName(keys).for(name), name, blob(key))).toEqual(verdict)
  return verdict.is
}

describe('known_hosts', () => {
  it.each([
    ['a plain name, without case', `NODE1.local ${good}`, node, 'known'],
    ['one of several names', `a,node1.local,b ${good} a comment here`, node, 'known'],
    ['patterns', `*.local,node? ${good}`, node, 'known'],
    ['a veto', `*.local,!node1.* ${good}`, node, 'unknown'],
    ['a veto of another line', `!node1.local ${good}\nnode1.local ${good}`, node, 'known'],
    ['another key', `node1.local ${bad}`, node, 'changed'],
    ['a good line after a bad one', `node1.local ${bad}\nnode1.local ${good}`, node, 'known'],
    ['a key of another type', `node1.local ${rsa}`, node, 'changed'],
    ['a port', `[node1.local]:2222 ${good}`, high, 'known'],
    ['a pattern with a port', `[node*]:2222 ${good}`, high, 'known'],
    ['the plain name for any port', `node1.local ${good}`, high, 'known'],
    ['a wrong key under the plain name', `node1.local ${bad}`, high, 'unknown'],
    [
      'a wrong key under the port, a right one under the name',
      `node1.local ${good}\n[node1.local]:2222 ${bad}`,
      high,
      'changed',
    ],
    ['[host]:22, which matches nothing', `[node1.local]:22 ${good}`, node, 'unknown'],
    ['revoked before all', `node1.local ${good}\n@revoked * ${good}`, node, 'revoked'],
    [
      'revoked under the plain name',
      `@revoked node1.local ${good}\n[node1.local]:2222 ${good}`,
      high,
      'revoked',
    ],
    ['another key revoked', `@revoked * ${bad}\nnode1.local ${good}`, node, 'known'],
    ['an authority alone', `@cert-authority *.local ${bad}`, node, 'authority-only'],
    [
      'an authority with the key itself, which is not a host key',
      `@cert-authority *.local ${good}`,
      node,
      'authority-only',
    ],
    [
      'an authority beside a plain key',
      `@cert-authority * ${bad}\nnode1.local ${good}`,
      node,
      'known',
    ],
    [
      'an alias, whatever the port',
      `gate ${good}`,
      { host: 'node1.local', port: 2222, alias: 'gate' },
      'known',
    ],
    [
      'an alias only',
      `node1.local ${good}`,
      { host: 'node1.local', port: 22, alias: 'gate' },
      'unknown',
    ],
    ['a hashed name', `${hashName('node1.local')} ${good}`, node, 'known'],
    ['a hashed name with a port', `${hashName('[node1.local]:2222')} ${good}`, high, 'known'],
    ['a hashed name of another host', `${hashName('node2.local')} ${good}`, node, 'unknown'],
    [
      'broken hashes, and what follows them',
      `|1|x|y ${good}\n|1|AAAA ${good}\n|2|a|b ${good}\nnode1.local ${good}`,
      node,
      'known',
    ],
    [
      'a type that is not that of the key',
      `node1.local ssh-rsa ${good.split(' ')[1]}`,
      node,
      'unknown',
    ],
    [
      'broken lines, comments, CRLF',
      `# x\n\nnode1.local\nnode1.local ssh-ed25519 !!!\n@odd node1.local ${bad}\nnode1.local ${good}\r\n`,
      node,
      'known',
    ],
  ] as const)('knows %s', (_what, text, name, verdict) => {
    expect(judge(text, name)).toBe(verdict)
  })

  const ecdsa = makeKey('ecdsa').public
  const damaged = (line: string, at: number, bytes = 1): string => {
    const key = blob(line)
    key.fill(0xff, at, at + bytes)
    return `${line.split(' ')[0]} ${key.toString('base64')}`
  }
  it.each([
    ['a character that is not base64', `node1.local ${good.slice(0, 40)}!${good.slice(40)}`],
    ['an equals sign that is gone', `node1.local ${rsa.replace(/=+/, '')}x`],
    ['a cut key', `node1.local ${good.slice(0, -8)}`],
    [
      'bytes behind the key',
      `node1.local ssh-ed25519 ${Buffer.concat([blob(good), Buffer.alloc(4)]).toString('base64')}`,
    ],
    ['a length that leads nowhere', `node1.local ${damaged(good, 15, 4)}`],
    [
      'an RSA modulus that is gone',
      `node1.local ssh-rsa ${blob(rsa).subarray(0, 20).toString('base64')}`,
    ],
    ['a point that is not on its curve', `node1.local ${damaged(ecdsa, 60, 6)}`],
  ])('knows no host by a damaged line, as OpenSSH: %s', (_what, line) => {
    expect(judge(line)).toBe('unknown')
  })

  it('agrees with the hash that ssh-keygen makes', () => {
    const line = '|1|8P2qjQdEPjYzZVFxCIgmpXTsBQQ=|'
    const salt = Buffer.from(line.split('|')[2]!, 'base64')
    expect(hashName('node1.local', salt).startsWith(line)).toBe(true)
    expect(judge(`${hashName('node1.local', salt)} ${good}`)).toBe('known')
  })
})

describe('the order of host key algorithms', () => {
  const known = (text: string, name = node): ReadonlySet<string> =>
    knownTypes(parseKnownHosts(text, 'kh'), name)

  it('begins with the types that the host is known by', () => {
    expect(algorithmsFor(undefined, known(`node1.local ${rsa}`)).slice(0, 3)).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
    ])
    expect(algorithmsFor(undefined, known(`node1.local ${rsa}`, high))[0]).toBe('ssh-ed25519')
    expect(algorithmsFor(undefined, new Set())).not.toContain('ssh-rsa')
  })

  it('follows an order of the user', () => {
    const rsaKnown = known(`node1.local ${rsa}`)
    expect(algorithmsFor('ssh-ed25519,rsa-sha2-512', rsaKnown)).toEqual([
      'ssh-ed25519',
      'rsa-sha2-512',
    ])
    expect(algorithmsFor('+ssh-rsa', rsaKnown).slice(0, 3)).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-rsa',
    ])
    expect(algorithmsFor('-ssh-ed25519', new Set())).not.toContain('ssh-ed25519')
    expect(algorithmsFor('^rsa-sha2-256', new Set())[0]).toBe('rsa-sha2-256')
    expect(algorithmsFor('ssh-ed25519-cert-v01@openssh.com', new Set())).toEqual([])
    expect(algorithmsFor('rsa-*', new Set())).toEqual(['rsa-sha2-512', 'rsa-sha2-256'])
    expect(algorithmsFor('-rsa-*,ssh-e*', new Set()).join()).toMatch(/^(ecdsa[^,]*,?)+$/)
  })
})
