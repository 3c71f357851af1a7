import { hostOrders, type Verb } from '../model/playbook.ts'
import { plainJsonSchema } from '../schema/value-json-schema.ts'

/** A key of a playbook: how it is described to editors, and its JSON Schema. */
export interface Keyword {
  readonly description: string
  readonly schema: object
}

const text = { type: 'string' }
const condition = {
  anyOf: [
    { type: ['string', 'boolean'] },
    { type: 'array', items: { type: ['string', 'boolean'] } },
  ],
}
const duration = plainJsonSchema({
  type: 'string',
  format: 'duration',
  description: 'A time.',
  examples: ['30s', '10m', '1h30m'],
})
const names = { anyOf: [text, { type: 'array', items: text }] }
const flag = { type: 'boolean' }

/** What teaches a person: beside a verb, on a block and on a play. */
const teachingKeywords: Readonly<Record<string, Keyword>> = {
  why: { description: 'Why it is done, for the page of the playbook.', schema: text },
  warning: { description: 'What to beware of before it is done.', schema: text },
  example_output: {
    description: 'What a person sees when it goes well: an output as an example.',
    schema: text,
  },
  when_it_fails: {
    description: 'What to look at when it fails. It is shown with the failure.',
    schema: text,
  },
}

/** The verbs, and what the sentence behind each says. */
export const verbKeywords: Readonly<Record<Verb, Keyword>> = {
  ensure: {
    description:
      'What is to be true. Reads it, compares, repairs only what differs, and reads it back.',
    schema: text,
  },
  require: {
    description:
      'What must be true already: the same comparison, never a repair. Takes a type, `that`, or both.',
    schema: text,
  },
  wait: {
    description:
      'What will be true: the same comparison, with `that` also a condition, until it holds (`for`, `every`).',
    schema: text,
  },
  read: {
    description:
      'What is read: registers the current state. Needs only the params that say which thing is meant.',
    schema: text,
  },
  run: {
    description:
      'What is done: a `command` or `http` call that has no state of its own, or an event such as a reboot, beside what spares it.',
    schema: text,
  },
  confirm: {
    description: 'What only a person can do or decide: asks, and goes on after yes.',
    schema: text,
  },
}

/** The keywords that stand beside a verb. */
export const taskKeywords: Readonly<Record<string, Keyword>> = {
  that: {
    description:
      '`require` and `wait`: a condition, or a list of which all must hold. Beside a type it sees what that has read, in the words of its register.',
    schema: condition,
  },
  text: {
    description:
      '`confirm` only: what is shown with the question. It may have lines and templates.',
    schema: text,
  },
  attended: {
    description:
      '`confirm` only: only a person at a terminal answers it. `--yes` does not; `--confirm SENTENCE` does.',
    schema: flag,
  },
  answer: {
    description:
      '`confirm` only: a value is typed in the place of yes, and must match this pattern. The register has it as `answer`, and the log keeps it. `--yes` does not answer it; `--confirm "SENTENCE=VALUE"` does.',
    schema: text,
  },
  when: {
    description: 'A condition, or a list of which all must hold; else the task is skipped.',
    schema: condition,
  },
  loop: { description: 'A list or a map: the task is done for each `item`.', schema: {} },
  label: {
    description: 'Beside `loop`: how each item is named on the screen, such as `{{ item.name }}`.',
    schema: text,
  },
  register: {
    description: 'The name under which later tasks find what this one read or did.',
    schema: text,
  },
  notify: {
    description:
      'The sentence of a handler, or several, that runs when this task changed something.',
    schema: names,
  },
  tags: { description: 'Words to choose tasks by.', schema: names },
  become: {
    description: 'Whether it is done as another user (`become_user`, root when absent).',
    schema: flag,
  },
  become_user: { description: 'The user to become.', schema: text },
  delegate_to: {
    description: 'The host whose connection is used; the subject stays this host.',
    schema: text,
  },
  run_once: { description: 'Done by the first host of the play only.', schema: flag },
  barrier: { description: 'All hosts of the play meet before this task.', schema: flag },
  flush_handlers: {
    description:
      'Before this task each host runs the handlers that were notified so far; else they run at the end of the play.',
    schema: flag,
  },
  retries: {
    description: 'How often it is tried again after a failure.',
    schema: { type: 'integer', minimum: 0 },
  },
  delay: { description: 'Time between two tries.', schema: duration },
  backoff: {
    description:
      'How many times longer than the one before each pause between two tries is; none grows past ten minutes.',
    schema: { type: 'number', minimum: 1, maximum: 10 },
  },
  timeout: {
    description:
      'Time that each command or read of this task may take, and without `for` how long the task waits for what it began.',
    schema: duration,
  },
  ignore_errors: {
    description:
      'A failure of this task does not stop its host. Never covers a refused guard or an unreachable host.',
    schema: flag,
  },
  no_log: { description: 'Nothing of this task is shown: no diff, no output.', schema: flag },
  environment: {
    description: 'Environment variables of its commands.',
    schema: { type: 'object', additionalProperties: text },
  },
  vars: { description: 'Vars of this task alone.', schema: { type: 'object' } },
  for: { description: 'How long `wait` waits, or a change is given to settle.', schema: duration },
  every: { description: 'Time between two readings.', schema: duration },
  creates: { description: '`run` only: not run when this path is there.', schema: text },
  removes: { description: '`run` only: not run when this path is gone.', schema: text },
  unless: { description: '`run` only: not run when this command exits with 0.', schema: names },
  failed_when: {
    description:
      'What a failure is, in terms of its own result: of a `run`, of what is read, and of what a `wait` need not wait for any more.',
    schema: condition,
  },
  changed_when: {
    description: '`run` only: what a change is, in terms of its own result.',
    schema: condition,
  },
  ...teachingKeywords,
  block: {
    description: 'Tasks that share keywords and are rescued together.',
    schema: { type: 'array', items: { $ref: '#/$defs/task' } },
  },
  rescue: {
    description: 'Tasks that run when one of the block failed.',
    schema: { type: 'array', items: { $ref: '#/$defs/task' } },
  },
  always: {
    description: 'Tasks that run after the block, whatever happened.',
    schema: { type: 'array', items: { $ref: '#/$defs/task' } },
  },
  include: {
    description: 'A file with a list of tasks, or (among plays) another playbook.',
    schema: text,
  },
  inputs: {
    description: 'Beside `include`: vars for what is included.',
    schema: { type: 'object' },
  },
}

/** Keywords that a block hands to its tasks. */
export const blockKeywords: readonly string[] = [
  'block',
  'rescue',
  'always',
  'when',
  'tags',
  'become',
  'become_user',
  'delegate_to',
  'run_once',
  'ignore_errors',
  'no_log',
  'environment',
  'vars',
  'notify',
  'timeout',
  'retries',
  'delay',
  'backoff',
  'loop',
  'label',
  ...Object.keys(teachingKeywords),
]
/** Keywords beside `include`. */
export const includeKeywords: readonly string[] = [
  'include',
  'inputs',
  'loop',
  'label',
  'when',
  'tags',
  'become',
  'become_user',
  'delegate_to',
]
/** Keywords that only some verbs know. */
export const verbsOfKeyword: Readonly<Record<string, readonly Verb[]>> = {
  that: ['require', 'wait'],
  creates: ['run'],
  removes: ['run'],
  unless: ['run'],
  failed_when: ['run', 'read', 'require', 'wait'],
  changed_when: ['run'],
  for: ['wait', 'ensure'],
  every: ['wait', 'ensure'],
  text: ['confirm'],
  attended: ['confirm'],
  answer: ['confirm'],
}

/** The keys of a play. */
export const playKeywords: Readonly<Record<string, Keyword>> = {
  play: { description: 'What this play makes true.', schema: text },
  hosts: {
    description:
      'A pattern of the inventory: names, groups, ranges; `,` adds, `!` removes, `&` intersects.',
    schema: text,
  },
  vars: { description: 'Vars of this play.', schema: { type: 'object' } },
  vars_files: {
    description: 'YAML files with vars, relative to the playbook.',
    schema: { type: 'array', items: text },
  },
  become: taskKeywords['become']!,
  become_user: taskKeywords['become_user']!,
  strategy: {
    description: '`free`: hosts move on independently. `linear`: all hosts meet before each task.',
    schema: { enum: ['free', 'linear'] },
  },
  serial: {
    description:
      'Hosts per pass: a number, a percentage, `cabinet`, `chassis` or `slot` (all that lie in one), or a list of them: `[1, chassis]` sends one ahead.',
    schema: {
      anyOf: [
        { type: ['integer', 'string'] },
        { type: 'array', items: { type: ['integer', 'string'] } },
      ],
    },
  },
  order: {
    description:
      'The order in which hosts begin: `sorted` (by name, numbers as numbers; the default), `reverse`, `inventory` (as it is written), or a list of hosts and groups, the first ones first.',
    schema: {
      anyOf: [{ enum: [...hostOrders] }, text, { type: 'array', items: text, minItems: 1 }],
    },
  },
  max_fail_percentage: {
    description: 'Failed hosts, in percent of a pass, above which the play ends.',
    schema: { type: 'number', minimum: 0, maximum: 100 },
  },
  max_unreachable: {
    description:
      'Hosts that may be unreachable in a pass (a number, or a percentage); with it, they do not count as failed.',
    schema: { type: ['integer', 'string'], minimum: 0 },
  },
  meet_at_end: {
    description:
      '`false`: a host goes on to the next play without waiting for the others. Not where hosts meet in one of the two plays.',
    schema: flag,
  },
  environment: taskKeywords['environment']!,
  tags: taskKeywords['tags']!,
  ...teachingKeywords,
  tasks: {
    description: 'What is made true, in this order.',
    schema: { type: 'array', items: { $ref: '#/$defs/task' } },
  },
  handlers: {
    description: 'Tasks that run once per host when a change notified them, in this order.',
    schema: { type: 'array', items: { $ref: '#/$defs/task' } },
  },
}

/** Ansible's words that are spelled otherwise here, and how. */
export const taskHints: Readonly<Record<string, string>> = {
  name: 'begin with a verb and its sentence: `ensure: <what is true>`',
  shell: 'write `run: <sentence>` with `command: { cmd: … }`',
  raw: 'write `run: <sentence>` with `command: { cmd: … }`',
  script: 'copy the script with `copy`, then `run` it with `command`',
  until:
    'write `wait: <sentence>` with a type, `that: <condition>` beside it, and `for:` and `every:`',
  set_fact: 'write the value under `vars:`, with !expr where it is computed',
  debug: 'write `read: <sentence>` with `print: { value: … }`',
  assert: 'write `require: <sentence>` with `that: <condition>`',
  fail: 'write `require: <sentence>` with `that: <condition>`',
  wait_for: 'write `wait: <sentence>` with the type of what is waited for',
  wait_for_connection:
    'write `wait: <sentence>` with `command: { argv: ["true"] }`; unreachable means not yet',
  pause: 'write `confirm: <sentence>` for a person, `wait:` for a machine',
  stat: 'write `read: <sentence>` with `file: { path: … }`',
  slurp: 'write `read: <sentence>` with the type of what is read',
  service: 'write `systemd_service:`',
  systemd: 'write `systemd_service:`',
  yum: 'write `package:`',
  dnf: 'write `package:`',
  apt: 'write `package:`',
  zypper: 'write `package:`',
  modprobe: 'write `kernel_module:`',
  uri: 'write `http:`',
  get_url: 'write `download:`',
  unarchive: 'write `unpack:`; it wants `creates:`',
  apt_repository: 'write `package_repository:`',
  deb822_repository: 'write `package_repository:`',
  yum_repository: 'write `package_repository:`',
  dnf_repository: 'write `package_repository:`',
  include_tasks: 'write `include: file.yaml`',
  import_tasks: 'write `include: file.yaml`',
  include_role: 'write `include: file.yaml`',
  import_role: 'write `include: file.yaml`',
  include_vars: 'write `vars_files:` on the play',
  meta: 'for flush_handlers write `flush_handlers: true` on the task that comes next; for a barrier `barrier: true`',
  loop_control: 'a loop has one name: `item`; how its items are shown says `label:` beside `loop:`',
  ini_file: 'write `lineinfile:`, or the whole file with `template:`',
  replace: 'write `lineinfile:` with `regexp:`, or the whole file with `template:`',
  timezone:
    'write `file:` with `path: /etc/localtime`, `state: link` and `src: /usr/share/zoneinfo/UTC`',
  known_hosts: 'write `lineinfile:` with the line of the known_hosts file',
  find: 'write `read: <sentence>` with `command: { argv: [find, …] }`',
  synchronize: 'write `copy_folder:`; `copy:` for a file, `unpack:` for very many',
  assemble: 'write `template:`',
  tempfile: 'write `file:` with a path of its own',
  getent: 'write `read: <sentence>` with `user:` or `group:`',
  setup: 'facts are read when a playbook uses them: `{{ facts.os }}`',
  gather_facts: 'facts are read when a playbook uses them: `{{ facts.os }}`',
  ping: 'write `wait: <sentence>` with `command: { argv: ["true"] }`',
  package_facts: 'write `read: <sentence>` with `package:`',
  service_facts: 'write `read: <sentence>` with `systemd_service:`',
  systemd_service_facts: 'write `read: <sentence>` with `systemd_service:`',
  dnf5: 'write `package:`',
  apt_key: 'write `package_repository:`',
  rpm_key: 'write `run: <sentence>` with `command: { argv: [rpm, --import, …] }` and `unless:`',
  sysvinit: 'write `systemd_service:`',
  become_flags: 'sudo is the one way',
  async: 'write `wait:` with `for:` behind it',
  poll: 'write `every:`',
  check_mode: 'plan and run are commands: `trueup plan`',
  diff: 'a diff is asked for on the command line: --diff',
  become_method: 'sudo is the one way',
  listen: 'notify names a handler by its sentence',
  local_action: 'write `delegate_to: localhost`',
  throttle: 'write `serial:` on the play',
  any_errors_fatal: 'write `max_fail_percentage: 0` on the play',
  args: 'write params in the map of the type',
  with_items: 'write `loop:`',
  with_dict: 'write `loop:`; a map gives item.key and item.value',
  with_fileglob: 'write `loop:` with the list',
}

/** The same for plays and playbooks. */
export const playHints: Readonly<Record<string, string>> = {
  name: 'write `play: <what it makes true>`',
  gather_facts: 'remove it: only the facts that are used are read',
  roles: 'write `include: file.yaml` among the tasks',
  pre_tasks: 'put them first among the tasks, or in a play of their own',
  post_tasks: 'put them last among the tasks, or in a play of their own',
  vars_prompt: 'declare them under `inputs:` of the playbook',
  any_errors_fatal: 'write `max_fail_percentage: 0`',
  import_playbook: 'write `include: playbook.yaml`',
  connection: 'the inventory says how a host is reached',
  remote_user: 'write `user:` in the inventory',
  become_method: 'sudo is the one way',
  user: 'write it in the inventory',
  force_handlers: 'a task that changed something owes its notify although it failed',
}
