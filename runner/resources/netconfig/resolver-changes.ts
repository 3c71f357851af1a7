import { exec, type Change, type ExecAction } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'

type Field = 'servers' | 'search' | 'by_hand' | 'is_link'
const fields: readonly Field[] = ['servers', 'search', 'by_hand', 'is_link']

interface Wish {
  readonly path: string
  readonly config: string
  readonly replace: boolean
}
interface Current {
  readonly policy: string | null
  readonly kind: string | null
}

/** What has netconfig write resolv.conf; or why that is refused. */
export function resolverChanges(
  diff: { readonly [F in Field]?: unknown },
  { path, config, replace }: Wish,
  { policy, kind }: Current,
): readonly Change<Field>[] {
  const repairs = drifted(diff, fields)
  const title = `let netconfig write ${path}`
  const no = (because: string, instead: string): readonly Change<Field>[] =>
    refused(title, repairs, because, instead)
  if (policy === null)
    return no(
      `${config} does not exist`,
      'this host has no netconfig; write resolv.conf with `template` or `copy`',
    )
  if (policy === '')
    return no(
      `NETCONFIG_DNS_POLICY is empty in ${config}, so netconfig leaves ${path} alone`,
      'set it to `auto` with `sysconfig` in a task before this one',
    )
  if (kind === 'link' || kind === null) {
    const update = exec(['netconfig', 'update', ...(diff.is_link ? ['-f'] : [])])
    return [{ title, repairs, actions: [update] }]
  }
  if (kind !== 'file')
    return no(`${path} is a ${kind}`, 'look at it, and remove it in a task before this one')
  if (!replace)
    return no(
      `${path} is a file of its own, which netconfig does not touch`,
      'its content is in the diff: move what is needed to the file of netconfig, then add `replace: true`',
    )
  return [
    {
      title: `${title} in place of one made by hand`,
      repairs,
      effect: 'replaces',
      guard: ['at', 'resolv'],
      actions: [kept(path), exec(['netconfig', 'update', '-f'])],
    },
  ]
}

/** The old file stays under another name. The copy is made from within the folder, where no other user can put a link. */
function kept(path: string): ExecAction {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const inside = path.slice(0, -name.length - 1) || '/'
  return exec(['cp', '-p', `./${name}`, `./${name}.by-hand`], { inside })
}
