import { stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { Secret } from '../../contract/secret.ts'
import {
  attributeChanges,
  attributeFields,
  attributeParams,
  attributesOf,
  drifted,
} from '../attributes.ts'
import { backupParam } from '../backup.ts'
import {
  attributesOfWrite,
  contentOf,
  hashOfOther,
  obstacle,
  validateParam,
  writeContent,
} from '../content.ts'
import { absolute, homeOf } from '../account-home.ts'
import { folderField, folderProbe, isFolder, withoutFolder } from '../place.ts'

const fields = ['exists', 'content', 'owner', 'group', 'mode'] as const

/** A file has the content that a template gives. */
export const template = defineResource({
  name: 'template',
  summary: 'A file has the content that a template gives.',
  source: "Ansible's template",
  params: {
    type: 'object',
    required: ['dest', 'src'],
    properties: {
      dest: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^(/|~[^/]+/).*[^/]$',
        description: 'Path of the file on the host, whole. May begin with `~user/`.',
      },
      src: {
        type: 'string',
        format: 'template',
        description: 'A Handlebars template beside the playbook.',
      },
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: attributeParams.mode,
      backup: backupParam,
      validate: validateParam,
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether anything is there.' },
    content: { type: 'string', orSecret: true, description: 'Its content.' },
    owner: attributeFields.owner,
    group: attributeFields.group,
    mode: attributeFields.mode,
    sha256: {
      type: 'string',
      information: true,
      description: 'Hash of the file on the host, if it is not text.',
    },
    kind: { type: 'string', information: true, description: '`file`, `link`, `directory` …' },
    path: { type: 'string', information: true, description: 'Its path, without `~user`.' },
    folder: folderField,
  },
  probe: ({ dest, src }, seen) => ({
    at: stat(dest),
    folder: folderProbe(dest),
    account: homeOf(dest),
    // What a secret went into arrives as one; the file is then read as one too.
    text: text(dest, { lenient: true, ...(src instanceof Secret ? { secret: src.name } : {}) }),
    hash: hashOfOther(dest, seen),
  }),
  observe: ({ at, folder, account, text, hash }, params) => ({
    exists: at.exists,
    content: contentOf(text, hash),
    sha256: hash?.exists ? hash.sha256 : null,
    ...attributesOf(at, params),
    kind: at.exists ? at.kind : null,
    folder: isFolder(folder),
    path: absolute(params.dest, account),
  }),
  desire: ({ src, owner, group, mode }) => ({ exists: true, content: src, owner, group, mode }),
  change: (diff, params, current) => {
    const { dest, src } = params
    const inTheWay = obstacle(dest, current.kind)
    if (inTheWay)
      return [{ title: `write ${dest}`, repairs: drifted(diff, fields), actions: [inTheWay] }]
    if (!diff.exists && !diff.content) return attributeChanges(diff, current.path!, params)
    return writeContent(dest, src, drifted(diff, fields), {
      kind: current.kind,
      before: withoutFolder(dest, current.folder),
      guard: current.sha256 === null ? 'text' : 'hash',
      validate: params.validate,
      attributes: attributesOfWrite(params, current.exists ? params.backup : undefined),
    })
  },
})
