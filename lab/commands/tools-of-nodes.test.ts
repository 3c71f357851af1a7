import { describe, expect, it } from 'vitest'
import { issueToken } from '../csm/keycloak.ts'
import { sharedLab } from '../shared-lab.fixture.ts'

const site = sharedLab('lab-tools')

const gateway = 'https://api-gw-service-nmn.local'

async function run(
  command: string,
  node = 'ncn-m001',
  user = 'root',
): Promise<{ readonly exit: number; readonly out: string; readonly err: string }> {
  const { exitCode, stdout, stderr } = await site.lab.nodes.get(node)!.run(command, { user })
  return { exit: exitCode, out: stdout, err: stderr }
}

/** A request with a token, as scripts of the pages send it. */
function asked(words: string): string {
  const token = issueToken(site.lab.system).access_token
  return `curl -s -H "Authorization: Bearer ${token}" ${words}`
}

describe('curl on a node', () => {
  it('asks the gateway, whose certificate the image knows, and hands its answer to jq', async () => {
    expect(
      await run(`${asked(`${gateway}/apis/sls/v1/networks`)} | jq -r 'map(.Name) | sort | first'`),
    ).toMatchObject({ exit: 0, err: '', out: expect.stringMatching(/^[A-Z]+\n$/) as string })
  })

  it('asks for a token with the form that pages send', async () => {
    const { out } = await run(
      `curl -s -d grant_type=client_credentials -d client_id=admin-client -d client_secret=$(kubectl get secrets admin-client-auth -o jsonpath='{.data.client-secret}' | base64 -d) ${gateway}/keycloak/realms/shasta/protocol/openid-connect/token | jq -r .access_token`,
    )
    expect(out.trim().split('.')).toHaveLength(3)
  })

  it('sends JSON and prints status and headers', async () => {
    const { out } = await run(
      asked(
        `-i -X PUT -H 'content-type: application/json' -d '{"layers": []}' -w '%{http_code}\\n' ${gateway}/apis/cfs/v3/configurations/by-curl`,
      ),
    )
    expect(out).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(out).toMatch(/200\n$/)
    expect(site.lab.system.cfs.configurations.has('by-curl')).toBe(true)
  })

  it.each([
    [`curl -f ${gateway}/apis/sls/v1/networks`, 22, 'curl: (22) The requested URL returned'],
    ['curl -sS https://nowhere.local/', 6, 'curl: (6) Could not resolve host: nowhere.local'],
    ['curl -sS http://api-gw-service-nmn.local/', 7, 'curl: (7) Failed to connect'],
    [`curl -s --cacert /etc/nothing ${gateway}/`, 77, ''],
    [`curl -sS --cacert /etc/hostname ${gateway}/`, 60, 'curl: (60) SSL certificate problem'],
    ['curl', 2, 'curl: no URL specified!'],
    ['curl --nonsense x', 2, "unrecognized option '--nonsense'"],
  ])('%s ends with %i', async (command, exit, words) => {
    const ended = await run(command)
    expect(ended.exit).toBe(exit)
    expect(ended.err).toContain(words)
  })

  it('looks into a repository, and writes what it gets', async () => {
    const pool = 'https://packages.local/repository/SUSE-SLE-Module-Basesystem-15-SP5-x86_64-Pool'
    expect((await run(`curl -s -o /tmp/x -w '%{http_code}' ${pool}/; ls /tmp/x`)).out).toBe(
      '200/tmp/x\n',
    )
    expect(
      (await run("curl -s -o /dev/null -w '%{http_code}' https://packages.local/repository/none"))
        .out,
    ).toBe('404')
  })
})

describe('openssl on a node', () => {
  it('shows when the certificate of the gateway ends', async () => {
    const fetched = `openssl s_client -connect api-gw-service-nmn.local:443 </dev/null 2>/dev/null`
    const { out } = await run(`${fetched} | openssl x509 -noout -subject -enddate -checkend 60`)
    expect(out).toMatch(
      /^subject=.+\nnotAfter=\w+ +\d+ [\d:]+ \d+ GMT\nCertificate will not expire\n$/,
    )
    expect((await run(`${fetched} | openssl x509 -noout -checkend 9999999999`)).exit).toBe(1)
    expect(
      (await run(`${fetched} | openssl x509 >/tmp/gw.pem && openssl verify /tmp/gw.pem`)).out,
    ).toBe('/tmp/gw.pem: OK\n')
  })

  it('says what it cannot read, and what the lab does not simulate', async () => {
    expect(await run('openssl x509 -in /etc/hostname -noout -enddate')).toMatchObject({
      exit: 1,
      err: 'unable to load certificate\n',
    })
    expect((await run('openssl genrsa 2048')).exit).toBe(70)
    expect((await run('openssl rand -hex 8')).out).toMatch(/^[0-9a-f]{16}\n$/)
  })
})

describe('host on a node', () => {
  it('knows nodes by name, xname and alias, and the gateway', async () => {
    expect((await run('host nid000001')).out).toMatch(/^nid000001 has address 10\.252\./)
    expect((await run('host x3000c0s19b1n0')).out).toContain('has address')
    expect((await run('host api-gw-service-nmn.local')).out).toContain('10.92.100.71')
    expect(await run('host nid9')).toMatchObject({
      exit: 1,
      out: 'Host nid9 not found: 3(NXDOMAIN)\n',
    })
  })
})

describe('a node that is ordered to reboot', () => {
  it.each(['reboot', 'systemctl reboot', 'shutdown -r now'])('by %s does so', async (command) => {
    const node = site.lab.nodes.get('x3000c0s19b2n0')!
    const before = node.bootId
    await node.run('touch /root/left', { user: 'root' })
    expect((await run(command, 'x3000c0s19b2n0')).exit).toBe(0)
    await expect.poll(() => node.bootId !== before && node.up).toBe(true)
    expect((await run('ls /root/left', 'x3000c0s19b2n0')).exit).not.toBe(0)
  })

  it('refuses a user who is not root, and another time than now', async () => {
    expect(await run('reboot', 'x3000c0s19b2n0', 'guest')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('authentication required') as string,
    })
    expect((await run('shutdown -r +5', 'x3000c0s19b2n0')).exit).toBe(70)
  })
})
