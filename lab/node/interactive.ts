import type { Process } from './process.ts'
import { runLine } from './shell.ts'

/** What a terminal does for a line before the shell gets it: shows what is typed, takes back, ends. */
export function lineEditor(
  push: (bytes: Buffer) => void,
  show: (text: string) => void,
  end: () => void,
): (bytes: Buffer) => void {
  let line: string[] = []
  return (bytes) => {
    for (const letter of bytes.toString('utf8')) {
      if (letter === '\r' || letter === '\n') {
        show('\r\n')
        push(Buffer.from(`${line.join('')}\n`))
        line = []
      } else if (letter === '\u007f' || letter === '\b') {
        if (line.pop() !== undefined) show('\b \b')
      } else if (letter === '\u0003') {
        show('^C\r\n')
        push(Buffer.from('\n'))
        line = []
      } else if (letter === '\u0004') {
        if (line.length === 0) end()
      } else if (letter >= ' ') {
        line.push(letter)
        show(letter)
      }
    }
  }
}

/** A shell for a person: a line at a time, each of them a new start but for the folder. */
export async function interactive(process: Process): Promise<number> {
  let cwd = process.cwd
  let code = 0
  for (;;) {
    process.emit(
      1,
      Buffer.from(`${process.machine.spec.name}:${cwd} ${process.user === 'root' ? '#' : '>'} `),
    )
    const line = (await process.input.line()).toString('utf8')
    if (line === '' || /^\s*(?:exit|logout)\b/.test(line)) return code
    const place = /^\s*cd(?:\s+(\S+))?\s*$/.exec(line)
    if (place) {
      const wanted =
        place[1] === undefined
          ? process.environment['HOME']!
          : place[1].startsWith('/')
            ? place[1]
            : `${cwd}/${place[1]}`
      try {
        cwd = process.files.stat(wanted).kind === 'directory' ? process.files.realpath(wanted) : cwd
      } catch {
        process.emit(2, Buffer.from(`cd: ${place[1]}: No such file or directory\n`))
      }
    } else if (line.trim() !== '') code = await runLine({ ...process, cwd }, line)
  }
}
