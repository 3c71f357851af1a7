import type { ParamSchema } from '../contract/param-schema.ts'

const text = { type: 'string', minLength: 1 } as const
const texts = {
  type: 'array',
  orOne: true,
  items: { ...text, description: 'A text.' },
} as const
const secret = { ...text, secret: true } as const
const secretFile = { ...text, description: 'File that holds nothing but the secret.' } as const

/** The words that say how a host is reached, wherever vars may stand, and what each takes. */
export const connectionWords = {
  address: { ...text, description: "Name or address to connect to; the host's name when absent." },
  port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'TCP port of sshd.' },
  user: { ...text, description: 'User to log in as.' },
  connection: {
    type: 'string',
    enum: ['ssh', 'local'],
    description: '`local` runs on this machine, without SSH.',
  },
  key_files: { ...texts, description: 'Private keys to offer, in this order.' },
  password: { ...secret, description: 'Password to log in with.' },
  password_file: secretFile,
  key_passphrase: { ...secret, description: 'Passphrase of the private keys.' },
  key_passphrase_file: secretFile,
  jump: {
    ...texts,
    description: '`user@host:port` to go through; several are joined by commas, the nearest first.',
  },
  host_keys: {
    type: 'string',
    enum: ['strict', 'accept-new', 'off', 'new-after-boot'],
    description: 'What happens to a host key that is not known.',
  },
  known_hosts_file: { ...text, description: 'File of the known host keys.' },
  transport: {
    type: 'string',
    enum: ['ssh2', 'openssh'],
    description: "What makes the connection: `ssh2` in this process, or the system's own ssh.",
  },
  ssh_config: {
    ...text,
    description: "ssh_config to read in place of ~/.ssh/config and the system's; `none`: no file.",
  },
  connect_timeout: {
    type: 'string',
    format: 'duration',
    description: 'Seconds, or a duration (`30s`), for TCP, handshake and login together.',
  },
  become_password: { ...secret, description: 'Password that sudo asks for.' },
  become_password_file: secretFile,
} as const satisfies Readonly<Record<string, ParamSchema>>
