import { exec, refuse } from '../../contract/change.ts'
import { ask, stat, type ProbeMap } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'
import { unclear } from '../unclear.ts'

/** No person is there to be asked for a password. */
const quiet = { environment: { GIT_TERMINAL_PROMPT: '0' } }
const fields = ['repo', 'commit', 'modified', 'submodules'] as const

/** Clones into `f`, all of it: a clone that fails half-way leaves nothing. */
const cloneScript = `git clone --quiet --no-checkout -- "$1" f && cd f || exit
git checkout --quiet --detach "$2" || exit
if [ -e .gitmodules ]; then git submodule --quiet update --init --recursive; fi`
const submodulesScript = `if [ -e .gitmodules ]; then
git submodule --quiet sync --recursive && git submodule --quiet update --init --recursive; fi`

/** A clone of a git repository is at this version. */
export const git = defineResource({
  name: 'git',
  summary: 'A clone of a git repository is at this version.',
  source: "Ansible's git; git(1)",
  params: {
    type: 'object',
    required: ['repo', 'dest'],
    properties: {
      repo: {
        type: 'string',
        pattern: '^[A-Za-z0-9/.~][^\\s]*$',
        description:
          'URL or path of the repository. It shows in logs: a token does not belong into it.',
      },
      dest: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        description: 'Folder of the clone.',
      },
      version: {
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9._/+-]*$',
        default: 'HEAD',
        description:
          'A branch, a tag or a whole commit hash. Of a branch the newest commit is meant, at every run.',
      },
      timeout: {
        type: 'string',
        format: 'duration',
        default: '10m',
        description: 'How long a clone or a fetch may take.',
      },
    },
  },
  state: {
    repo: { type: 'string', description: 'URL of its `origin`.' },
    commit: { type: 'string', description: 'The commit that is checked out.' },
    available: {
      type: 'string',
      information: true,
      description: 'The commit that `version` names in the repository.',
    },
    modified: { type: 'boolean', description: 'Whether tracked files were changed here.' },
    submodules: {
      type: 'boolean',
      description:
        'Whether each submodule is at the commit that is recorded for it; null if the clone has none.',
    },
    kept: {
      type: 'boolean',
      information: true,
      description: 'Whether a branch or a tag holds the commit that is checked out.',
    },
    kind: {
      type: 'string',
      information: true,
      description: 'What the folder is: `clone`, `directory`, `file` …, or null.',
    },
  },
  probe: (
    { dest, repo, version },
    seen,
  ): ProbeMap & {
    readonly at: ReturnType<typeof stat>
    readonly inside: ReturnType<typeof stat>
    readonly modules: ReturnType<typeof stat>
  } => {
    const isClone = seen['inside']?.exists === true
    const here = (...words: readonly string[]) => ask(['git', '-C', dest, ...words], [0], quiet)
    return {
      at: stat(dest, { follow: true }),
      inside: stat(`${dest}/.git`),
      head: isClone ? here('rev-parse', 'HEAD') : undefined,
      origin: isClone
        ? ask(['git', '-C', dest, 'config', '--get', 'remote.origin.url'], [0, 1])
        : undefined,
      changes: isClone
        ? here('status', '--porcelain', '--untracked-files=no', '--ignore-submodules=untracked')
        : undefined,
      modules: stat(`${dest}/.gitmodules`),
      parts:
        isClone && seen['modules']?.exists === true
          ? here('submodule', 'status', '--recursive')
          : undefined,
      kept: isClone
        ? here('for-each-ref', '--contains', 'HEAD', '--count=1', '--format=%(refname)')
        : undefined,
      // Another machine answers this: it is asked in its turn only.
      remote:
        repo === undefined || isCommit(version)
          ? undefined
          : ask(['git', 'ls-remote', '--', repo, ...refsOf(version)], [0], {
              ...quiet,
              ahead: false,
              timeout: 60,
            }),
    }
  },
  observe: (readings, { repo, version }) => {
    const { at, inside } = readings
    const said = (name: string): string | null =>
      (readings[name] as { readonly stdout: string } | undefined)?.stdout.trim() ?? null
    return {
      repo: said('origin'),
      commit: said('head'),
      available: isCommit(version)
        ? version
        : repo === undefined
          ? null
          : availableIn(said('remote')!, repo, version),
      modified: inside.exists ? said('changes') !== '' : null,
      submodules: isInPlace((readings['parts'] as { readonly stdout: string } | undefined)?.stdout),
      kept: inside.exists ? said('kept') !== '' : null,
      kind: inside.exists ? 'clone' : at.exists ? at.kind : null,
    }
  },
  desire: ({ repo }, { available, kind, submodules }) => ({
    repo,
    commit: available,
    modified: kind === 'clone' ? false : undefined,
    submodules: submodules === null ? undefined : true,
  }),
  change: (diff, { repo, dest, version, timeout }, current) => {
    const repairs = drifted(diff, fields)
    const commit = current.available!
    const at = (...words: readonly string[]) =>
      exec(['git', ...words], {
        ...quiet,
        inside: dest,
        timeout,
        shown: ['git', '-C', dest, ...words].join(' '),
      })
    const checkout = [
      at('checkout', '--quiet', '--detach', commit),
      exec(['sh', '-c', submodulesScript], {
        ...quiet,
        inside: dest,
        timeout,
        shown: `git -C ${dest} submodule update --init --recursive`,
      }),
    ]
    const short = commit.slice(0, 12)
    if (current.kind !== 'clone') {
      const title = `clone ${repo} to ${dest}, at ${short}`
      if (current.kind === null)
        return [
          {
            title,
            repairs,
            actions: [
              {
                do: 'produce',
                path: dest,
                makes: 'directory',
                argv: ['sh', '-c', cloneScript, 'clone', repo, commit],
                shown: `git clone ${repo} ${dest}`,
                ...quiet,
                timeout,
              },
            ],
          },
        ]
      if (current.kind !== 'directory')
        return no(
          title,
          repairs,
          `${dest} is a ${current.kind}`,
          'name another folder, or remove it in a task before this one',
        )
      // git itself refuses a folder that is not empty.
      const clone = at('clone', '--quiet', '--no-checkout', '--', repo, '.')
      return [{ title, repairs, actions: [clone, ...checkout] }]
    }
    const title = `check out ${version} (${short}) in ${dest}`
    if (diff.modified)
      return no(
        title,
        repairs,
        `files of ${dest} were changed by hand`,
        `look at them with \`git -C ${dest} status\`, then commit, stash or discard them there`,
      )
    if (diff.commit && !current.kept)
      return no(
        title,
        repairs,
        `${dest} is at a commit that no branch and no tag holds: it would be lost`,
        `keep it with \`git -C ${dest} branch NAME\``,
      )
    const origin = {
      title: `take ${repo} as the origin of ${dest}`,
      repairs: ['repo'] as const,
      actions: [at('remote', ...(current.repo === '' ? ['add'] : ['set-url']), 'origin', repo)],
    }
    const parts = {
      title: `bring the submodules of ${dest} to their commits`,
      repairs: ['submodules'] as const,
      guard: ['head', 'changes'],
      actions: [checkout[1]!],
    }
    const move = {
      title,
      repairs: drifted(diff, ['commit', 'submodules']),
      guard: ['head', 'changes'],
      actions: [at('fetch', '--quiet', '--tags', '--force', 'origin'), ...checkout],
    }
    return [
      ...(diff.repo ? [origin] : []),
      ...(diff.commit ? [move] : diff.submodules ? [parts] : []),
    ]
  },
})

function no<const F extends string>(
  title: string,
  repairs: readonly F[],
  because: string,
  instead: string,
) {
  return [{ title, repairs, actions: [refuse(because, instead)] }]
}

/** Whether no line of `git submodule status` bears a mark: `-` not there, `+` at another commit, `U` in conflict. */
function isInPlace(listing: string | undefined): boolean | null {
  if (listing === undefined || listing.trim() === '') return null
  return !listing.split('\n').some((line) => /^[-+U]/.test(line))
}

function isCommit(version: string): boolean {
  return /^[0-9a-f]{40}$/.test(version)
}

function refsOf(version: string): readonly string[] {
  return version === 'HEAD'
    ? ['HEAD']
    : [`refs/heads/${version}`, `refs/tags/${version}`, `refs/tags/${version}^{}`]
}

/** The commit of a branch, else of a tag: of what an annotated tag points to, not of the tag itself. */
function availableIn(listing: string, repo: string, version: string): string {
  const found = new Map(
    listing.split('\n').map((line) => line.split('\t').reverse() as [string, string]),
  )
  const [branch, tag, pointed] = refsOf(version)
  const commit = found.get(branch!) ?? found.get(pointed ?? '') ?? found.get(tag ?? '')
  return (
    commit ??
    unclear(
      `${repo} has no branch and no tag ${version}`,
      'name a branch, a tag, or a whole commit hash of 40 digits',
    )
  )
}
