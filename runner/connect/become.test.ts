import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, describe, expect, it } from 'vitest'
import { DiagnosticError } from '../model/diagnostic.ts'
import { ask } from '../contract/probe.ts'
import { Secret } from '../contract/secret.ts'
import { openSession } from './batch/script-session.ts'
import { localTransport } from './local.ts'
import type { Answer } from '../model/session.ts'

// A sudo in a shell script: it asks as the real one does (in the words given with -p, on standard error, three times), notes
// whatever it reads, and runs the command as the same user.
const sudo = `#!/bin/sh
here=\${0%/*}
echo start >>"$here/log"
[ -f "$here/lecture" ] && cat "$here/lecture" >&2
quiet= ask= prompt=
while :; do case $1 in
-n) quiet=1; shift;; -S) ask=1; shift;; -H) shift;; -p) prompt=$2; shift 2;; -u) user=$2; shift 2;; --) shift; break;; *) exit 64;;
esac; done
[ -f "$here/says" ] && { cat "$here/says" >&2; exit 1; }
if [ -f "$here/password" ]; then
  [ -n "$quiet" ] && { echo "sudo: a password is required" >&2; exit 1; }
  tries=0
  while :; do
    printf %s "$prompt" >&2
    IFS= read -r line || { echo "sudo: no password was provided" >&2; exit 1; }
    printf '%s\\n' "read $line" >>"$here/log"
    [ "$line" = "$(cat "$here/password")" ] && break
    tries=$((tries+1))
    [ $tries = 3 ] && { echo "sudo: 3 incorrect password attempts" >&2; exit 1; }
    echo "Sorry, try again." >&2
  done
fi
[ -f "$here/silent" ] && exec sleep 30
[ -f "$here/noexec" ] && { cat "$here/noexec" >&2; exit 0; }
LOGNAME=$user exec "$@"
`
const password = `p"a$s\\w ö'`
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

interface Host {
  exchange(): Promise<Answer>
  log(): string
  set(file: string, content: string | null): void
  readonly commands: string[]
}

function hostWith(files: Readonly<Record<string, string>>, given?: string, user = 'root'): Host {
  const folder = mkdtempSync(`${tmpdir()}/sudo-`)
  folders.push(folder)
  if (files['sudo'] !== '') writeFileSync(`${folder}/sudo`, sudo)
  else
    for (const tool of ['sh', 'dd', 'env'])
      writeFileSync(`${folder}/${tool}`, `#!/bin/sh\nexec /usr/bin/${tool} "$@"\n`, { mode: 0o755 })
  if (existsSync(`${folder}/sudo`)) chmodSync(`${folder}/sudo`, 0o755)
  const set = (file: string, content: string | null): void =>
    content === null ? rmSync(`${folder}/${file}`) : writeFileSync(`${folder}/${file}`, content)
  for (const [file, content] of Object.entries(files)) if (file !== 'sudo') set(file, content)
  const path = files['sudo'] === '' ? folder : `${folder}:${process.env['PATH']}`
  const transport = localTransport({ shell: ['/usr/bin/env', `PATH=${path}`, '/bin/sh', '-c'] })
  const commands: string[] = []
  const session = openSession(
    {
      ...transport,
      start(command, signal) {
        commands.push(command)
        return transport.start(command, signal)
      },
    },
    { user, ...(given === undefined ? {} : { password: new Secret('become', given) }) },
  )
  return {
    exchange: () => session.exchange({ probes: [ask(['sh', '-c', 'echo $LOGNAME'])] }),
    log: () => (existsSync(`${folder}/log`) ? readFileSync(`${folder}/log`, 'utf8') : ''),
    set,
    commands,
  }
}

const inside = { readings: [{ exit: 0, stdout: 'root\n' }] }
async function codeOf(answer: Promise<Answer>): Promise<string | undefined> {
  const error = await answer.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(DiagnosticError)
  const { code, hint, message } = (error as DiagnosticError).diagnostics[0]!
  expect(hint).toBeTruthy()
  expect(message).not.toContain(password)
  return code
}

describe('becoming another user', () => {
  it('sends the script with sudo -n where there is no password', async () => {
    const host = hostWith({})
    expect(await host.exchange()).toMatchObject(inside)
    expect(host.commands).toEqual([expect.stringContaining('sudo -n ')])
  })

  it('gives the password to the prompt alone, in no command line', async () => {
    const host = hostWith(
      { password, lecture: 'We trust you have received the usual lecture.\nPassword: \n' },
      password,
    )
    expect(await host.exchange()).toMatchObject(inside)
    expect(await host.exchange()).toMatchObject(inside)
    expect(host.log()).toBe(`start\nread ${password}\n`.repeat(2))
    expect(host.commands.join()).not.toContain(password)
  })

  it('shows a password that is not asked for to nobody', async () => {
    const host = hostWith({}, password)
    for (let i = 0; i < 3; i += 1) expect(await host.exchange()).toMatchObject(inside)
    expect(host.log()).toBe('start\n'.repeat(3))
    expect(host.commands[2]).toContain('sudo -n ')
  })

  it('gives it when sudo begins to ask after all', async () => {
    const host = hostWith({}, password)
    expect(await host.exchange()).toMatchObject(inside)
    host.set('password', password)
    expect(await host.exchange()).toMatchObject(inside)
  })

  it('tries a wrong password once, also when many exchanges wait for it', async () => {
    const host = hostWith({ password }, 'wrong')
    const codes = await Promise.all([1, 2, 3].map(() => codeOf(host.exchange())))
    expect(codes).toEqual([
      'become/password-wrong',
      'become/password-wrong',
      'become/password-wrong',
    ])
    expect(await codeOf(host.exchange())).toBe('become/password-wrong')
    expect(host.log()).toBe('start\nread wrong\n')
  })

  it('asks for a password where one is needed and none is there, and does not knock again', async () => {
    const host = hostWith({ password })
    expect(await codeOf(host.exchange())).toBe('become/password-needed')
    expect(await codeOf(host.exchange())).toBe('become/password-needed')
    expect(host.log()).toBe('start\n')
  })

  it.each([
    [
      'become/not-allowed',
      'bob is not in the sudoers file.\nThis incident has been reported to the administrator.\n',
    ],
    [
      'become/not-allowed',
      "Sorry, user bob is not allowed to execute '/bin/sh -c x' as root on x3000c0s19b1n0.\n",
    ],
    ['become/requiretty', 'sudo: sorry, you must have a tty to run sudo\n'],
    ['become/user', 'sudo: unknown user: nobody-here\n'],
    ['become/failed', 'sudo: /etc/sudoers is world writable\n'],
  ])('says %s in words', async (code, says) => {
    expect(await codeOf(hostWith({ says }).exchange())).toBe(code)
    expect(await codeOf(hostWith({ says }, password).exchange())).toBe(code)
  })

  it('names a shell that could start no program, and passes over what sudo warns of', async () => {
    const noexec = 'sudo: unable to resolve host nid000001: Name or service not known\n'
    const error = await hostWith({ noexec })
      .exchange()
      .catch((thrown: unknown) => thrown)
    expect((error as DiagnosticError).diagnostics).toMatchObject([
      {
        code: 'become/failed',
        message: 'sudo started a shell of root, and that shell could start no program',
        hint: expect.stringContaining('NOEXEC'),
      },
    ])
  })

  it('says where it wants a password that sudoers may allow other programs only', async () => {
    const error = await hostWith({ password })
      .exchange()
      .catch((thrown: unknown) => thrown)
    expect((error as DiagnosticError).diagnostics[0]!.hint).toContain('must allow /bin/sh as root')
  })

  it('says that sudo is missing', async () => {
    expect(await codeOf(hostWith({ sudo: '' }).exchange())).toBe('become/no-sudo')
  })

  it('takes no user name that a shell could read as more', () => {
    expect(() => hostWith({}, undefined, 'root; id')).toThrow(DiagnosticError)
    expect(() => hostWith({}, undefined, '-u')).toThrow(DiagnosticError)
  })
})
