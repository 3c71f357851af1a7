/** Copies the pages of a repository into a folder, with the files that they link to. */
export function layOut(root: string, folder: string): void
/** All Markdown files in a folder. */
export function pagesIn(folder: string): string[]
