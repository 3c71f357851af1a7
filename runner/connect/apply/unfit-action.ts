import type { WorldAction } from '../../model/session.ts'
import { badPath, isWord, isUser } from '../batch/quote.ts'
import { unfitLanding } from './fetch.ts'
import type { ExecAction, ProduceAction } from '../../contract/change.ts'
import { badEnvironment } from '../batch/units.ts'

/** Why an action cannot be done at all, or null. */
export function unfit(action: WorldAction): string | null {
  if (action.do === 'http') return null
  if (action.do === 'exec' || action.do === 'produce') {
    const wrong = unfitCommand(action)
    if (wrong !== null || action.do === 'exec') return wrong
  }
  const path = badPath(action.path)
  if (path !== null) return path
  if (/\/\.{0,2}(?:$|\/)/.test(action.path)) return `not a plain path: ${action.path}`
  if (action.do === 'remove') return null
  if (action.do === 'link')
    return isWord(action.target) && action.target !== '' ? null : 'a link points to a path'
  if (action.do === 'fetch') return unfitLanding(action)
  if (action.do === 'unpack') return badPath(action.folder)
  const name = [action.owner, action.group].find(
    (given) => given !== undefined && !isUser(given) && !/^\d+$/.test(given),
  )
  if (name !== undefined) return `not a user or group: ${name}`
  if (action.mode !== undefined && !/^[0-7]{4}$/.test(action.mode))
    return `not a mode of four octal digits: ${action.mode}`
  const backup = 'backup' in action ? action.backup : undefined
  if (backup !== undefined && (!/^[^/\0]+$/.test(backup) || /^\.{1,2}$/.test(backup)))
    return `a backup is a name beside the file, not a path: ${backup}`
  return null
}

function unfitCommand(action: ExecAction | ProduceAction): string | null {
  if (action.argv.length === 0 || action.argv[0] === '') return 'a command needs a name'
  const { chdir = '', inside = '' } = action as ExecAction
  if (![...action.argv, chdir, inside].every(isWord)) return 'a NUL cannot stand in a command line'
  const wrong = inside === '' ? null : badPath(inside)
  return wrong ?? badEnvironment(action.environment)
}
