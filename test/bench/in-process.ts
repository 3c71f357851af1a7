// Many hosts in one process: the engine and the report on machines that answer at once. `in-process.ts HOSTS TASKS` prints JSON.
import { createPlainReport } from '../../runner/report/plain.ts'
import { createPaint } from '../../runner/report/screen-text.ts'
import { runPlaybook } from '../../runner/engine/schedule/run-playbook.ts'
import { setting } from '../harness/toys.ts'
import {
  createWorld,
  inventoryOf,
  machine,
  memoryGuesses,
  play,
  task,
} from '../harness/fake-world.ts'

const [hosts = 1000, tasks = 20] = process.argv.slice(2).map(Number)
const names = Array.from(
  { length: hosts },
  (_, i) =>
    `x${1000 + Math.floor(i / 256)}c${Math.floor(i / 32) % 8}s${Math.floor(i / 4) % 8}b0n${i % 4}`,
)
const files = Object.fromEntries(Array.from({ length: tasks }, (_, i) => [`/s${i}`, 'right']))
const world = createWorld(Object.fromEntries(names.map((name) => [name, machine(files)])))
let lines = 0
let bytes = 0
const report = createPlainReport({
  write: (text) => {
    bytes += text.length
    lines += text.split('\n').length - 1
  },
  view: {
    paint: createPaint(false),
    color: false,
    width: 120,
    diff: false,
    verbosity: 0,
    outputs: 'none',
    mode: 'run',
    folder: '/',
  },
  again: { command: () => 'trueup run playbook.yaml' },
})
let exchanges = 0
let largest = 0
const watch = setInterval(() => (largest = Math.max(largest, process.memoryUsage().rss)), 20)
const before = process.memoryUsage().rss
const usage = process.cpuUsage()
const began = performance.now()
const { exit } = await runPlaybook({
  playbook: {
    title: 'many',
    file: 'many.yaml',
    inputs: {},
    sources: [],
    plays: [
      play(
        Array.from({ length: tasks }, (_, i) =>
          task('ensure', `setting ${i} is right`, setting, {
            params: { name: `/s${i}`, value: 'right' },
          }),
        ),
      ),
    ],
  },
  inventory: inventoryOf(names),
  mode: 'run',
  connections: world.connections,
  clock: { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
  emit: (event) => {
    if (event.type === 'exchange') exchanges++
    report(event)
  },
  guesses: memoryGuesses(),
  forks: 50,
  batch: true,
  confirm: null,
  yes: false,
})
clearInterval(watch)
const seconds = (performance.now() - began) / 1000
const { user, system } = process.cpuUsage(usage)
process.stdout.write(
  `${JSON.stringify({ hosts, tasks, exit, seconds, cpu: (user + system) / 1e6, exchanges, lines, bytes, rssBefore: Math.round(before / 2 ** 20), rss: Math.round(Math.max(largest, process.memoryUsage().rss) / 2 ** 20) })}\n`,
)
