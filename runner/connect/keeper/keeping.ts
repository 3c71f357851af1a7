import { existsSync } from 'node:fs'

/** For how long connections are kept where nothing says otherwise. */
export const usualKeep = '60s'

/** What is known of where a run takes place. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isTerminal: boolean
  /** Whether this machine is a container; looked up when absent. */
  readonly isContainer?: boolean
}

// What the usual CI services set.
const ciVariables = [
  'CI',
  'BUILD_NUMBER',
  'BUILDKITE',
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'JENKINS_URL',
  'TEAMCITY_VERSION',
  'TF_BUILD',
]

/** Whether a person works here, who may run the next command within a minute: at a terminal, and not in CI or a container, which end with their run. */
export function keepsByItself({ env, isTerminal, isContainer }: Surroundings): boolean {
  if (!isTerminal) return false
  if (ciVariables.some((name) => env[name] && env[name] !== 'false' && env[name] !== '0'))
    return false
  return !(isContainer ?? inContainer(env))
}

function inContainer(env: Surroundings['env']): boolean {
  return (
    Boolean(env['container']) ||
    Boolean(env['KUBERNETES_SERVICE_HOST']) ||
    existsSync('/.dockerenv') ||
    existsSync('/run/.containerenv')
  )
}
