import { join, relative } from 'node:path'
import { shippedFolder } from '../runner/files/shipped-folder.ts'
import { shellWord } from '../runner/text/shell-word.ts'
import { labFiles } from './lab-files.ts'
import { crayFiles } from './cray-files.ts'
import type { LabStatus } from './lab.ts'

const rehearsed = join(shippedFolder(), 'playbooks/remote-build-node.yaml')

// A clone has it at hand; elsewhere it lies where trueup is installed.
function fromHere(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}

/** What follows a lab command that is about a lab in a named folder. */
export function folderOption(named: string | undefined): string {
  return named === undefined ? '' : ` --folder ${shellWord(named)}`
}

/** What to do with a lab that was just raised, in this folder if one was named. */
export function upText(status: LabStatus, named?: string): string {
  const there = folderOption(named)
  return [
    `A lab of ${status.nodes.length} nodes is up, with the services of CSM ${status.release} at ${status.gateway}.`,
    '',
    'Rehearse a playbook in it:',
    `  trueup plan ${shellWord(fromHere(rehearsed))} ${inventoryOptions(status)}`,
    '',
    `Look at it:    trueup lab status${there}, trueup lab ssh${there} NODE`,
    `Disturb it:    trueup lab reboot${there} NODE, trueup lab fault${there}`,
    `Ask by hand:   eval "$(trueup lab env${there})", then cray or curl`,
    `End it:        trueup lab down${there}`,
  ].join('\n')
}

/** Shell variables that lead `cray` and curl to the lab's services. */
export function envText(status: LabStatus): string {
  const { folder, token, header } = crayFiles(status.folder)
  return Object.entries({
    CRAY_CONFIG_DIR: folder,
    CRAY_CREDENTIALS: token,
    LAB_URL: status.gateway,
    LAB_CA: labFiles(status.folder).authority,
    LAB_HEADER: header,
  })
    .map(([name, value]) => `export ${name}=${shellWord(value)}`)
    .join('\n')
}

/** The lab's nodes, services and builders, one a line. */
export function statusText(status: LabStatus): string {
  const rows = status.nodes.map((node) => [
    node.name,
    node.power,
    node.arch,
    `SP${node.servicePack}`,
    `127.0.0.1:${node.port}`,
    node.addedPackages.length > 0 ? `+${node.addedPackages.length} packages` : '',
    node.faults.map((fault) => fault.kind).join(' '),
  ])
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, index) => Math.max(cell.length, most[index] ?? 0)),
    [],
  )
  return [
    `Lab in ${status.folder}, CSM ${status.release}, gateway ${status.gateway}`,
    ...rows.map(
      (row) =>
        `  ${row
          .map((cell, index) => cell.padEnd(widths[index]!))
          .join('  ')
          .trimEnd()}`,
    ),
    ...(status.serviceFaults.length > 0
      ? [`Faults of services: ${status.serviceFaults.join(', ')}`]
      : []),
    `Remote build nodes: ${status.remoteBuildNodes.join(', ') || 'none'}`,
    `Use it: ${inventoryOptions(status)}`,
  ].join('\n')
}

function inventoryOptions(status: LabStatus): string {
  return status.inventoryFiles.map((file) => `-i ${shellWord(file)}`).join(' ')
}
