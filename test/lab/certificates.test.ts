import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// certificate on a node of the lab: in a file, and of the gateway as the node meets it.

const site = sharedLab('certificates')

function run(tasks: string): Promise<Told> {
  return runTasks({ ...site, tasks })
}

describe('certificates', () => {
  it('of the gateway are read, and required to last', async () => {
    const told = await run(`      - require: the gateway is good for a month
        certificate: { address: "api-gw-service-nmn.local:443", valid_for: 30d, names: [api-gw-service-nmn.local] }
      - read: what it shows
        certificate: { address: "api-gw-service-nmn.local:443" }
        register: gateway
      - read: it is shown
        print: { value: "{{ gateway.issuer }}" }
`)
    expect(told).toMatchObject({
      exit: 0,
      shown: { 'ncn-m001': ['CN=Platform CA (rehearsal lab)'] },
    })
    const long = await run(`      - require: the gateway is good for a year
        certificate: { address: "api-gw-service-nmn.local:443", valid_for: 365d, names: other }
`)
    expect(long.exit).toBe(1)
  })

  it('are found in files, and what is not one is refused', async () => {
    writeFileSync(join(site.folder, 'ca.pem'), site.lab.gateway.authority)
    const told = await run(`      - ensure: the certificate of the authority
        copy: { dest: /etc/ca.crt, src: ca.pem }
      - require: it lasts
        certificate: { path: /etc/ca.crt, valid_for: 1d, subject: "CN=Platform CA (rehearsal lab)" }
      - read: none
        certificate: { path: /etc/none.crt }
        register: none
      - require: that is said
        that: none.exists == false
`)
    expect(told.exit).toBe(0)
    const wrong = await run('      - read: hosts\n        certificate: { path: /etc/hosts }\n')
    expect(wrong.exit).toBe(1)
    expect(wrong.errors.join()).toContain('finds no certificate in /etc/hosts')
  })
})
