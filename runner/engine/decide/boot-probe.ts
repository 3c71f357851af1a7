import { text, type Probe } from '../../contract/probe.ts'

/** What the kernel calls the running boot: another identifier after each. */
export const bootProbe: Probe = text('/proc/sys/kernel/random/boot_id')
