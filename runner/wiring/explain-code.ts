import { codes, type Code } from '../model/codes.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import { kindOf, type ErrorKind } from '../model/error-kind.ts'
import { didYouMean } from '../source/suggest.ts'
import type { Io } from './io.ts'

/** What an error of a kind means for the run. */
const meanings: Readonly<Record<ErrorKind, string>> = {
  read: 'Something could not be read. The task failed, and changed nothing.',
  refused: 'The type does not make this change. Nothing was changed by it.',
  guard: 'The state moved between the decision and the change. ignore_errors does not cover it.',
  plan: 'The saved plan does not show what is there now. Make a new plan.',
  task: 'The task failed on its host; the other hosts go on.',
  undone: 'A task undid what an earlier one had made true.',
  lost: 'It is not known whether the action was done. `trueup resume` looks, and goes on.',
  interrupted: 'The run was ended. `trueup resume last` goes on.',
  connection: 'A host or a service could not be used.',
  input:
    'What was written or typed is wrong. Found before a run, it means exit 3: nothing was touched.',
  defect: 'trueup or a type is at fault: report it.',
}

/** `trueup explain CODE`: what the code of a message means. Throws DiagnosticError for one that does not exist. */
export function explainCommand(io: Io, given: string): number {
  const code = given.replace(/^\[|\]$/g, '')
  if (!Object.hasOwn(codes, code)) throw unknownCode(code)
  const lines = [code, '', `  ${codes[code as Code]}`, '', `  ${meanings[kindOf(code as Code)]}`]
  io.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

function unknownCode(code: string): DiagnosticError {
  const area = code.split('/')[0]!
  const inArea = Object.keys(codes).filter((each) => each.startsWith(`${area}/`))
  return new DiagnosticError({
    code: 'cli/no-code',
    message: `no message has the code '${code}'`,
    hint:
      inArea.length > 0 && inArea.length <= 12
        ? `the codes of '${area}' are ${inArea.join(', ')}`
        : didYouMean(code, Object.keys(codes)),
  })
}
