import { isIP } from 'node:net'
import { request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { type Call, fail, type LabCommand, type Output, parse, type Parsed } from './command.ts'

const flags =
  's silent S show-error k insecure f fail fail-with-body i include I head L location v verbose g globoff G get compressed 4 6 N no-buffer X= request= d= data= data-ascii= data-raw= data-binary= data-urlencode= json= H= header= o= output= O remote-name w= write-out= u= user= cacert= m= max-time= connect-timeout= retry= retry-delay= A= user-agent= T= upload-file= url='

/** What is sent, and whom the answer is believed from. */
interface Sending {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
  /** PEM of the authorities; null where the certificate is not checked. */
  readonly authorities: string | null
  readonly seconds: number
}

interface Answered {
  readonly status: number
  readonly words: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Why no answer came: curl's exit, and its words. */
interface NoAnswer {
  readonly exit: number
  readonly words: string
}

async function curl(call: Call): Promise<Output> {
  const options = parse(call.args, flags)
  const [typed, ...others] = [...options.all('url'), ...options.operands]
  if (options.wrong || typed === undefined || others.length > 0)
    return fail(
      2,
      options.wrong
        ? `curl: ${options.wrong}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`
        : typed === undefined
          ? 'curl: no URL specified!\n'
          : 'curl: the rehearsal lab asks one URL at a time\n',
    )
  const sending = await sendingOf(call, options, typed)
  const answered = 'exit' in sending ? sending : await send(call, sending)
  if ('exit' in answered) return said(options, answered)
  return printed(call, options, answered, 'exit' in sending ? null : sending)
}

async function sendingOf(call: Call, options: Parsed, typed: string): Promise<Sending | NoAnswer> {
  const text = /^\w+:\/\//.test(typed) ? typed : `http://${typed}`
  if (!URL.canParse(text)) return { exit: 3, words: 'URL using bad/illegal format or missing URL' }
  const url = new URL(text)
  const data = await dataOf(call, options)
  if (data !== null && 'exit' in data) return data
  const isQuery = options.has('G', 'get')
  if (isQuery && data) url.search = [url.search.slice(1), data.toString()].filter(Boolean).join('&')
  const lines = await headerLines(call, options)
  if ('exit' in lines) return lines
  const authorities = authoritiesOf(call, options)
  if (authorities !== null && typeof authorities === 'object') return authorities
  return {
    url,
    method:
      options.value('X', 'request') ??
      (options.has('I', 'head') ? 'HEAD' : data !== null && !isQuery ? 'POST' : 'GET'),
    headers: headersOf(options, lines, isQuery ? null : data),
    body: isQuery ? null : data,
    authorities,
    seconds: Number(options.value('m', 'max-time') ?? 300),
  }
}

/** What `-d` and its kin send; null where nothing is. */
async function dataOf(call: Call, options: Parsed): Promise<Buffer | NoAnswer | null> {
  const parts: Buffer[] = []
  for (const name of ['d', 'data', 'data-ascii', 'data-raw', 'data-binary', 'json']) {
    for (const value of options.all(name)) {
      const bytes =
        value.startsWith('@') && name !== 'data-raw'
          ? await bytesOf(call, value.slice(1))
          : Buffer.from(value)
      if ('exit' in bytes) return bytes
      // Of a file `-d` takes the line ends out; `--data-binary` leaves them.
      const isAscii = value.startsWith('@') && name !== 'data-binary' && name !== 'json'
      parts.push(
        isAscii ? Buffer.from(bytes.toString('latin1').replace(/[\r\n]/g, ''), 'latin1') : bytes,
      )
    }
  }
  for (const value of options.all('data-urlencode')) {
    const [name, text] = value.includes('=') ? split(value, '=') : ['', value]
    parts.push(Buffer.from(`${name === '' ? '' : `${name}=`}${encodeURIComponent(text)}`))
  }
  if (parts.length === 0) return null
  return Buffer.concat(
    parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('&'), part])),
  )
}

async function bytesOf(call: Call, path: string): Promise<Buffer | NoAnswer> {
  if (path === '-') return call.stdin()
  const full = call.path(path)
  if (call.files.exists(full)) return Buffer.from(call.files.read(full))
  return { exit: 26, words: `Failed to open ${path}` }
}

/** The lines of `-H`, also those of a file: `-H @FILE`. */
async function headerLines(call: Call, options: Parsed): Promise<readonly string[] | NoAnswer> {
  const lines: string[] = []
  for (const value of options.all('H', 'header')) {
    if (!value.startsWith('@')) lines.push(value)
    else {
      const bytes = await bytesOf(call, value.slice(1))
      if ('exit' in bytes) return bytes
      lines.push(...bytes.toString('utf8').split(/\r?\n/).filter(Boolean))
    }
  }
  return lines
}

function headersOf(
  options: Parsed,
  lines: readonly string[],
  data: Buffer | null,
): Record<string, string> {
  const given = Object.fromEntries(
    lines
      .filter((line) => line.includes(':'))
      .map((line) => {
        const [name, value] = split(line, ':')
        return [name.trim().toLowerCase(), value.trim()]
      }),
  )
  const user = options.value('u', 'user')
  const json = options.all('json').length > 0
  return {
    'user-agent': options.value('A', 'user-agent') ?? 'curl/8.6.0',
    accept: json ? 'application/json' : '*/*',
    ...(user === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
    ...(data === null
      ? {}
      : {
          'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
          'content-length': String(data.length),
        }),
    ...given,
  }
}

function authoritiesOf(call: Call, options: Parsed): string | NoAnswer | null {
  if (options.has('k', 'insecure')) return null
  const named = options.value('cacert')
  if (named === undefined) return call.machine.world.authority?.() ?? ''
  const path = call.path(named)
  if (call.files.exists(path)) return call.files.readText(path)
  return { exit: 77, words: `error setting certificate file: ${named}` }
}

function send(call: Call, sending: Sending): Promise<Answered | NoAnswer> {
  const { url } = sending
  const { world } = call.machine
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const repository = world.repository(url.href.replace(/\/(?:repodata\/.*)?$/, ''))
  if (url.hostname === 'packages.local' && repository.state !== 'dead')
    return Promise.resolve(
      repository.state === 'served'
        ? {
            status: 200,
            words: 'OK',
            headers: { 'content-type': 'text/html' },
            body: Buffer.from(''),
          }
        : { status: 404, words: 'Not Found', headers: {}, body: Buffer.from('') },
    )
  const way = world.route(url.hostname, port)
  if (way === null) {
    // A node reaches the lab's own services alone: an address of this machine is a closed port.
    const isKnown =
      isIP(url.hostname) !== 0 ||
      url.hostname === 'localhost' ||
      (world.resolve?.(url.hostname) ?? null) !== null
    return Promise.resolve({
      exit: isKnown ? 7 : 6,
      words: isKnown
        ? `Failed to connect to ${url.hostname} port ${port} after 1 ms: Couldn't connect to server`
        : `Could not resolve host: ${url.hostname}`,
    })
  }
  return ask(call, sending, way)
}

function ask(call: Call, sending: Sending, way: number): Promise<Answered | NoAnswer> {
  const { url, method, headers, body, authorities, seconds } = sending
  return new Promise((resolve) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: way,
        servername: url.hostname,
        agent: false,
        method,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host, ...headers },
        timeout: seconds * 1000,
        signal: call.signal,
        ...(authorities === null ? { rejectUnauthorized: false } : { ca: authorities }),
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            words: response.statusMessage ?? '',
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    asking.on('timeout', () => {
      asking.destroy()
      resolve({
        exit: 28,
        words: `Operation timed out after ${seconds * 1000} milliseconds with 0 bytes received`,
      })
    })
    asking.on('error', (error: NodeJS.ErrnoException) => resolve(faultOf(error)))
    asking.end(body ?? undefined)
  })
}

function faultOf(error: NodeJS.ErrnoException): NoAnswer {
  const isCertificate = /CERT|SELF_SIGNED|ISSUER|ALTNAME|LEAF_SIGNATURE/.test(error.code ?? '')
  return isCertificate
    ? {
        exit: 60,
        words:
          'SSL certificate problem: unable to get local issuer certificate\nMore details here: https://curl.se/docs/sslcerts.html',
      }
    : { exit: 56, words: `Recv failure: ${error.message}` }
}

function said(options: Parsed, { exit, words }: NoAnswer): Output {
  const isSilent = options.has('s', 'silent') && !options.has('S', 'show-error')
  return fail(exit, isSilent ? '' : `curl: (${exit}) ${words}\n`)
}

function printed(call: Call, options: Parsed, answered: Answered, sending: Sending | null): Output {
  const { status, words, headers, body } = answered
  if (options.has('f', 'fail') && status >= 400) {
    const failed = said(options, { exit: 22, words: `The requested URL returned error: ${status}` })
    return { ...failed, stdout: writeOut(options, answered, sending) }
  }
  const head = `HTTP/1.1 ${status} ${words}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${String(value)}\r\n`)
    .join('')}\r\n`
  const shown = Buffer.concat([
    ...(options.has('i', 'include', 'I', 'head') ? [Buffer.from(head)] : []),
    ...(options.has('I', 'head') ? [] : [body]),
  ])
  const named =
    options.value('o', 'output') ??
    (options.has('O', 'remote-name') ? sending?.url.pathname.split('/').at(-1) : undefined)
  if (named !== undefined && named !== '-') call.files.write(call.path(named), shown)
  const exit = options.has('fail-with-body') && status >= 400 ? 22 : 0
  return {
    stdout: Buffer.concat([
      ...(named === undefined || named === '-' ? [shown] : []),
      Buffer.from(writeOut(options, answered, sending)),
    ]),
    stderr: '',
    exitCode: exit,
  }
}

function writeOut(
  options: Parsed,
  { status, body, headers }: Answered,
  sending: Sending | null,
): string {
  const values: Readonly<Record<string, string>> = {
    http_code: String(status),
    response_code: String(status),
    size_download: String(body.length),
    content_type: headers['content-type'] ?? '',
    url_effective: sending?.url.href ?? '',
    method: sending?.method ?? '',
  }
  return (options.value('w', 'write-out') ?? '')
    .replace(/%\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** curl, as far as it reaches the services of the lab and its repositories. */
export const curlCommands: readonly LabCommand[] = [{ names: ['curl'], package: 'curl', run: curl }]
