import { stat, text, type Readings } from '../contract/probe.ts'
import { attributeFields, attributeParams, attributesOf } from './attributes.ts'
import { backupParam } from './backup.ts'
import { validateParam } from './content.ts'
import { absolute, homeOf } from './account-home.ts'
import { folderField, folderProbe, isFolder } from './place.ts'
import { accountProbes, strangerField, strangerOf } from './stranger.ts'

// What the types have in common that write a whole file (`copy`, `template`), and those that edit one (`lineinfile`,
// `blockinfile`).

interface WrittenFile {
  readonly owner?: string | undefined
  readonly group?: string | undefined
}
interface EditedFile extends WrittenFile {
  readonly path: string
  readonly create: boolean | undefined
}

const kindField = {
  type: 'string',
  information: true,
  description: '`file`, `link`, `directory` …',
} as const

/** Owner, group and mode, the name of the old file, and the check of the new one. */
export const writeParams = {
  owner: attributeParams.owner,
  group: attributeParams.group,
  mode: attributeParams.mode,
  backup: backupParam,
  validate: validateParam,
} as const

/** The same of a whole file, which the task may make. */
export const wholeWriteParams = {
  ...writeParams,
  mode: {
    ...attributeParams.mode,
    risk: {
      why: 'every user of the host may read a file that it makes, unless its content is a secret',
      hint: "say who may read it: mode: '0644', or '0600' for its owner alone",
    },
  },
} as const

/** The path of a whole file, which may begin in the home of a user. */
export function destinationParam<const D extends string>(description: D) {
  return {
    type: 'string',
    format: 'path',
    identity: true,
    pattern: '^(/|~[^/]+/).*[^/]$',
    description,
  } as const
}

/** What is known of a whole file beside its content. */
export const wholeFileFields = {
  exists: { type: 'boolean', description: 'Whether anything is there.' },
  owner: attributeFields.owner,
  group: attributeFields.group,
  mode: attributeFields.mode,
  kind: kindField,
  path: { type: 'string', information: true, description: 'Its path, without `~user`.' },
  folder: folderField,
  stranger: strangerField,
} as const

/** What is asked of the place of a whole file. */
export function placeProbes({ dest, owner, group }: WrittenFile & { readonly dest: string }) {
  return {
    at: stat(dest),
    folder: folderProbe(dest),
    account: homeOf(dest),
    ...accountProbes({ owner, group }),
  }
}

/** What is seen of the place of a whole file. */
export function placeFields(
  { at, folder, account, ofOwner, ofGroup }: Readings<ReturnType<typeof placeProbes>>,
  params: WrittenFile & { readonly dest: string },
) {
  return {
    exists: at.exists,
    ...attributesOf(at, params),
    kind: at.exists ? at.kind : null,
    folder: isFolder(folder),
    stranger: strangerOf(params, ofOwner, ofGroup),
    path: absolute(params.dest, account),
  }
}

/** What is asked of a file that is edited. Its folder matters where the file may be made. */
export function editProbes({ path, create, owner, group }: EditedFile) {
  return {
    at: stat(path),
    text: text(path),
    folder: create ? folderProbe(path) : undefined,
    ...accountProbes({ owner, group }),
  }
}

/** What is seen of a file that is edited. */
export function editedFields(
  { at, text, folder, ofOwner, ofGroup }: Readings<ReturnType<typeof editProbes>>,
  params: WrittenFile,
) {
  return {
    exists: at.exists,
    content: text.exists ? text.text : null,
    ...attributesOf(at, params),
    kind: at.exists ? at.kind : null,
    folder: folder === undefined ? null : isFolder(folder),
    stranger: strangerOf(params, ofOwner, ofGroup),
  }
}

/** The file that is edited, and what may be done with it beside the edit. */
export const editParams = {
  path: {
    type: 'string',
    format: 'path',
    identity: true,
    pattern: '^/',
    description: 'The file.',
  },
  state: {
    type: 'string',
    enum: ['present', 'absent'],
    default: 'present',
    description: 'There, or not.',
  },
  create: {
    type: 'boolean',
    default: false,
    onlyWith: { state: ['present'] },
    description: 'Create the file if it does not exist; its folder must exist.',
  },
  ...writeParams,
} as const

/** Where something new goes that no line stands for yet. */
export function insertParams<const W extends 'line' | 'block'>(what: W) {
  const match = { type: 'string', format: 'pattern', minLength: 1 } as const
  const onlyWith = { state: ['present'] } as const
  return {
    insertafter: {
      ...match,
      onlyWith,
      description: `A new ${what} goes behind the last line that this expression matches, or to the end (\`EOF\`).`,
    },
    insertbefore: {
      ...match,
      onlyWith,
      description: `A new ${what} goes before the last line that this expression matches, or to the beginning (\`BOF\`).`,
    },
  } as const
}

/** What is known of a file that is edited beside its content. */
export const editedFileFields = {
  exists: { type: 'boolean', description: 'Whether the file is there.' },
  owner: attributeFields.owner,
  group: attributeFields.group,
  mode: attributeFields.mode,
  kind: kindField,
  folder: folderField,
  stranger: strangerField,
} as const
