import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askGateway } from './ask-gateway.ts'
import { raiseLab, type Lab } from './lab.ts'

let lab: Lab
let folder: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lab-rehearsal-'))
  lab = await raiseLab({ folder })
})
afterEach(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

const xname = 'x3000c0s19b4n0'
async function status(): Promise<Record<string, unknown>> {
  return (await askGateway(lab, `/apis/ims/v3/remote-build-nodes/status/${xname}`)).json as Record<
    string,
    unknown
  >
}
async function on(node: string, command: string): Promise<string> {
  const { stdout, stderr, exitCode } = await lab.nodes.get(node)!.run(command, { user: 'root' })
  expect({ command, exitCode, stderr }).toMatchObject({ exitCode: 0 })
  return stdout
}

describe('what IMS says of a node of the lab', () => {
  it('follows from the procedure, step by step, and is lost with a reboot', async () => {
    lab.system.remoteBuildNodes.add(xname)
    expect(await status()).toMatchObject({
      ableToRunJobs: false,
      sshStatus: 'Unable to connect to node. Error: encountered EC key, expected OPENSSH key',
    })

    const key = await on(
      'ncn-m001',
      "kubectl --namespace services get configmap cray-ims-remote-keys --output jsonpath='{.data.public_key}'",
    )
    expect(key).toMatch(/^ecdsa-sha2-nistp384 \S+\n?$/)
    await on(xname, `echo '${key.trim()}' >> /root/.ssh/authorized_keys`)
    expect(await status()).toMatchObject({
      ableToRunJobs: false,
      sshStatus: 'SSH connection established.',
      nodeArch: 'aarch64',
      podmanStatus: expect.stringContaining('Unable determine if tools are installed'),
    })

    for (const module of ['Basesystem', 'Containers']) {
      await on(
        xname,
        `zypper --non-interactive addrepo --priority 4 https://packages.local/repository/SUSE-SLE-Module-${module}-15-SP6-aarch64-Pool/ SUSE-SLE-Module-${module}-15-sp6-aarch64-Pool`,
      )
    }
    await on(xname, 'zypper --non-interactive install podman')
    expect(await status()).toMatchObject({
      ableToRunJobs: true,
      podmanStatus: 'Podman present at /usr/bin/podman',
      numCurrentJobs: 0,
    })

    await on(xname, 'mkdir -p /tmp/ims_46a2731e/image')
    expect(await status()).toMatchObject({ ableToRunJobs: true, numCurrentJobs: 1 })
    await on(xname, 'chmod 0666 /root/.ssh/authorized_keys')
    expect(await status()).toMatchObject({
      ableToRunJobs: false,
      sshStatus: expect.stringContaining('encountered EC key, expected OPENSSH key'),
    })
    await on(xname, 'chmod 0600 /root/.ssh/authorized_keys')

    await lab.fault({ on: 'power', node: xname, power: 'off' })
    expect(await status()).toMatchObject({
      ableToRunJobs: false,
      sshStatus: expect.stringContaining('Unable to connect to port 22 on 10.252.'),
    })
    await lab.fault({ on: 'power', node: xname, power: 'on' })
    expect(await status()).toMatchObject({
      ableToRunJobs: false,
      sshStatus: expect.stringContaining('encountered EC key, expected OPENSSH key'),
    })
    expect((await askGateway(lab, '/apis/ims/v3/remote-build-nodes')).json).toEqual([{ xname }])
  })
})
