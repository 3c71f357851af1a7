/** A path (and what follows it), named from a folder that holds it. */
export function fromFolder(path: string, folder: string | undefined): string {
  return folder !== undefined && path.startsWith(`${folder}/`)
    ? path.slice(folder.length + 1)
    : path
}
