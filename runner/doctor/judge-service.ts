import { get, isFailed, type Answered, type HttpProbe } from '../contract/probe.ts'
import { isMap } from '../contract/value.ts'
import type { Service } from '../model/host.ts'
import { parseXname } from '../text/xname.ts'
import { shapeFault } from './answer-shape.ts'
import type { Finding, Subject } from './finding.ts'
import {
  expectedServices,
  type ExpectedRoute,
  type ExpectedService,
} from './service-expectations.ts'

/** What a service is asked, and what its answers mean. */
export interface ServiceQuestions {
  readonly probes: readonly HttpProbe[]
  judge(answers: readonly Answered[]): readonly Finding[]
}

/** The answer in which HSM names its nodes. */
export const nodesProbe: HttpProbe = get('hsm', '/State/Components?type=Node')

/** A node of HSM, of which other services can be asked; null where it names none. */
export function nodeIn(answer: Answered): string | null {
  if (isFailed(answer) || !('json' in answer) || !isMap(answer.json)) return null
  const listed = answer.json['Components']
  const first = Array.isArray(listed) ? listed.find((each) => isMap(each) && 'ID' in each) : null
  const id: unknown = isMap(first) ? first['ID'] : null
  // What a service answers becomes part of an address only where it is a name of a node.
  return typeof id === 'string' && parseXname(id)?.type === 'Node' ? id : null
}

/** The questions for a service of the inventory; `xname` is a node that HSM names. */
export function questionsFor(service: Service, xname: string | null): ServiceQuestions {
  const subject: Subject = { of: 'service', name: service.name }
  const expected = expectedServices.get(service.name)
  if (!expected) return unknownService(service, subject)
  const { version } = expected
  const routes = expected.routes.filter(({ path }) => xname !== null || !path.includes(':xname'))
  const versionProbe = version ? [get(service.name, version.path)] : []
  return {
    probes: [...versionProbe, ...routes.map((route) => probeOf(service.name, route, xname))],
    judge(answers) {
      const [first] = answers
      const ofVersion = version
        ? versionFinding(subject, expected, first!)
        : withoutVersion(subject, expected)
      return [
        ofVersion,
        ...routes.map((route, i) =>
          routeFinding(subject, route, answers[i + versionProbe.length]!),
        ),
      ]
    },
  }
}

// Only that it answers can be asked: trueup has no type that speaks with it.
function unknownService(service: Service, subject: Subject): ServiceQuestions {
  return {
    probes: [{ ...get(service.name, '/'), statuses: 'any' }],
    judge: ([answer]) => [
      isFailed(answer!)
        ? failure(subject, 'connection', answer.failed)
        : {
            ...subject,
            check: 'connection',
            verdict: 'ok',
            says: 'it answers; no built-in type asks it',
          },
    ],
  }
}

function probeOf(service: string, route: ExpectedRoute, xname: string | null): HttpProbe {
  return {
    ...get(service, pathOf(route, xname)),
    statuses: route.without === undefined ? statusesOf(route) : [...statusesOf(route), 404],
  }
}

function statusesOf({ statuses = [200] }: ExpectedRoute): readonly number[] {
  return statuses
}

function pathOf({ path }: ExpectedRoute, xname: string | null): string {
  return xname === null ? path : path.replace(':xname', () => xname)
}

function withoutVersion(subject: Subject, { proved }: ExpectedService): Finding {
  return {
    ...subject,
    check: 'version',
    verdict: 'ok',
    says: `it tells no version; trueup was proved against ${proved.join(' and ')}`,
  }
}

function versionFinding(
  subject: Subject,
  { version, proved }: ExpectedService,
  answer: Answered,
): Finding {
  const check = `GET ${version!.path}`
  if (isFailed(answer)) return failure(subject, check, answer.failed)
  const said = 'json' in answer ? version!.read(answer.json) : null
  if (said === null)
    return { ...subject, check, verdict: 'differs', says: 'the answer holds no version' }
  // A build may add its own mark: 3.33.0+7.
  const isProved = proved.includes(said.replace(/[+-].*$/, ''))
  return {
    ...subject,
    check: 'version',
    verdict: isProved ? 'ok' : 'differs',
    says: isProved
      ? `${said}, against which trueup was proved`
      : `it is ${said}; trueup was proved against ${proved.join(' and ')}`,
    ...(isProved ? {} : { hint: 'run `trueup plan` on one node first, and read what it says' }),
  }
}

function routeFinding(subject: Subject, route: ExpectedRoute, answer: Answered): Finding {
  const check = `GET ${route.path}`
  if (isFailed(answer)) return failure(subject, check, answer.failed)
  if (!('status' in answer)) throw new Error('an HTTP probe gives an HTTP reading')
  const fault = statusesOf(route).includes(answer.status)
    ? shapeFault(route.shape, answer.json)
    : `it answers ${answer.status}`
  if (fault === null)
    return { ...subject, check, verdict: 'ok', says: 'it answers as types read it' }
  return route.without === undefined
    ? {
        ...subject,
        check,
        verdict: 'fails',
        says: `${fault}: types that ask it cannot read this`,
        code: 'doctor/shape',
        hint: 'trueup does not know this form of the service: do not run playbooks against it, and report it',
      }
    : { ...subject, check, verdict: 'differs', says: `the route is missing: no ${route.without}` }
}

function failure(
  subject: Subject,
  check: string,
  failed: { readonly message: string; readonly hint?: string },
): Finding {
  return {
    ...subject,
    check,
    verdict: 'fails',
    says: failed.message,
    code: 'doctor/service',
    ...(failed.hint === undefined ? {} : { hint: failed.hint }),
  }
}
