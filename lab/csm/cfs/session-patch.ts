import type { Call } from '../connexion/described-routes.ts'
import type { Face } from './faces.ts'
import type { CfsSession, Succeeded } from './cfs-records.ts'
import { mapOf, refused } from '../problems.ts'
import { bodyAsJson } from '../python.ts'
import type { Reply } from '../service-route.ts'

const statusOrder = ['pending', 'running', 'complete'] as const
const endOrder = ['none', 'unknown', 'false', 'true'] as const

/** What CFS's operator reports of a session: nothing goes back, and a job is set once. Null: the session does not exist. */
export function patchSession(
  face: Face,
  call: Call,
  session: CfsSession | undefined,
): CfsSession | Reply | null {
  const given = mapOf(bodyAsJson(call.asked))
  if (!given)
    return refused(
      400,
      'Bad Request',
      '400 Bad Request: The browser (or proxy) sent a request that this server could not understand.',
    )
  if (Object.keys(given).some((key) => key !== 'status'))
    return refused(400, 'Bad Request', 'Only status can be updated after session creation')
  if (!session) return null
  const status = mapOf(given['status']) ?? {}
  const wanted = mapOf(status['session']) ?? {}
  const job = wanted['job'] as string | undefined
  if (face === 'v3' && job && session.job)
    return refused(
      409,
      'Session patch conflict.',
      `Session ${session.name} could not be patched: status.session.job field cannot be updated after it has been set; current value: ${session.job}, patch value: ${job}`,
    )
  session.status = later(statusOrder, session.status, wanted['status'])
  session.succeeded = later<Succeeded>(endOrder, session.succeeded, wanted['succeeded'])
  if (job) session.job = job
  const imsJob = wanted['ims_job'] as string | undefined
  if (imsJob) session.ims_job = imsJob
  const ended = wanted['completion_time'] ?? wanted['completionTime']
  if (typeof ended === 'string') session.completed = Date.parse(`${ended.replace(/Z$/, '')}Z`)
  const artifacts = (status['artifacts'] ?? []) as CfsSession['artifacts']
  const known = new Set(session.artifacts.map((each) => JSON.stringify(each)))
  session.artifacts = [
    ...session.artifacts,
    ...artifacts.filter((each) => !known.has(JSON.stringify(each))),
  ]
  return session
}

function later<T extends string>(order: readonly T[], is: T, wanted: unknown): T {
  const at = order.indexOf(wanted as T)
  return at > order.indexOf(is) ? (wanted as T) : is
}
