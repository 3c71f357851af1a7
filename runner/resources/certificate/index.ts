import { ask, stat } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { lastLine } from '../lines.ts'
import { unclear } from '../unclear.ts'
import { certificateIn, covers, linesOf, namesIn, nameOf, timeOf } from './certificate-words.ts'

const x509 = ['openssl', 'x509', '-noout']

/** A certificate, in a file of the host or of a server that the host reaches, is valid for long enough and for these names. */
export const certificate = defineResource({
  name: 'certificate',
  summary:
    'A certificate, in a file of the host or of a server that the host reaches, is valid for long enough and for these names.',
  source:
    'Kubernetes and Bare Metal EtcD Certificate Renewal, "Check current certificates" (openssl x509 -enddate)',
  params: {
    type: 'object',
    exactlyOne: [['path', 'address']],
    needs: { servername: ['address'] },
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        description: 'File in PEM; of several certificates in it the first counts.',
        examples: ['/etc/kubernetes/pki/apiserver.crt'],
      },
      address: {
        type: 'string',
        identity: true,
        pattern: '^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9a-fA-F:]+\\]):[0-9]{1,5}$',
        hint: 'write host:port',
        description: 'Host and port of a server that speaks TLS.',
        examples: ['api-gw-service-nmn.local:443'],
      },
      servername: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9][A-Za-z0-9.-]*$',
        description: 'Name that the server is asked for; the host of the address when left out.',
      },
      valid_for: {
        type: 'string',
        format: 'duration',
        description: 'It must be valid for at least so long from now.',
        examples: ['30d'],
      },
      subject: { type: 'string', matcher: true, description: 'Subject that it must have.' },
      issuer: { type: 'string', matcher: true, description: 'Issuer that it must have.' },
      names: {
        type: 'array',
        orOne: true,
        minItems: 1,
        items: { type: 'string', format: 'line', description: 'Name or address.' },
        description: 'Names and addresses that it must be for.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether the file is there, or the server has one.' },
    lasts: { type: 'boolean', description: 'Whether it is valid for as long as is wanted.' },
    subject: { type: 'string', description: 'Its subject, such as `CN=kube-apiserver`.' },
    issuer: { type: 'string', description: 'Its issuer.' },
    missing: {
      type: 'array',
      items: { type: 'string', description: 'Name.' },
      description: 'Names of the task that it is not for.',
    },
    names: {
      type: 'array',
      items: { type: 'string', description: 'Name.' },
      information: true,
      description: 'Names and addresses that it is for.',
    },
    starts: { type: 'string', information: true, description: 'When it begins to be valid.' },
    expires: {
      type: 'string',
      information: true,
      description: 'When it ends, such as `2027-01-01T00:00:00Z`.',
    },
    serial: { type: 'string', information: true, description: 'Its serial number.' },
    fingerprint: { type: 'string', information: true, description: 'Its SHA-256 fingerprint.' },
  },
  probe: ({ path, address, servername, valid_for }, seen) => {
    const served = address === undefined ? null : certificateIn(seen['server']?.stdout ?? '')
    const isGiven = path !== undefined || served !== null
    const look = (...args: readonly string[]) =>
      isGiven
        ? ask(
            [...x509, ...(path === undefined ? [] : ['-in', path]), ...args],
            [0, 1],
            served === null ? {} : { stdin: served },
          )
        : undefined
    return {
      file: path === undefined ? undefined : stat(path, { follow: true }),
      server: address === undefined ? undefined : serverOf(address, servername),
      text: look('-subject', '-issuer', '-dates', '-serial', '-fingerprint', '-sha256'),
      names: look('-ext', 'subjectAltName'),
      // 1: it ends before.
      end: look('-checkend', String(valid_for ?? 0)),
    }
  },
  observe: ({ file, server, text, names, end }, { path, address, names: wanted }) => {
    if (file?.exists === false) return none
    if (text === undefined || names === undefined || end === undefined)
      return unclear(
        `${address} does not give a certificate: ${lastLine(server?.stderr ?? '') || 'it says nothing'}`,
        `try it on the host: openssl s_client -connect ${address}`,
      )
    if (text.exit !== 0)
      return unclear(
        `openssl finds no certificate in ${path ?? address}: ${lastLine(text.stderr) || 'it says nothing'}`,
        'the file must hold a certificate in PEM',
      )
    const said = linesOf(text.stdout)
    const found = namesIn(names.stdout)
    return {
      exists: true,
      lasts: end.exit === 0,
      subject: nameOf(said['subject']),
      issuer: nameOf(said['issuer']),
      missing: (wanted ?? []).filter((each) => !covers(found, each)),
      names: found,
      starts: timeOf(said['notBefore']),
      expires: timeOf(said['notAfter']),
      serial: said['serial'] ?? null,
      fingerprint: said['SHA256 Fingerprint'] ?? said['sha256 Fingerprint'] ?? null,
    }
  },
  desire: ({ valid_for, subject, issuer, names }) => ({
    exists: true,
    lasts: valid_for === undefined ? undefined : true,
    subject,
    issuer,
    missing: names === undefined ? undefined : [],
  }),
})

const none = {
  exists: false,
  lasts: null,
  subject: null,
  issuer: null,
  missing: null,
  names: null,
  starts: null,
  expires: null,
  serial: null,
  fingerprint: null,
} as const

// A server that says nothing would be listened to until the end of the time limit.
function serverOf(address: string, servername: string | undefined) {
  const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '')
  const argv = ['openssl', 's_client', '-connect', address, '-servername', servername ?? host]
  return ask(argv, 'any', { stdin: '', ahead: false, timeout: 20 })
}
