// Joins what the compiler made into a few files: Node reads hundreds of small modules more slowly than it runs a book.
import { readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist')

const { output } = await build({
  input: { main: join(dist, 'cli/main.js'), 'background-main': join(dist, 'lab/background-main.js') },
  platform: 'node',
  // These two find files of their own by where they lie.
  external: ['ssh2', 'just-bash'],
  output: { dir: join(dist, 'bin'), format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
})

// What an earlier build left would still be found here, and nowhere else.
const made = new Set(output.map((file) => file.fileName))
for (const name of readdirSync(join(dist, 'bin'))) if (!made.has(name)) rmSync(join(dist, 'bin', name))
