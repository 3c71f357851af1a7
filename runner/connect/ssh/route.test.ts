import { describe, expect, it } from 'vitest'
import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import type { ConnectionSettings, Host } from '../../model/host.ts'
import { readSshConfig, type ConfigFiles } from './openssh-files/ssh-config-file.ts'
import type { Hop } from './hop.ts'
import { routeTo, type Controller } from './route.ts'

type Files = Readonly<Record<string, string>>

function controller(files: Files, more: Partial<Controller> = {}): Controller {
  const reader: ConfigFiles = {
    read: (file) => (files[file] === undefined ? null : { text: files[file], untrusted: null }),
    expand: (pattern) =>
      Object.keys(files).filter((file) => file === `/home/ann/.ssh/${pattern}` || file === pattern),
  }
  return {
    localUser: 'ann',
    localHost: 'ncn-m001.local',
    home: '/home/ann',
    env: { SSH_AUTH_SOCK: '/run/agent', KEYS: '/keys' },
    config: [readSshConfig('/home/ann/.ssh/config', reader)],
    inventoryHost: () => undefined,
    ...more,
  }
}
function host(name: string, connection: Partial<ConnectionSettings> = {}): Host {
  return { name, groups: [], vars: {}, connection: { kind: 'ssh', ...connection } }
}
function route(
  config: string,
  name = 'node',
  connection: Partial<ConnectionSettings> = {},
  files: Files = {},
): readonly Hop[] {
  return routeTo(host(name, connection), controller({ '/home/ann/.ssh/config': config, ...files }))
}
function last(
  config: string,
  name = 'node',
  connection: Partial<ConnectionSettings> = {},
  files: Files = {},
): Hop {
  return route(config, name, connection, files).at(-1)!
}
function faults(work: () => unknown): readonly Diagnostic[] {
  try {
    work()
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics
    throw error
  }
  return expect.fail('no error')
}

describe('settings of a host', () => {
  it('has the defaults of OpenSSH, strict host keys and a keepalive', () => {
    expect(last('')).toMatchObject({
      address: 'node',
      port: 22,
      user: 'ann',
      policy: 'strict',
      agent: '/run/agent',
      keyFiles: [],
      connectTimeout: 20,
      keepalive: { seconds: 8, count: 3 },
      knownHostsFiles: ['/home/ann/.ssh/known_hosts', '/home/ann/.ssh/known_hosts2'],
      defaultKeyFiles: [
        '/home/ann/.ssh/id_rsa',
        '/home/ann/.ssh/id_ecdsa',
        '/home/ann/.ssh/id_ed25519',
      ],
    })
  })

  it('takes the inventory before ssh_config', () => {
    const config =
      'Host node\n  User bob\n  Port 2222\n  IdentityFile ~/.ssh/cfg\n  ConnectTimeout 3\n  StrictHostKeyChecking no\n'
    const hop = last(config, 'node', {
      user: 'root',
      port: 22,
      keyFiles: ['~/inv'],
      connectTimeout: 9,
      hostKeys: 'accept-new',
      knownHostsFile: '/kh',
    })
    expect(hop).toMatchObject({
      user: 'root',
      port: 22,
      keyFiles: ['/home/ann/inv', '/home/ann/.ssh/cfg'],
      connectTimeout: 9,
      policy: 'accept-new',
      knownHostsFiles: ['/kh'],
    })
    expect(last(config)).toMatchObject({
      user: 'bob',
      port: 2222,
      connectTimeout: 3,
      policy: 'off',
      defaultKeyFiles: [],
    })
    expect(last('Host gw\n HostName 10.0.0.9\n', 'x1000c0s0b0n0', { address: 'gw' }).address).toBe(
      '10.0.0.9',
    )
  })

  it.each([
    ['the first value wins', 'Host *\n User one\nHost node\n User two\n', { user: 'one' }],
    [
      'keys add up, doubles dropped',
      'IdentityFile /a\nHost node\n IdentityFile /b\n IdentityFile /a\n',
      { keyFiles: ['/a', '/b'] },
    ],
    ['Host sees case', 'Host NODE\n User x\n', { user: 'ann' }],
    ['Match host does not', 'Match host NODE\n User x\n', { user: 'x' }],
    [
      'Match host sees HostName as set so far',
      'Host node\n HostName n1.local\nMatch host n1.*\n User x\n',
      { user: 'x', address: 'n1.local' },
    ],
    [
      'Match originalhost sees what was typed',
      'Host node\n HostName n1.local\nMatch originalhost node\n User x\n',
      { user: 'x' },
    ],
    ['a negated criterion', 'Match !host other user ann\n Port 9\n', { port: 9 }],
    ['Match user sees the user set so far', 'User bob\nMatch user bob\n Port 9\n', { port: 9 }],
    ['Match all', 'Host other\n User x\nMatch all\n User y\n', { user: 'y' }],
    [
      'Match final is read last',
      'Match final all\n User late\n Port 9\nHost node\n User early\n',
      { user: 'early', port: 9 },
    ],
    [
      'the second reading knows the host by its HostName',
      'HostName N2.local\nHost n2.local\n User late\nMatch final host n2.local\n Port 9\n',
      { user: 'late', port: 9, address: 'n2.local' },
    ],
    ['a negated pattern alone never matches', 'Host !other\n User x\n', { user: 'ann' }],
    ['one negated hit vetoes', 'Host * !node\n User x\n', { user: 'ann' }],
    ['a comma is no separator in Host', 'Host node,other\n User x\n', { user: 'ann' }],
    [
      'equals signs, quotes, tabs, case',
      '\tHOST = node\nuSeR="b o b"\nPort=\t2200\n',
      { user: 'b o b', port: 2200 },
    ],
    ['comments after a value', 'User root # the boss\n', { user: 'root' }],
    ['a hash within a word', 'User root#x\n', { user: 'root#x' }],
    ['Port by name', 'Port ssh\n', { port: 22 }],
    ['ConnectTimeout 0 is no limit', 'ConnectTimeout 0\n', { connectTimeout: Infinity }],
    ['Match final all', 'Match final all\n User x\n', { user: 'x' }],
    ['CheckHostIP', 'CheckHostIP yes\n', { checkHostIp: true }],
    ['RequiredRSASize', 'RequiredRSASize 4096\n', { requiredRsaSize: 4096 }],
    ['no RSA key is shorter than OpenSSH reads', 'RequiredRSASize 8\n', { requiredRsaSize: 1024 }],
    [
      'PubkeyAcceptedAlgorithms, with patterns',
      'PubkeyAcceptedAlgorithms -ecdsa-*,rsa-*\n',
      { signatureAlgorithms: ['ssh-ed25519'] },
    ],
    [
      'the older name of it',
      'PubkeyAcceptedKeyTypes +ssh-rsa\n',
      { signatureAlgorithms: expect.arrayContaining(['ssh-rsa']) as never },
    ],
    [
      'ConnectTimeout none does not stop a later one',
      'ConnectTimeout none\nConnectTimeout 1m30s\n',
      { connectTimeout: 90 },
    ],
    ['HostName tokens, and lower case', 'HostName %h.EXAMPLE%%\n', { address: 'node.example%' }],
    [
      'tokens of IdentityFile',
      'HostName n1\nUser r\nPort 9\nIdentityFile ${KEYS}/%h-%n-%r-%u-%p-%%-%d\n',
      { keyFiles: ['/keys/n1-node-r-ann-9-%-/home/ann'] },
    ],
    ['an alias for the host key', 'HostKeyAlias gate\n', { hostKeyAlias: 'gate' }],
    [
      'several known_hosts files',
      'UserKnownHostsFile ~/a /b\nGlobalKnownHostsFile none\n',
      { knownHostsFiles: ['/home/ann/a', '/b'], globalKnownHostsFiles: [] },
    ],
    ['agents', 'IdentityAgent none\n', { agent: null }],
    ['an agent from the environment', 'IdentityAgent $KEYS\n', { agent: '/keys' }],
    [
      'the order of methods',
      'PreferredAuthentications hostbased,keyboard-interactive,publickey\n',
      { methods: ['keyboard-interactive', 'publickey'] },
    ],
    [
      'methods switched off',
      'PasswordAuthentication no\nChallengeResponseAuthentication no\n',
      { methods: ['publickey'] },
    ],
    [
      'harmless directives',
      'ControlMaster auto\nForwardX11 yes\nSendEnv LANG LC_*\nSetEnv A=b\nUseKeychain yes\nLocalForward 8080 localhost:80\n',
      { user: 'ann' },
    ],
    [
      'words named in IgnoreUnknown',
      'IgnoreUnknown Foo*,Bar\nFooBar 1\nBar 2\nUser x\n',
      { user: 'x' },
    ],
    [
      'values that change nothing',
      'ProxyCommand none\nCanonicalizeHostname no\nRemoteCommand none\nSecurityKeyProvider internal\nSessionType default\n',
      { user: 'ann' },
    ],
    [
      'another host its own unsupported directive',
      'Host other\n ProxyCommand nc %h %p\nMatch originalhost other exec "true"\n User x\n',
      { user: 'ann' },
    ],
  ] as const)('knows that %s', (_what, config, expected) => {
    expect(last(config)).toMatchObject(expected)
  })

  it('offers the algorithms that are named, and refuses at its line what leaves none', () => {
    expect(last('').offer).toEqual({})
    expect(
      last(
        'Host node\n Ciphers aes256-ctr,rijndael-cbc@lysator.liu.se\n KexAlgorithms ^ecdh-sha2-nistp256\n',
      ).offer,
    ).toMatchObject({ cipher: ['aes256-ctr'], kex: expect.arrayContaining(['curve25519-sha256']) })
    expect(last('Host node\n KexAlgorithms ^ecdh-sha2-nistp256\n').offer!.kex![0]).toBe(
      'ecdh-sha2-nistp256',
    )
    expect(faults(() => last('Host node\n MACs umac-128@openssh.com\n'))[0]).toMatchObject({
      code: 'connect/ssh-config',
      at: { file: '/home/ann/.ssh/config', line: 2 },
      hint: expect.stringContaining('hmac-sha2-256'),
    })
  })

  it('includes files where they stand', () => {
    const files = {
      '/home/ann/.ssh/more': 'User inc\nHost other\n Port 1\nHost node\n IdentityFile /from-more\n',
      '/home/ann/.ssh/never': 'Host node\n User wrong\n',
    }
    const hop = last(
      'Host other\n Include never\nHost node\n Include more\n Port 7\nInclude missing\n',
      'node',
      {},
      files,
    )
    expect(hop).toMatchObject({ user: 'inc', port: 7, keyFiles: ['/from-more'] })
    const loop = faults(() =>
      last('Include more\n', 'node', {}, { '/home/ann/.ssh/more': 'Include more\n' }),
    )
    expect(loop[0]).toMatchObject({
      code: 'connect/ssh-config',
      at: { file: '/home/ann/.ssh/more', line: 1 },
    })
  })

  it.each([
    ['Usr bob', 'connect/ssh-config'],
    ['Port 70000', 'connect/ssh-config'],
    ['Port', 'connect/ssh-config'],
    ['IdentitiesOnly maybe', 'connect/ssh-config'],
    ['ConnectTimeout soon', 'connect/ssh-config'],
    ['StrictHostKeyChecking perhaps', 'connect/ssh-config'],
    ['User a b', 'connect/ssh-config'],
    ['Ciphers a b', 'connect/ssh-config'],
    ['User "a', 'connect/ssh-config'],
    ['Match hots node', 'connect/ssh-config'],
    ['Match all host node', 'connect/ssh-config'],
    ['Match canonical final all', 'connect/ssh-config'],
    ['HostKeyAlgorithms ssh-ed25519,rot13', 'connect/ssh-config'],
    ['HostKeyAlgorithms nosuch*', 'connect/ssh-config'],
    ['Ciphers +rot13', 'connect/ssh-config'],
    ['MACs ^rot13', 'connect/ssh-config'],
    ['KexAlgorithms rot13', 'connect/ssh-config'],
    ['PubkeyAcceptedAlgorithms rot13', 'connect/ssh-config'],
    ['RequiredRSASize many', 'connect/ssh-config'],
    ['CheckHostIP maybe', 'connect/ssh-config'],
  ])('refuses %s, also in a block for others', (line, code) => {
    const [found] = faults(() => last(`Host other\n  ${line}\n`))
    expect(found).toMatchObject({ code, at: { file: '/home/ann/.ssh/config', line: 2, column: 3 } })
  })

  it('says every mistake of the file at once', () => {
    expect(faults(() => last('Usr x\nPort x\n')).length).toBe(2)
  })

  it.each([
    'ProxyCommand nc %h %p',
    'CertificateFile ~/c',
    'PKCS11Provider /p.so',
    'SecurityKeyProvider /s.so',
    'CanonicalizeHostname yes',
    'RemoteCommand top',
    'KnownHostsCommand /bin/x',
    'RevokedHostKeys /r',
    'BindInterface eth0',
    'SessionType none',
    'RefuseConnection "closed"',
  ])('refuses %s where it applies, with its line', (line) => {
    expect(faults(() => last(`Host node\n ${line}\n`))[0]).toMatchObject({
      code: 'connect/ssh-config-unsupported',
      at: { line: 2 },
    })
  })

  it.each(['exec "true"', 'localnetwork 10.0.0.0/8', 'tagged x'])(
    'refuses Match %s where it would decide',
    (criterion) => {
      expect(faults(() => last(`Match host node ${criterion}\n User x\n`))[0]).toMatchObject({
        code: 'connect/ssh-config-unsupported',
        at: { line: 1 },
      })
    },
  )

  it.each([
    [
      'HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com',
      'leaves none of the host key algorithms',
    ],
    ['HostKeyAlgorithms -*', 'leaves none of the host key algorithms'],
    ['HostName %n.x', 'HostName has no token %n'],
    ['PreferredAuthentications gssapi-with-mic', 'allows only gssapi-with-mic to log in'],
  ])('refuses %s where it applies, with its line', (line, words) => {
    expect(faults(() => last(`Host node\n ${line}\n`))[0]).toMatchObject({
      message: expect.stringContaining(words) as string,
      at: { line: 2 },
    })
    expect(last(`Host other\n ${line}\n`)).toMatchObject({ user: 'ann' })
  })

  it('takes the first IgnoreUnknown alone, as OpenSSH does', () => {
    expect(
      faults(() => last('IgnoreUnknown Foo\nFoo 1\nIgnoreUnknown Bar\nBar 1\n')),
    ).toMatchObject([{ at: { line: 4 }, message: 'OpenSSH has no keyword Bar' }])
  })

  it('says at its line what is asked for and not done, and nothing of what asks for nothing', () => {
    const undone = (config: string): readonly string[] =>
      last(config).undone!.map(({ message, at }) => `${at!.line} ${message}`)
    expect(
      undone(
        'ForwardAgent yes\nSetEnv A=b\nPermitLocalCommand yes\nLocalCommand true\nVerifyHostKeyDNS yes\n',
      ),
    ).toEqual([
      expect.stringMatching(/^1 ForwardAgent is not supported: no agent is forwarded/),
      expect.stringMatching(/^2 SetEnv is not supported/),
      expect.stringMatching(/^4 LocalCommand is not supported/),
      expect.stringMatching(/^5 VerifyHostKeyDNS is not supported/),
    ])
    expect(
      undone(
        'ForwardAgent no\nLocalCommand true\nVerifyHostKeyDNS no\nSendEnv LANG\nGSSAPIAuthentication yes\n',
      ),
    ).toEqual([])
  })

  it('refuses a path with an unset variable', () => {
    expect(faults(() => last('IdentityFile ${NOPE}/id\n'))[0]).toMatchObject({
      code: 'connect/ssh-config',
      at: { line: 1 },
    })
  })
})

describe('the way to a host', () => {
  const names = (hops: readonly Hop[]): readonly string[] =>
    hops.map((hop) => `${hop.user}@${hop.address}:${hop.port}`)

  it('goes through several jumps, each with its own block', () => {
    const config =
      'Host node\n ProxyJump one,bob@two:2222\nHost one\n User jumper\n HostName 10.0.0.1\nHost two\n IdentityFile /two-key\n User never\n ProxyJump elsewhere\n'
    const hops = route(config, 'node', { user: 'root' })
    expect(names(hops)).toEqual(['jumper@10.0.0.1:22', 'bob@two:2222', 'root@node:22'])
    expect(hops[1]!.keyFiles).toEqual(['/two-key'])
  })

  it('gives the first jump a jump of its own', () => {
    expect(names(route('Host node\n ProxyJump one\nHost one\n ProxyJump zero\n'))).toEqual([
      'ann@zero:22',
      'ann@one:22',
      'ann@node:22',
    ])
  })

  it('takes the jump of the inventory, in its own settings when the inventory has it', () => {
    const gate = host('gate', {
      address: '10.9.9.9',
      user: 'admin',
      port: 2200,
      keyFiles: ['/gate-key'],
    })
    const known = controller(
      { '/home/ann/.ssh/config': 'ProxyJump other\n' },
      { inventoryHost: (name) => (name === 'gate' ? gate : undefined) },
    )
    const hops = routeTo(host('node', { jump: 'gate' }), { ...known, config: [] })
    expect(names(hops)).toEqual(['admin@10.9.9.9:2200', 'ann@node:22'])
    expect(hops[0]!.keyFiles).toEqual(['/gate-key'])
    expect(names(routeTo(host('node', { jump: 'none' }), known))).toEqual(['ann@node:22'])
  })

  it('reads tokens, IPv6 and ssh:// in a jump', () => {
    expect(names(route('Host node\n HostName n1\n ProxyJump gate-%h:%p\n'))).toEqual([
      'ann@gate-n1:22',
      'ann@n1:22',
    ])
    expect(names(route('Host node\n ProxyJump ssh://u@[fe80::1]:99\n'))).toEqual([
      'u@fe80::1:99',
      'ann@node:22',
    ])
    expect(faults(() => route('Host node\n ProxyJump a:b:c\n'))[0]).toMatchObject({
      code: 'connect/jump',
      at: { line: 2 },
    })
  })

  it('calls a circle an error', () => {
    expect(faults(() => route('Host *\n ProxyJump gate\n'))[0]?.code).toBe('connect/jump-loop')
    expect(faults(() => route('Host a\n ProxyJump b\nHost b\n ProxyJump a\n', 'a'))[0]?.code).toBe(
      'connect/jump-loop',
    )
    expect(faults(() => route('Host *\n ProxyJump x%h\n'))[0]?.code).toBe('connect/jump-loop')
    expect(names(route('Host !gate *\n ProxyJump gate\n'))).toEqual(['ann@gate:22', 'ann@node:22'])
  })

  it('is barred by whichever of ProxyCommand and ProxyJump comes first', () => {
    expect(names(route('ProxyCommand none\nProxyJump gate\n'))).toEqual(['ann@node:22'])
    expect(names(route('Host node\n ProxyJump gate\n ProxyCommand nc %h\n'))).toEqual([
      'ann@gate:22',
      'ann@node:22',
    ])
  })
})
