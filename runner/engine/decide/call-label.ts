import { canonical, type Value } from '../../contract/value.ts'
import { redact } from '../../contract/secret.ts'
import type { ExecAction, HttpAction } from '../../contract/change.ts'
import type { ChangeLabel } from '../../model/event.ts'
import { actionText } from './repairs.ts'

/** Characters of a request's body that a label shows. */
const mostOfBody = 1000

/** What a `run` does, in words: the command, or the request with its body. */
export function callLabel(action: ExecAction | HttpAction): ChangeLabel {
  const text = actionText(action)
  const title = action.do === 'http' ? `${text}${bodyText(action.body)}` : `run ${text}`
  return { title, effect: 'none', actions: [text] }
}

function bodyText(body: Value | undefined): string {
  if (body === undefined) return ''
  const text = redact(canonical(body))
  return ` ${text.length > mostOfBody ? `${text.slice(0, mostOfBody)}…` : text}`
}
