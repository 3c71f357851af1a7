/** A manifest to begin with: a file that says one line. */
export function startManifest(name: string): string {
  return `# A resource type: what a task may write, what is read, what that means, what is wanted, and how it is repaired.
type: ${name}
summary: A file says one line and nothing else.

params:
  required: [path]
  properties:
    path: { type: string, format: path, identity: true, description: The file. }
    line: { type: string, pattern: '^[^\\n]*$', description: What it says. }

state:
  line: { type: string, description: What the file says; null without a file. }

probe:
  file: { read: text, path: "{{ path }}" }

observe:
  line: { from: file, otherwise: null }

desire:
  line: "{{ line }}"

change:
  - on: line
    title: write {{ path }}
    effect: replaces # what the file said is gone: it is written only where the file is as it was read
    guard: file
    write: { path: "{{ path }}", content: "{{ line }}\\n", mode: "0644" }
`
}

/** The same in TypeScript. */
export function startModule(name: string): string {
  return `import { defineResource, text } from 'trueup/contract'

export default defineResource({
  name: '${name}',
  summary: 'A file says one line and nothing else.',
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      path: { type: 'string', format: 'path', identity: true, description: 'The file.' },
      line: { type: 'string', pattern: '^[^\\\\n]*$', description: 'What it says.' },
    },
  },
  state: {
    line: { type: 'string', description: 'What the file says; null without a file.' },
  },
  probe: ({ path }) => ({ file: text(path) }),
  observe: ({ file }) => ({ line: file.exists ? file.text.trim() : null }),
  desire: ({ line }) => ({ line }),
  change: (_diff, { path, line }) => [
    // What the file said is gone: it is written only where the file is as it was read.
    { title: \`write \${path}\`, repairs: ['line'], effect: 'replaces', guard: ['file'], actions: [{ do: 'write', path, content: \`\${line}\\n\`, mode: '0644' }] },
  ],
})
`
}

/** Cases that hold for both. */
export const startCases = `# What is read is given, so that no host is needed. A case where nothing differs, one where something does, and a read
# that fails are asked for; \`then\` is what is read after the change, and must be what was wanted.
- name: the file says it already
  params: { path: /etc/motd, line: Welcome }
  reads:
    file: { text: "Welcome\\n" }
  state: { line: Welcome }
  diff: {}

- name: the file says something else
  params: { path: /etc/motd, line: Welcome }
  reads:
    file: { text: "Go away\\n" }
  diff: { line: [Go away, Welcome] }
  changes: [write /etc/motd]
  does: [{ do: write, path: /etc/motd, content: "Welcome\\n", mode: "0644" }]
  then:
    file: { text: "Welcome\\n" }

- name: the file does not exist yet
  params: { path: /etc/motd, line: Welcome }
  reads:
    file: { exists: false }
  diff: { line: [null, Welcome] }
  does: [{ do: write, content: "Welcome\\n" }]
  then:
    file: { exists: true, text: "Welcome\\n" }

- name: a file that may not be read says nothing
  params: { path: /etc/motd, line: Welcome }
  reads:
    file: { failed: denied }
  fails: read/denied
`

/** A playbook to begin with. */
export const startPlaybook = `playbook: A first playbook
inputs:
  note: { type: string, default: /tmp/trueup-note.txt, description: The file that this playbook writes }
plays:
  - play: this machine has a note
    hosts: localhost
    tasks:
      - ensure: the note says hello
        copy: { dest: "{{ note }}", content: "Hello from trueup\\n", mode: "0644" }
      - require: there is room for more
        disk_space: { path: /tmp, free: { at_least: 1M } }
`
