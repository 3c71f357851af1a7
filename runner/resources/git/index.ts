import { ask, stat, type ProbeMap } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { gitChanges, quiet } from './git-changes.ts'
import { availableIn, isCommit, isInPlace, refsOf } from './git-refs.ts'

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
  change: gitChanges,
})
