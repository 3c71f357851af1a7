import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { type Call, fail, type LabCommand, ok, type Output, parse, type Parsed } from './command.ts'

const notSimulated = (what: string): Output =>
  fail(70, `openssl: the rehearsal lab does not simulate ${what}\n`)

// openssl's own options have one dash: `-noout -enddate`.
function optionsOf(args: readonly string[], flags: string): Parsed {
  return parse(
    args.map((arg) => arg.replace(/^-(?=[a-z]\w)/, '--')),
    flags,
  )
}

async function openssl(call: Call): Promise<Output> {
  const [verb = '', ...args] = call.args
  if (verb === 'version') return ok('OpenSSL 1.1.1l  24 Aug 2021 SUSE release 150500.17.25.1\n')
  if (verb === 'x509') return x509(call, args)
  if (verb === 'verify') return verify(call, args)
  if (verb === 's_client') return client(call, args)
  if (verb === 'rand') return rand(args)
  if (verb === 'dgst') return digest(call, args)
  return notSimulated(verb === '' ? 'its prompt' : verb)
}

async function input(call: Call, path: string | undefined): Promise<string | Output> {
  if (path === undefined) return (await call.stdin()).toString('utf8')
  const full = call.path(path)
  if (call.files.exists(full)) return call.files.readText(full)
  return fail(
    1,
    `Can't open ${path} for reading, No such file or directory\nunable to load certificate\n`,
  )
}

/** The first certificate of a text in PEM. */
function certificateOf(text: string): X509Certificate | null {
  const pem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(text)?.[0]
  try {
    return pem ? new X509Certificate(pem) : null
  } catch {
    return null
  }
}

async function x509(call: Call, args: readonly string[]): Promise<Output> {
  const options = optionsOf(
    args,
    'in= noout enddate startdate dates subject issuer serial fingerprint sha256 sha1 checkend= inform= outform= text ext= nameopt= pubkey',
  )
  if (options.wrong) return fail(1, `x509: Unrecognized flag ${options.wrong}\n`)
  for (const name of ['text', 'pubkey', 'nameopt'])
    if (options.has(name)) return notSimulated(`x509 -${name}`)
  const text = await input(call, options.value('in'))
  if (typeof text !== 'string') return text
  const found = certificateOf(text)
  if (!found) return fail(1, 'unable to load certificate\n')
  const extension = options.value('ext')
  if (extension === 'subjectAltName') return ok(alternatives(found))
  if (extension !== undefined) return notSimulated(`x509 -ext ${extension}`)
  const hash = options.has('sha256') ? 'sha256' : 'sha1'
  const lines: Readonly<Record<string, () => string>> = {
    subject: () => `subject=${nameOf(found.subject)}`,
    issuer: () => `issuer=${nameOf(found.issuer)}`,
    serial: () => `serial=${found.serialNumber}`,
    startdate: () => `notBefore=${found.validFrom}`,
    enddate: () => `notAfter=${found.validTo}`,
    dates: () => `notBefore=${found.validFrom}\nnotAfter=${found.validTo}`,
    fingerprint: () =>
      `${hash.toUpperCase()} Fingerprint=${hash === 'sha256' ? found.fingerprint256 : found.fingerprint}`,
  }
  const asked = args
    .map((arg) => arg.replace(/^-+/, ''))
    .filter((name) => Object.hasOwn(lines, name))
  const out = asked.map((name) => `${lines[name]!()}\n`).join('')
  const seconds = options.value('checkend')
  const ends =
    seconds !== undefined && Date.parse(found.validTo) - Date.now() < Number(seconds) * 1000
  const verdict = seconds === undefined ? '' : `Certificate will ${ends ? '' : 'not '}expire\n`
  const pem = options.has('noout') ? '' : found.toString()
  return { stdout: out + verdict + pem, stderr: '', exitCode: ends ? 1 : 0 }
}

function alternatives({ subjectAltName }: X509Certificate): string {
  return subjectAltName === undefined
    ? 'No extensions in certificate\n'
    : `X509v3 Subject Alternative Name: \n    ${subjectAltName}\n`
}

// As openssl writes names since 1.1: `CN = api-gw, O = HPE`.
function nameOf(text: string): string {
  return text
    .split('\n')
    .map((part) => part.replace('=', ' = '))
    .join(', ')
}

async function verify(call: Call, args: readonly string[]): Promise<Output> {
  const options = optionsOf(args, 'CAfile= verbose')
  const [path] = options.operands
  const text = await input(call, path)
  const named = options.value('CAfile')
  const authority =
    named === undefined ? (call.machine.world.authority?.() ?? '') : await input(call, named)
  if (typeof text !== 'string') return text
  if (typeof authority !== 'string') return authority
  const found = certificateOf(text)
  const issuer = certificateOf(authority)
  if (!found) return fail(1, 'unable to load certificate\n')
  if (issuer && found.verify(issuer.publicKey)) return ok(`${path ?? 'stdin'}: OK\n`)
  return fail(
    2,
    `error ${path ?? 'stdin'}: verification failed\n`,
    `${nameOf(found.subject)}\nerror 20 at 0 depth lookup: unable to get local issuer certificate\n`,
  )
}

async function client(call: Call, args: readonly string[]): Promise<Output> {
  const options = optionsOf(
    args,
    'connect= servername= CAfile= showcerts brief verify_return_error',
  )
  const [host = '', port = '443'] = (options.value('connect') ?? '').split(':')
  const way = call.machine.world.route(host, Number(port))
  if (way === null) return fail(1, 'connect: Connection refused\nconnect:errno=111\n')
  const ca = call.machine.world.authority?.() ?? ''
  return new Promise((resolve) => {
    const socket = connect(
      {
        host: '127.0.0.1',
        port: way,
        servername: options.value('servername') ?? host,
        ca,
        rejectUnauthorized: false,
      },
      () => {
        const peer = socket.getPeerX509Certificate()!
        const code = socket.authorized ? '0 (ok)' : '20 (unable to get local issuer certificate)'
        socket.destroy()
        resolve(
          ok(
            `CONNECTED(00000003)\n---\nCertificate chain\n 0 s:${nameOf(peer.subject)}\n   i:${nameOf(peer.issuer)}\n---\nServer certificate\n${peer.toString()}subject=${nameOf(peer.subject)}\n\nissuer=${nameOf(peer.issuer)}\n\n---\n    Verify return code: ${code}\n---\n`,
          ),
        )
      },
    )
    socket.once('error', (error) => resolve(fail(1, `${error.message}\n`)))
  })
}

function rand(args: readonly string[]): Output {
  const options = optionsOf(args, 'hex base64 out=')
  const [count = ''] = options.operands
  if (!/^\d{1,6}$/.test(count)) return fail(1, 'Usage: rand [flags] num\n')
  const bytes = randomBytes(Number(count))
  if (options.has('hex')) return ok(`${bytes.toString('hex')}\n`)
  return ok(options.has('base64') ? `${bytes.toString('base64')}\n` : bytes)
}

async function digest(call: Call, args: readonly string[]): Promise<Output> {
  const options = optionsOf(args, 'sha256 sha1 sha512 md5 r')
  const name = ['sha1', 'sha512', 'md5'].find((each) => options.has(each)) ?? 'sha256'
  const [path] = options.operands
  const bytes =
    path === undefined
      ? await call.stdin()
      : call.files.exists(call.path(path))
        ? call.files.read(call.path(path))
        : null
  if (bytes === null) return fail(1, `${path}: No such file or directory\n`)
  const hex = createHash(name).update(bytes).digest('hex')
  return ok(
    options.has('r')
      ? `${hex} *${path ?? 'stdin'}\n`
      : `${name.toUpperCase()}(${path ?? 'stdin'})= ${hex}\n`,
  )
}

/** openssl, as far as procedures look at certificates with it. */
export const opensslCommands: readonly LabCommand[] = [
  { names: ['openssl'], package: 'openssl', run: openssl },
]
