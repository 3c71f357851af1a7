import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeCertificates } from './certificate.ts'

describe("the lab's certificates", () => {
  const made = makeCertificates(['api-gw-service-nmn.local', 'localhost'], ['127.0.0.1'])
  const authority = new X509Certificate(made.authority)
  const server = new X509Certificate(made.server.certificate)

  it('are signed by an authority that signed itself', () => {
    expect(authority.ca).toBe(true)
    expect(authority.verify(authority.publicKey)).toBe(true)
    expect(server.ca).toBe(false)
    expect(server.checkIssued(authority)).toBe(true)
    expect(server.verify(authority.publicKey)).toBe(true)
  })

  it('name the gateway and loopback, and nothing else', () => {
    expect(server.checkHost('api-gw-service-nmn.local')).toBe('api-gw-service-nmn.local')
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(server.checkHost('packages.local')).toBeUndefined()
  })

  it('are valid now, and not for ever', () => {
    expect(Date.parse(server.validFrom)).toBeLessThan(Date.now())
    expect(Date.parse(server.validTo)).toBeGreaterThan(Date.now())
    expect(Date.parse(server.validTo)).toBeLessThan(Date.now() + 365 * 24 * 3600 * 1000)
  })
})
