import { spawnSync } from 'node:child_process'
import { createReadStream, mkdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { join, normalize } from 'node:path'
import { built, debian, gateway, packages, storage, work } from './places.ts'

const serve: RequestListener = (request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname))
  const file = path.startsWith('/repository/')
    ? join(built, path)
    : path.startsWith('/storage')
      ? join(storage, path)
      : path.startsWith('/apt/')
        ? join(debian, path)
        : path.startsWith('/packages/')
          ? join(packages, path.slice('/packages/'.length))
          : path === '/ca.crt'
            ? join(built, 'tls/ca.crt')
            : ''
  const size = file === '' ? undefined : statSync(file, { throwIfNoEntry: false })
  if (!size?.isFile()) {
    response.writeHead(404).end('not found\n')
    return
  }
  response.writeHead(200, {
    'content-length': size.size,
    'content-type': 'application/octet-stream',
  })
  createReadStream(file).pipe(response)
}

/** Starts packages.local, by HTTP and by HTTPS with the private authority, and makes the key that opens every node. */
export async function setup(): Promise<() => Promise<void>> {
  mkdirSync(join(work, 'nodes'), { recursive: true })
  spawnSync(
    'ssh-keygen',
    ['-q', '-t', 'ed25519', '-N', '', '-C', 'runner', '-f', join(work, 'id_ed25519')],
    { stdio: 'inherit' },
  )
  const servers: Server[] = [
    createServer(serve),
    createSecureServer(
      {
        key: readFileSync(join(built, 'tls/server.key')),
        cert: readFileSync(join(built, 'tls/server.crt')),
      },
      serve,
    ),
  ]
  await Promise.all(
    servers.map(
      (server, at) =>
        new Promise<void>((resolve) => server.listen(at === 0 ? 80 : 443, gateway, resolve)),
    ),
  )
  return async () => {
    for (const server of servers) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
