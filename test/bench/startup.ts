import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files for the figures of one process: an inventory of 10,000 hosts, and a playbook of 2,000 tasks. */
export function writeLargeFiles(folder: string): {
  readonly inventory: string
  readonly host: string
  readonly playbook: string
} {
  mkdirSync(folder, { recursive: true })
  const names = Array.from(
    { length: 10_000 },
    (_, i) =>
      `x${1000 + Math.floor(i / 256)}c${Math.floor(i / 32) % 8}s${Math.floor(i / 4) % 8}b0n${i % 4}`,
  )
  const inventory = join(folder, 'ten-thousand.yaml')
  writeFileSync(
    inventory,
    `hosts:\n${names.map((name, i) => `  ${name}: { address: 10.${i >> 16}.${(i >> 8) & 255}.${i & 255} }\n`).join('')}groups:\n  compute:\n    hosts:\n${names.map((name) => `      ${name}:\n`).join('')}`,
  )
  const playbook = join(folder, 'two-thousand.yaml')
  writeFileSync(
    playbook,
    `playbook: Two thousand tasks\nplays:\n  - play: all of them\n    hosts: all\n    tasks:\n${Array.from({ length: 2000 }, (_, i) => tasks[i % tasks.length]!(i)).join('')}`,
  )
  return { inventory, host: names[0]!, playbook }
}

const tasks: readonly ((i: number) => string)[] = [
  (i) =>
    `      - ensure: folder ${i}\n        file: { path: /srv/f${i}, state: directory, mode: '0755' }\n`,
  (i) =>
    `      - ensure: message ${i}\n        copy: { dest: /srv/c${i}, content: "message ${i} on {{ host.name }}\\n" }\n        when: facts.arch == "x86_64"\n`,
  (i) =>
    `      - ensure: line ${i}\n        lineinfile: { path: /etc/hosts, line: 10.0.0.1 h${i} }\n`,
  (i) =>
    `      - ensure: package ${i}\n        package: { name: "p${i}-{{ facts.arch }}" }\n        tags: [packages]\n`,
  (i) =>
    `      - read: answer ${i}\n        command: { argv: [echo, "{{ facts.arch }} ${i}"] }\n        register: r${i}\n`,
]
