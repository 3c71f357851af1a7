import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import {
  bitString,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  tagged,
  utcTime,
  utf8String,
  yes,
} from './der.ts'

/** A certificate and its private key, both PEM. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}
/** An authority of the lab's own, and the server certificate that it signed. */
export interface LabCertificates {
  readonly authority: string
  readonly server: Identity
}

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
const day = 24 * 3600 * 1000

/** A fresh authority and a server certificate for these names, so that clients rehearse the check against a CA file. */
export function makeCertificates(
  dnsNames: readonly string[],
  addresses: readonly string[],
  now: Date = new Date(),
): LabCertificates {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rootName = nameOf('Platform CA (rehearsal lab)')
  const rootKeyId = keyId(root.publicKey)
  const authority = certificate({
    issuer: rootName,
    subject: rootName,
    subjectKey: root.publicKey,
    issuerKey: root.privateKey,
    now,
    extensions: [
      extension('2.5.29.19', true, sequence(yes)),
      extension('2.5.29.15', true, bitString(Buffer.from([0b0000_0110]), 1)),
      extension('2.5.29.14', false, octetString(rootKeyId)),
    ],
  })
  const alternatives = [
    ...dnsNames.map((name) => tagged(0x82, Buffer.from(name))),
    ...addresses.map((address) => tagged(0x87, Buffer.from(address.split('.').map(Number)))),
  ]
  const server = certificate({
    issuer: rootName,
    subject: nameOf(dnsNames[0] ?? 'localhost'),
    subjectKey: leaf.publicKey,
    issuerKey: root.privateKey,
    now,
    extensions: [
      extension('2.5.29.19', true, sequence()),
      extension('2.5.29.37', false, sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', false, sequence(...alternatives)),
      extension('2.5.29.35', false, sequence(tagged(0x80, rootKeyId))),
    ],
  })
  return {
    authority: pem(authority),
    server: {
      certificate: pem(server),
      key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  }
}

interface Contents {
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly subjectKey: KeyObject
  readonly issuerKey: KeyObject
  readonly now: Date
  readonly extensions: readonly Buffer[]
}

function certificate(of: Contents): Buffer {
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x7f) | 0x01
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    of.issuer,
    sequence(
      utcTime(new Date(of.now.getTime() - day)),
      utcTime(new Date(of.now.getTime() + 90 * day)),
    ),
    of.subject,
    of.subjectKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...of.extensions)),
  )
  return sequence(body, ecdsaWithSha256, bitString(sign('sha256', body, of.issuerKey)))
}

function nameOf(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))))
}

function extension(identifier: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectIdentifier(identifier), ...(critical ? [yes] : []), octetString(value))
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}

function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
}
