// The floor of kept connections: a bare ssh2 loop over connections that are open already. `floor-kept.mjs KEY WIDTH SCRIPT PASSES PORT…`
// prints a line of JSON: seconds and CPU seconds of each pass.
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'

const [keyFile, width, script, passes, ...ports] = process.argv.slice(2)
const privateKey = readFileSync(keyFile)

function open(port) {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.on('error', reject)
    client.on('ready', () => {
      client.setNoDelay(true)
      resolve(client)
    })
    client.connect({ host: '127.0.0.1', port: Number(port), username: 'root', privateKey })
  })
}

function run(client, name) {
  return new Promise((resolve, reject) => {
    client.exec(`set -- ${name}; ${script}`, (error, channel) => {
      if (error) return reject(error)
      channel.resume()
      channel.stderr.resume()
      channel.on('close', resolve)
    })
  })
}

async function each(items, work) {
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const i = next++
      await work(items[i], i)
    }
  }
  await Promise.all(Array.from({ length: Number(width) }, worker))
}

const clients = []
await each(ports, async (port, i) => (clients[i] = await open(port)))
const told = []
for (let pass = 0; pass < Number(passes); pass++) {
  const before = process.cpuUsage()
  const began = performance.now()
  await each(clients, (client, i) => run(client, `n${String(i).padStart(4, '0')}`))
  const { user, system } = process.cpuUsage(before)
  told.push({ wall: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 })
}
process.stdout.write(`${JSON.stringify(told)}\n`)
for (const client of clients) client.end()
