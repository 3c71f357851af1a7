import type { Change, ProduceAction } from '../../contract/change.ts'
import type { Secret } from '../../contract/secret.ts'
import { attributeChanges, drifted } from '../attributes.ts'
import { obstacle } from '../content.ts'
import { withoutFolder } from '../place.ts'
import { withoutStranger } from '../stranger.ts'
import { script } from './download-script.ts'
import { requestOf } from './request-headers.ts'

type Field = 'exists' | 'kind' | 'checksum' | 'owner' | 'group' | 'mode'
const fields: readonly Field[] = ['exists', 'kind', 'checksum', 'owner', 'group', 'mode']

interface Wish {
  readonly url: string
  readonly dest: string
  readonly checksum?: string | undefined
  readonly authorization?: string | Secret | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly timeout: number
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mode?: string | undefined
}
interface Current {
  readonly exists: boolean | null
  readonly kind: string | null
  readonly folder: boolean | null
  readonly stranger: string | null
}

/** What downloads a file, or gives it its owner and mode; or why that is refused. */
export function downloadChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { url, dest } = wish
  const { exists, kind, folder, stranger } = current
  const repairs = drifted(diff, fields)
  const title = exists ? `replace ${dest} by what ${url} has` : `download ${url} to ${dest}`
  const inTheWay = obstacle(dest, kind)
  if (inTheWay) return [{ title, repairs, actions: [inTheWay] }]
  if (!diff.exists && !diff.checksum) return attributeChanges(diff, dest, wish, stranger)
  const actions = [...withoutStranger(stranger), fetching(wish)]
  return exists
    ? [{ title, repairs, effect: 'replaces', guard: ['at', 'hash'], actions }]
    : [{ title, repairs, actions: [...withoutFolder(dest, folder), ...actions] }]
}

function fetching(wish: Wish): ProduceAction {
  const { url, dest, checksum = ':', authorization, headers = {}, timeout } = wish
  const [algorithm, hash] = checksum.split(':') as [string, string]
  const tool = authorization === undefined ? 'any' : 'curl'
  return {
    do: 'produce',
    path: dest,
    makes: 'file',
    argv: ['sh', '-c', script, 'download', url, algorithm, hash, tool, String(timeout)],
    shown: `download ${url} to ${dest}`,
    stdin: requestOf(authorization, headers),
    timeout: timeout + 30,
    owner: wish.owner,
    group: wish.group,
    mode: wish.mode,
  }
}
