import { refused } from '../problems.ts'
import { json, type Reply } from '../service-route.ts'
import type { Release } from '../system-model.ts'

/** What BOS has no record of. */
export type Kind = 'Session template' | 'Session' | 'Component'

/** BOS: no such template, session or component. Before the newest version each has a title of its own. */
export function notFound(release: Release, kind: Kind, name: string): Reply {
  if (release === '1.7')
    return refused(404, 'The resource was not found', `${kind} '${name}' does not exist`)
  const word = kind === 'Session template' ? 'Sessiontemplate' : kind
  return refused(
    404,
    kind === 'Component' ? 'Component not found.' : `${word} could not found.`,
    `${word} ${name} could not be found`,
  )
}

/** BOS: it does not do that. */
function bad(detail: string): Reply {
  return refused(400, 'Bad Request', detail)
}

/** BOS: it does not make this session. Before the newest version that is a bare text. */
export function noSession(release: Release, detail: string): Reply {
  return release === '1.7' ? bad(detail) : json(400, detail)
}

/** BOS: a template that it does not keep. */
export function noTemplate(release: Release, deed: 'created' | 'patched', detail: string): Reply {
  const sentence = `The session template could not be ${deed}`
  return release === '1.7' ? bad(`${sentence}: ${detail}`) : refused(400, `${sentence}.`, detail)
}

/** A time as BOS writes it. */
export function stamp(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, '')
}
