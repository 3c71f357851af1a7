import type { ProduceAction } from '../contract/change.ts'

/** Copies a file of the host: the copy is made beside its place, and takes the place whole. */
export function hostCopy(from: string, to: string): ProduceAction {
  return {
    do: 'produce',
    path: to,
    makes: 'file',
    argv: ['sh', '-c', 'exec cat -- "$1" >f', 'sh', from],
    shown: `copy ${from} to ${to}`,
    timeout: 1800,
  }
}
