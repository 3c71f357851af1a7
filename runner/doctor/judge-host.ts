import { osField } from '../model/facts.ts'
import { ask, isFailed, text, type Answered, type Probe } from '../contract/probe.ts'
import type { Finding, Subject } from './finding.ts'
import type { HostNeeds, NeededProgram } from './needs-of-playbooks.ts'
import { everyScript, packagesOfPrograms } from './started-programs.ts'

/** The systems that the types were run on, and their recordings made on. */
const provedSystems: Readonly<Record<string, RegExp>> = {
  sles: /^15(?:\.|$)/,
  debian: /^12(?:\.|$)/,
}
const provedWords = 'SLES 15 and Debian 12'

const searching = 'for each; do command -v "$each" >/dev/null 2>&1 || printf "%s\\n" "$each"; done'

/** What a host is asked, in one script. Nothing is changed. */
export function probesFor(needs: HostNeeds): readonly Probe[] {
  const programs = new Set([...everyScript, ...needs.programs.flatMap(namesOf)])
  const kubectl = needs.programs.some(({ program }) => program === 'kubectl')
  return [
    ask(['id', '-un']),
    text('/etc/os-release'),
    ask(['sh', '-c', searching, 'sh', ...programs]),
    ...(kubectl ? maps.map(mapProbe) : []),
  ]
}

function namesOf({ program }: NeededProgram): readonly string[] {
  return typeof program === 'string' ? [program] : program.flat()
}

/** What the answers mean. */
export function judgeHost(needs: HostNeeds, answers: readonly Answered[]): readonly Finding[] {
  const subject: Subject = { of: 'host', name: needs.host.name }
  const [who, release, missing, ...kubectl] = answers
  const user = outputOf(who)
  return [
    {
      ...subject,
      check: 'connection',
      verdict: 'ok',
      says: user === null ? 'it can be signed in to' : `it can be signed in to as ${user}`,
    },
    systemFinding(subject, release!),
    ...loginFinding(subject, needs, user),
    programsFinding(subject, needs, missing!),
    ...(kubectl.length > 0 ? [kubectlFinding(subject, kubectl)] : []),
  ]
}

function outputOf(answer: Answered | undefined): string | null {
  return answer && !isFailed(answer) && 'stdout' in answer ? answer.stdout.trim() : null
}

function systemFinding(subject: Subject, answer: Answered): Finding {
  const release = !isFailed(answer) && 'text' in answer ? (answer.text ?? '') : ''
  const [id, version] = [osField(release, 'ID') ?? '', osField(release, 'VERSION_ID') ?? '']
  const isProved = provedSystems[id]?.test(version) ?? false
  const what = id === '' ? 'an unknown system' : `${id} ${version}`
  return {
    ...subject,
    check: 'system',
    verdict: isProved ? 'ok' : 'differs',
    says: isProved ? what : `it runs ${what}; trueup was proved on ${provedWords}`,
  }
}

function loginFinding(subject: Subject, needs: HostNeeds, user: string | null): readonly Finding[] {
  if (user === 'root' || user === null || !needs.actsAsLogin) return []
  return [
    {
      ...subject,
      check: 'user',
      verdict: 'differs',
      says: `tasks run as ${user}, who is not root`,
      hint: 'sign in as root (`user: root` in the inventory), or write `become: true` on the plays',
    },
  ]
}

function programsFinding(subject: Subject, needs: HostNeeds, answer: Answered): Finding {
  if (isFailed(answer))
    return {
      ...subject,
      check: 'programs',
      verdict: 'fails',
      says: answer.failed.message,
      code: 'doctor/host',
    }
  const missing = new Set(
    outputOf(answer)!
      .split('\n')
      .filter((each) => each !== ''),
  )
  const base = everyScript.filter((each) => missing.has(each))
  const lacking = needs.programs.filter((each) => isMissing(each, missing))
  const comes = lacking.filter((each) => isInstalled(each, needs.installed))
  const lost = lacking.filter((each) => !comes.includes(each))
  const says = [
    ...base.map((each) => `${each} is missing, which every script needs`),
    ...lost.map(({ program, by }) => `${wordsFor(program)} is missing, which ${by} needs`),
  ]
  if (says.length > 0)
    return {
      ...subject,
      check: 'programs',
      verdict: 'fails',
      says: says.join('; '),
      code: 'doctor/program',
      hint: 'install what is missing, or leave the host out with --limit',
    }
  const later = comes.map(({ program }) => wordsFor(program)).join(' and ')
  return {
    ...subject,
    check: 'programs',
    verdict: 'ok',
    says: `what the playbooks start is there${later === '' ? '' : `; they install ${later}`}`,
  }
}

function isMissing({ program }: NeededProgram, missing: ReadonlySet<string>): boolean {
  if (typeof program === 'string') return missing.has(program)
  return program.every((set) => set.some((each) => missing.has(each)))
}

function isInstalled({ program }: NeededProgram, installed: ReadonlySet<string>): boolean {
  if (typeof program !== 'string') return false
  return (packagesOfPrograms[program] ?? []).some((each) => installed.has(each))
}

function wordsFor(program: NeededProgram['program']): string {
  return typeof program === 'string'
    ? program
    : program.map((set) => set.join(' with ')).join(' or ')
}

/** The maps that playbooks read there; of one of them, which holds a private key, the name alone. */
const maps = ['cray-product-catalog', 'cray-ims-remote-keys']

function mapProbe(map: string): Probe {
  const words = ['kubectl', '--namespace', 'services', 'get', 'configmap', map]
  return ask([...words, '--ignore-not-found', '--output', 'jsonpath={.metadata.name}'], 'any')
}

function kubectlFinding(subject: Subject, answers: readonly Answered[]): Finding {
  const faults = answers.flatMap((answer, i) => mapFault(answer, maps[i]!) ?? [])
  const check = 'kubectl'
  return faults.length === 0
    ? { ...subject, check, verdict: 'ok', says: `kubectl reads ${maps.join(' and ')}` }
    : {
        ...subject,
        check,
        verdict: 'fails',
        says: faults.join('; '),
        code: 'doctor/host',
        hint: 'try it there: kubectl --namespace services get configmap',
      }
}

function mapFault(answer: Answered, map: string): string | null {
  if (isFailed(answer)) return answer.failed.message
  if (!('exit' in answer)) throw new Error('an exec probe gives an exit')
  const [said = ''] = (answer.stderr || answer.stdout).trim().split('\n')
  if (answer.exit !== 0) return `kubectl exits with ${answer.exit}: ${said}`
  return answer.stdout.trim() === map ? null : `the namespace services has no ConfigMap ${map}`
}
