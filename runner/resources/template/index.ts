import { text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { Secret } from '../../contract/secret.ts'
import { contentOf, hashOfOther } from '../content.ts'
import { wholeFileChanges } from '../whole-file.ts'
import {
  destinationParam,
  placeFields,
  placeProbes,
  wholeFileFields,
  wholeWriteParams,
} from '../written-file.ts'

/** A file has the content that a template gives. */
export const template = defineResource({
  name: 'template',
  summary: 'A file has the content that a template gives.',
  source: "Ansible's template",
  params: {
    type: 'object',
    required: ['dest', 'src'],
    properties: {
      dest: destinationParam('Path of the file on the host, whole. May begin with `~user/`.'),
      src: {
        type: 'string',
        format: 'template',
        description: 'A Handlebars template beside the playbook.',
      },
      ...wholeWriteParams,
    },
  },
  state: {
    ...wholeFileFields,
    content: { type: 'string', orSecret: true, description: 'Its content.' },
    sha256: {
      type: 'string',
      information: true,
      description: 'Hash of the file on the host, if it is not text.',
    },
  },
  probe: ({ dest, src, owner, group }, seen) => ({
    ...placeProbes({ dest, owner, group }),
    // What a secret went into arrives as one; the file is then read as one too.
    text: text(dest, { lenient: true, ...(src instanceof Secret ? { secret: src.name } : {}) }),
    hash: hashOfOther(dest, seen),
  }),
  observe: (readings, params) => ({
    ...placeFields(readings, params),
    content: contentOf(readings.text, readings.hash),
    sha256: readings.hash?.exists ? readings.hash.sha256 : null,
  }),
  desire: ({ src, owner, group, mode }) => ({ exists: true, content: src, owner, group, mode }),
  change: (diff, params, current) => wholeFileChanges(diff, params, current, [], () => params.src),
})
