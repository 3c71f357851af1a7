// The floor: a bare ssh2 loop that ships all checks in one exec. `floor.mjs KEY WIDTH SCRIPT PORT…`
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'

const [keyFile, width, script, ...ports] = process.argv.slice(2)
const privateKey = readFileSync(keyFile)
let next = 0
let bytes = 0

function one(port, name) {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.on('error', reject)
    client.on('close', () => resolve())
    client.on('ready', () => {
      client.setNoDelay(true)
      client.exec(`set -- ${name}; ${script}`, (error, channel) => {
        if (error) return reject(error)
        channel.on('data', (chunk) => (bytes += chunk.length))
        channel.stderr.resume()
        channel.on('close', () => client.end())
      })
    })
    client.connect({ host: '127.0.0.1', port, username: 'root', privateKey })
  })
}

async function worker() {
  while (next < ports.length) {
    const i = next++
    await one(Number(ports[i]), `n${String(i).padStart(4, '0')}`)
  }
}
await Promise.all(Array.from({ length: Number(width) }, worker))
process.stdout.write(`${ports.length} hosts, ${bytes} bytes read\n`)
