import { DiagnosticError } from '../runner/model/diagnostic.ts'
import type { Release } from './csm/system-model.ts'
import { serveLab } from './background.ts'

/** The process behind `trueup lab up`: its folder and its release are its arguments. */
const [folder = '', release] = process.argv.slice(2)

serveLab({ folder, ...(release ? { release: release as Release } : {}) }, (stop) => {
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}).catch((error: Error) => {
  const lines =
    error instanceof DiagnosticError
      ? error.diagnostics.flatMap(({ message, hint }) =>
          hint ? [message, `hint: ${hint}`] : [message],
        )
      : [error.message]
  process.stderr.write(`${lines.join('\n')}\n`)
  process.exitCode = 1
})
