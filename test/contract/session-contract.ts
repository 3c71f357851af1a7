import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, sha256, stat, text } from '../../runner/contract/probe.ts'
import { reveal } from '../../runner/contract/secret-text.ts'
import { Secret } from '../../runner/contract/secret.ts'
import type { Action } from '../../runner/contract/change.ts'
import type { Answered, Probe } from '../../runner/contract/probe.ts'
import type { Answer, Guard, Session, WorldAction } from '../../runner/model/session.ts'

/** A host to hold the contract against. */
export interface Subject {
  readonly session: Session
  /** A folder of the controller for files to upload. */
  readonly local: string
  /** A folder on the host, absolute, which exists and is empty. */
  readonly scratch: string
  close(): Promise<void>
}
/** What a host can be held to. */
export interface Traits {
  /** Commands are real processes: they can hang, hold a pipe, be killed, and print bytes that are not text. */
  readonly processes: boolean
  /** The user is not root. */
  readonly unprivileged: boolean
}

const failure = (code: string): unknown => ({ failed: expect.objectContaining({ code }) })
const sh = (script: string, exits: readonly number[] | 'any' = [0], options: object = {}): Probe =>
  ask(['sh', '-c', script], exits, options)

/** Counts the commands `sleep MARK`, for up to 20 seconds until there are so many: a busy host takes a while to begin or to end one. */
const sleeping = (mark: string, wanted: number): Probe =>
  sh(
    `i=0; while n=$(ps -e -o args= | grep -c "^sleep ${mark}"); [ $n != ${wanted} ] && [ $i -lt 200 ]; do i=$((i+1)); sleep 0.1; done; echo $n`,
    'any',
  )

// The shell of the script is the last ancestor that was told how to read it.
const killShell = `up() { cut -d" " -f4 /proc/$1/stat; }
p=$PPID; while tr "\\0" " " </proc/$(up $p)/cmdline | grep -q fullblock; do p=$(up $p); done
kill -KILL $p; sleep 3`

/** What every session promises, whatever its shell and its connection. */
export function sessionContract(name: string, traits: Traits, open: () => Promise<Subject>): void {
  describe(`a session over ${name}`, () => {
    let subject: Subject
    let dir = ''
    beforeAll(async () => {
      subject = await open()
      dir = subject.scratch
    })
    afterAll(() => subject.close())

    const read = async (...probes: readonly Probe[]): Promise<readonly Answered[]> =>
      (await subject.session.exchange({ probes })).readings
    const act = (
      actions: readonly WorldAction[],
      probes: readonly Probe[] = [],
      guards: readonly Guard[] = [],
    ): Promise<Answer> => subject.session.exchange({ apply: { guards, actions }, probes })
    const put = async (path: string, content: string, mode = '0644'): Promise<void> => {
      const { actions } = await act([{ do: 'write', path: `${dir}/${path}`, content, mode }])
      expect(actions).toMatchObject([{ ok: true }])
    }
    const local = (path: string, bytes: Buffer): { path: string; size: number; sha256: string } => {
      writeFileSync(`${subject.local}/${path}`, bytes)
      return {
        path: `${subject.local}/${path}`,
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      }
    }

    describe('reads', () => {
      it('what is there, and proves what is not', async () => {
        await put('here', 'one\n', '0640')
        const [is, isNot, file, missing, hash] = await read(
          stat(`${dir}/here`),
          stat(`${dir}/no/where`),
          text(`${dir}/here`),
          text(`${dir}/nowhere`),
          sha256(`${dir}/here`),
        )
        expect(is).toMatchObject({ exists: true, kind: 'file', mode: '0640', size: 4 })
        expect(isNot).toEqual({ exists: false })
        expect(file).toEqual({ exists: true, text: 'one\n' })
        expect(missing).toEqual({ exists: false })
        expect(hash).toEqual({
          exists: true,
          sha256: createHash('sha256').update('one\n').digest('hex'),
        })
      })

      it('links themselves, their targets, and what lies below a file', async () => {
        await put('target', 'x')
        await act([
          { do: 'exec', argv: ['ln', '-sf', 'target', `${dir}/link`] },
          { do: 'exec', argv: ['ln', '-sf', 'nowhere', `${dir}/dangling`] },
        ])
        const [link, followed, dangling, end, below] = await read(
          stat(`${dir}/link`),
          stat(`${dir}/link`, { follow: true }),
          stat(`${dir}/dangling`),
          stat(`${dir}/dangling`, { follow: true }),
          stat(`${dir}/target/below`),
        )
        expect(link).toMatchObject({ kind: 'link', target: 'target' })
        expect(followed).toMatchObject({ kind: 'file', size: 1 })
        expect(dangling).toMatchObject({ kind: 'link', target: 'nowhere' })
        expect(end).toEqual({ exists: false })
        expect(below).toEqual({ exists: false })
      })

      it('many stats in one script, in the order they were asked', async () => {
        await put('a b', '12')
        await put("it's", '123')
        const paths = ['a b', 'nope', "it's", '$HOME', 'a b/c', 'no"pe', '.'].map((path) =>
          stat(`${dir}/${path}`),
        )
        const { readings, cost } = await subject.session.exchange({ probes: paths })
        expect(readings).toMatchObject([
          { size: 2 },
          { exists: false },
          { size: 3 },
          { exists: false },
          { exists: false },
          { exists: false },
          { kind: 'directory' },
        ])
        expect(cost.scripts).toBe(1)
      })

      it('text as it is: no final newline, CRLF, many lines, none at all', async () => {
        const texts = [
          '',
          'no newline',
          'a\r\nb\r\n',
          '\n\n\n',
          Array.from({ length: 10_000 }, (_, i) => `line ${i}\n`)
            .join('')
            .slice(0, 64_000),
          'grüße ☃\n',
          ...(traits.processes ? ['﻿bom'] : []),
        ]
        for (const [index, content] of texts.entries()) await put(`text${index}`, content)
        expect(await read(...texts.map((_, index) => text(`${dir}/text${index}`)))).toEqual(
          texts.map((content) => ({ exists: true, text: content })),
        )
      })

      it('nothing that is not text, not a file, or too large', async () => {
        await put('large', 'x'.repeat(2000))
        await act([
          {
            do: 'upload',
            path: `${dir}/binary`,
            source: local('binary', Buffer.from([0xff, 0xfe, 0, 1])),
          },
        ])
        const [binary, folder, large, whole] = await read(
          text(`${dir}/binary`),
          text(dir),
          text(`${dir}/large`, { cap: 1999 }),
          text(`${dir}/large`, { cap: 2000 }),
        )
        if (traits.processes) expect(binary).toEqual(failure('not-text'))
        expect(folder).toEqual(failure('io'))
        expect(large).toEqual(failure('too-large'))
        expect(whole).toMatchObject({ exists: true })
      })

      it('below homes, and says when there is none', async () => {
        const [home, nobody, bad] = await read(
          stat('~root', {}),
          text('~no-such-user-here/x'),
          text('~root;id/x'),
        )
        expect(home).toMatchObject({ exists: true, kind: 'directory' })
        expect(nobody).toEqual(failure('io'))
        expect(bad).toEqual(failure('io'))
      })

      it('commands: exit, output and errors apart, their own words when they fail', async () => {
        const [good, failing, missing] = await read(
          sh('echo "a  b"; echo words >&2; exit 3', [3]),
          sh('echo why >&2; exit 255'),
          ask(['no-such-command-here']),
        )
        expect(good).toEqual({ exit: 3, stdout: 'a  b\n', stderr: 'words\n' })
        expect(failing).toEqual({
          failed: expect.objectContaining({
            code: 'exit',
            message: expect.stringMatching(/255.*why/),
          }),
        })
        expect(missing).toEqual(failure('missing-tool'))
        expect(
          await read(
            sh('exit 255', [255]),
            ask(['no-such-command-here'], [127]),
            sh('exit 9', 'any'),
          ),
        ).toMatchObject([{ exit: 255 }, { exit: 127 }, { exit: 9 }])
      })

      it('commands with their input, folder and environment, and nothing else to read', async () => {
        const words = ["it's", '$HOME `id` \\n "', '-n', '', '*', '!x']
        const [argv, input, folder, variable, nothing, nowhere] = await read(
          ask(['printf', '<%s>', ...words]),
          ask(['cat'], [0], { stdin: "a'b\\c\n$x" }),
          ask(['pwd'], [0], { chdir: dir }),
          sh('echo "$M-$PATH" | sed "s,-.*/bin.*,-path,"; echo $LC_ALL', [0], {
            environment: { M: 'a b' },
          }),
          ask(['cat']),
          ask(['pwd'], 'any', { chdir: `${dir}/nowhere` }),
        )
        expect(argv).toMatchObject({ stdout: words.map((word) => `<${word}>`).join('') })
        expect(input).toMatchObject({ stdout: "a'b\\c\n$x" })
        expect(folder).toMatchObject({ stdout: `${dir}\n` })
        expect(variable).toMatchObject({ stdout: 'a b-path\nC\n' })
        expect(nothing).toMatchObject({ exit: 0, stdout: '' })
        expect(nowhere).toEqual(failure('io'))
      })

      it('secrets as secrets', async () => {
        await put('secret', 'hush', '0600')
        const [file, output, gone] = await read(
          text(`${dir}/secret`, { secret: 'key' }),
          ask(['cat', `${dir}/secret`], [0], { secret: 'key' }),
          sh('echo hush >&2; exit 1', [0], { secret: 'key' }),
        )
        expect(reveal((file as unknown as { text: Secret }).text)).toBe('hush')
        expect(reveal((output as unknown as { stdout: Secret }).stdout)).toBe('hush')
        expect(JSON.stringify([file, output, gone])).not.toContain('hush')
      })

      it('an output with more than its cap as too large, and what comes after it all the same', async () => {
        const [much, after] = await read(
          sh('i=0; while [ $i -lt 3000 ]; do echo 0123456789; i=$((i+1)); done', [0], {
            cap: 1000,
          }),
          sh('echo after'),
        )
        expect(much).toEqual(failure('too-large'))
        expect(after).toMatchObject({ stdout: 'after\n' })
      })

      it('equal probes once', async () => {
        const [one, two] = await read(ask(['date', '+%s']), ask(['date', '+%s']))
        expect(one).toEqual(two)
      })
    })

    describe('acts', () => {
      it('in order, reads afterwards in the same script, and stops at the first failure', async () => {
        const { actions, readings, cost } = await act(
          [
            { do: 'exec', argv: ['sh', '-c', 'echo out; echo err >&2; exit 4'], exits: [0, 4] },
            { do: 'write', path: `${dir}/order`, content: '1' },
            { do: 'exec', argv: ['sh', '-c', 'echo why >&2; exit 3'] },
            { do: 'remove', path: `${dir}/order` },
          ],
          [text(`${dir}/order`)],
        )
        expect(actions).toMatchObject([
          { ok: true, code: 4, stdout: 'out\n', stderr: 'err\n' },
          { ok: true },
          { ok: false, code: 3, message: expect.stringContaining('why') },
        ])
        expect(readings).toEqual([{ exists: true, text: '1' }])
        expect(cost.scripts).toBe(1)
      })

      it('on nothing when a guard has moved', async () => {
        await put('guarded', 'now\n')
        const path = `${dir}/guarded`
        const [was, meta, hash, gone] = await read(
          ask(['cat', path]),
          stat(path),
          sha256(path),
          stat(`${dir}/gone`),
        )
        const guards: Guard[] = [
          { probe: ask(['cat', path]), expected: was! },
          { probe: stat(path), expected: meta! },
          { probe: sha256(path), expected: hash! },
          { probe: stat(`${dir}/gone`), expected: gone! },
          { probe: text(path), expected: { exists: true, text: 'now\n' } },
        ]
        const marker: Action[] = [{ do: 'write', path: `${dir}/marker`, content: '' }]
        expect(await act(marker as WorldAction[], [], guards)).toMatchObject({
          actions: [{ ok: true }],
        })
        const wrong: readonly [Guard, unknown][] = [
          [
            { probe: ask(['cat', path]), expected: { exit: 0, stdout: 'now', stderr: '' } },
            { stdout: 'now\n' },
          ],
          [
            {
              probe: ask(['cat', path], 'any'),
              expected: { exit: 1, stdout: 'now\n', stderr: '' },
            },
            { exit: 0 },
          ],
          [{ probe: text(path), expected: { exists: true, text: 'then\n' } }, { text: 'now\n' }],
          [{ probe: stat(path), expected: { exists: false } }, { exists: true }],
          [{ probe: sha256(path), expected: { exists: true, sha256: '0'.repeat(64) } }, hash],
          [{ probe: stat(`${dir}/gone`), expected: meta! }, { exists: false }],
        ]
        for (const [guard, found] of wrong) {
          const answer = await act([{ do: 'remove', path }], [stat(path)], [...guards, guard])
          expect(answer.moved).toMatchObject({ guard, found })
          expect(answer.actions).toEqual([])
          expect(answer.readings).toMatchObject([{ exists: true }])
        }
      })

      it('with secrets, which go where they should and nowhere else', async () => {
        const canary = `c'a"n$a\\ry ☃ ${randomBytes(6).toString('hex')}`
        const secret = new Secret('canary', canary)
        const { actions, readings } = await act(
          [
            { do: 'exec', argv: ['cat'], stdin: secret, secret: 'canary' },
            { do: 'write', path: `${dir}/canary`, content: secret },
          ],
          [text(`${dir}/canary`, { secret: 'canary' }), stat(`${dir}/canary`)],
        )
        expect(actions).toMatchObject([{ ok: true }, { ok: true }])
        expect((actions[0]!.stdout as Secret).equals(canary)).toBe(true)
        expect((readings[0] as unknown as { text: Secret }).text.equals(canary)).toBe(true)
        expect(readings[1]).toMatchObject({ mode: '0600' })
        expect(JSON.stringify([actions, readings])).not.toContain(canary.slice(-12))
      })

      it('keeps the mode of a file that it replaces, and the file itself where a backup is wanted', async () => {
        await put('kept', 'old', '0604')
        const { readings } = await act(
          [{ do: 'write', path: `${dir}/kept`, content: 'new', backup: 'kept.old' }],
          [
            text(`${dir}/kept`),
            stat(`${dir}/kept`),
            text(`${dir}/kept.old`),
            ask(['ls', '-A', dir]),
          ],
        )
        expect(readings).toMatchObject([{ text: 'new' }, { mode: '0604' }, { text: 'old' }, {}])
        expect((readings[3] as { stdout: string }).stdout).not.toMatch(/^\.kept/m)
      })

      it('uploads small files and large ones, and refuses one that has changed', async () => {
        const small = local('small', Buffer.from([0, 255, 10, 13, 0]))
        const large = local('large', randomBytes(300_000))
        const good = await act(
          [
            { do: 'upload', path: `${dir}/small`, source: small, mode: '0700' },
            { do: 'upload', path: `${dir}/large`, source: large },
            { do: 'exec', argv: ['true'] },
          ],
          [sha256(`${dir}/small`), stat(`${dir}/small`), sha256(`${dir}/large`)],
        )
        expect(good.actions).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
        expect(good.readings).toMatchObject([
          { sha256: small.sha256 },
          { mode: '0700' },
          { sha256: large.sha256 },
        ])
        const changed = { ...large, sha256: small.sha256 }
        expect(
          (
            await act(
              [{ do: 'upload', path: `${dir}/changed`, source: changed }],
              [stat(`${dir}/changed`)],
            )
          ).readings,
        ).toEqual([{ exists: false }])
        expect(
          (await act([{ do: 'upload', path: `${dir}/shrunk`, source: { ...small, size: 6 } }]))
            .actions,
        ).toMatchObject([{ ok: false }])
      })

      it('removes files, links, empty folders and trees, and nothing more than that', async () => {
        await act([
          { do: 'exec', argv: ['mkdir', '-p', `${dir}/tree/branch`, `${dir}/empty`] },
          { do: 'write', path: `${dir}/tree/leaf`, content: '' },
          { do: 'exec', argv: ['ln', '-s', 'tree', `${dir}/pointer`] },
        ])
        expect((await act([{ do: 'remove', path: `${dir}/tree` }])).actions).toMatchObject([
          { ok: false },
        ])
        const { actions, readings } = await act(
          [
            { do: 'remove', path: `${dir}/pointer`, recursive: true },
            { do: 'remove', path: `${dir}/empty` },
            { do: 'remove', path: `${dir}/gone` },
          ],
          [stat(`${dir}/pointer`), stat(`${dir}/empty`), stat(`${dir}/tree/leaf`)],
        )
        expect(actions).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
        expect(readings).toMatchObject([{ exists: false }, { exists: false }, { exists: true }])
        expect(
          await act(
            [{ do: 'remove', path: `${dir}/tree`, recursive: true }],
            [stat(`${dir}/tree`)],
          ),
        ).toMatchObject({ actions: [{ ok: true }], readings: [{ exists: false }] })
        for (const path of ['/', '/.', `${dir}/../..`, 'relative', '~no-such-user-here/x']) {
          expect(
            (await act([{ do: 'remove', path, recursive: true }])).actions,
            path,
          ).toMatchObject([{ ok: false }])
        }
      })

      it('not on what is not a plain file', async () => {
        await put('plain', '')
        expect((await act([{ do: 'write', path: dir, content: '' }])).actions).toMatchObject([
          { ok: false },
        ])
        expect(
          (await act([{ do: 'write', path: `${dir}/nowhere/x`, content: '' }])).actions,
        ).toMatchObject([{ ok: false, message: `the folder ${dir}/nowhere does not exist` }])
        expect(
          (await act([{ do: 'write', path: `${dir}/plain`, content: '', owner: 'x;id' }])).actions,
        ).toMatchObject([{ ok: false }])
      })
    })

    describe.runIf(traits.processes)('survives', () => {
      it('a probe that hangs, with what stands beside it', async () => {
        const [before, hung, after] = await read(
          sh('echo before'),
          sh('sleep 30 | sleep 31', [0], { timeout: 1 }),
          sh('echo after'),
        )
        expect(before).toMatchObject({ stdout: 'before\n' })
        expect(hung).toEqual(failure('timeout'))
        expect(after).toMatchObject({ stdout: 'after\n' })
      })

      it('a probe that takes long, and says how far it is', async () => {
        const probe = sh(
          'echo "progress 42 %" >&2; until [ -e go ]; do sleep 0.05; done; rm go; echo done; echo why >&2; exit 3',
          [3],
          { chdir: dir, progress: true, timeout: 60 },
        )
        const heard: unknown[] = []
        const go = (told: Probe, text: string): void => {
          heard.push([told, text])
          void subject.session.exchange({ probes: [sh('touch go', [0], { chdir: dir })] })
        }
        const { readings } = await subject.session.exchange({ probes: [probe], progress: go })
        expect(readings).toEqual([{ exit: 3, stdout: 'done\n', stderr: 'why\n' }])
        const { actions } = await subject.session.exchange({
          apply: {
            guards: [{ probe, expected: readings[0]! }],
            actions: [{ do: 'exec', argv: ['true'] }],
          },
          progress: go,
          probes: [],
        })
        expect(actions).toMatchObject([{ ok: true }])
        expect(heard).toContainEqual([probe, '42 %'])
        expect(heard.length).toBe(2)
      })

      it('a probe that ignores being asked to end', async () => {
        const [hung, after] = await read(
          sh('trap "" TERM; sleep 30; sleep 30', [0], { timeout: 1 }),
          sh('echo after'),
        )
        expect(hung).toEqual(failure('timeout'))
        expect(after).toMatchObject({ stdout: 'after\n' })
      })

      it('a probe that is killed, and one that kills the shell it runs in', async () => {
        const [killed, suicide, after] = await read(
          sh('kill -KILL $$'),
          sh(killShell),
          sh('echo after'),
        )
        expect(killed).toEqual(failure('exit'))
        expect(suicide).toMatchObject({ failed: expect.anything() })
        expect(after).toMatchObject({ stdout: 'after\n' })
      })

      it('a daemon that keeps the output, and writes to it later', async () => {
        const [held, after] = await read(
          sh('(sleep 1; echo late; echo late >&2) & echo started'),
          sh('sleep 2; echo after'),
        )
        expect(held).toMatchObject({ exit: 0, stdout: 'started\n' })
        expect(after).toMatchObject({ exit: 0, stdout: 'after\n' })
      })

      it('floods, with lines and without', async () => {
        const [lines, line, after] = await read(
          ask(['yes']),
          sh('tr "\\0" x </dev/zero'),
          sh('echo after'),
        )
        expect(lines).toEqual(failure('too-large'))
        expect(line).toEqual(failure('too-large'))
        expect(after).toMatchObject({ stdout: 'after\n' })
      })

      it('bytes that are not text, and look-alikes of its marks', async () => {
        const [binary, marks] = await read(
          sh('printf "a\\000b\\377\\n"'),
          sh('printf "\\n%s 0 0\\n\\n%s e 0\\n" 0123456789abcdef01234567 $M'),
        )
        expect(binary).toMatchObject({ stdout: 'a\0b\uFFFD\n' })
        expect(marks).toMatchObject({ stdout: '\n0123456789abcdef01234567 0 0\n\n e 0\n' })
      })

      it('a folder that cannot be looked into', async () => {
        if (!traits.unprivileged) return
        await act([
          { do: 'exec', argv: ['sh', '-c', `mkdir -p ${dir}/locked/in; chmod 0 ${dir}/locked`] },
        ])
        const found = await read(
          stat(`${dir}/locked/in`),
          stat(`${dir}/locked/in`, { follow: true }),
          text(`${dir}/locked/in/x`),
          sha256(`${dir}/locked/x`),
          stat(`${dir}/locked`),
        )
        await act([{ do: 'exec', argv: ['chmod', '700', `${dir}/locked`] }])
        expect(found).toEqual([
          failure('denied'),
          failure('denied'),
          failure('denied'),
          failure('denied'),
          expect.objectContaining({ kind: 'directory', mode: '0000' }),
        ])
      })

      it('an action that hangs: its whole group is killed, and the probes are answered', async () => {
        const mark = `7${Date.now() % 100_000}`
        const { actions, readings } = await act(
          [{ do: 'exec', argv: ['sh', '-c', `sleep ${mark} | sleep ${mark}`], timeout: 1 }],
          [sleeping(mark, 0)],
        )
        expect(actions).toMatchObject([{ ok: false, message: expect.stringContaining('1s') }])
        expect(readings).toMatchObject([{ stdout: '0\n' }])
      })

      it('an action that leaves a daemon, which lives on', async () => {
        const mark = `8${Date.now() % 100_000}`
        const { actions, readings } = await act(
          [{ do: 'exec', argv: ['sh', '-c', `sleep ${mark} & echo $!`] }],
          [sleeping(mark, 1)],
        )
        expect(actions).toMatchObject([{ ok: true }])
        expect(readings).toMatchObject([{ stdout: '1\n' }])
        await act([{ do: 'exec', argv: ['kill', String(actions[0]!.stdout).trim()] }])
      })

      it('being interrupted: what runs is killed, and nothing follows', async () => {
        const mark = `9${Date.now() % 100_000}`
        const interrupt = new AbortController()
        const running = subject.session.exchange({
          apply: {
            guards: [],
            actions: [
              { do: 'exec', argv: ['sh', '-c', `trap "" TERM; sleep ${mark} | sleep ${mark}`] },
              { do: 'write', path: `${dir}/after`, content: '' },
            ],
          },
          probes: [],
          signal: interrupt.signal,
        })
        setTimeout(() => interrupt.abort(), 700)
        await expect(running).rejects.toThrow('interrupted')
        const [left, after] = await read(sleeping(mark, 0), stat(`${dir}/after`))
        expect(left).toMatchObject({ stdout: '0\n' })
        expect(after).toEqual({ exists: false })
      })

      it('being interrupted while it reads: what runs is killed, also what would not end when asked', async () => {
        const mark = `6${Date.now() % 100_000}`
        const interrupt = new AbortController()
        const running = subject.session.exchange({
          probes: [sh(`trap "" TERM; sleep ${mark} | sleep ${mark}`)],
          signal: interrupt.signal,
        })
        setTimeout(() => interrupt.abort(), 700)
        await expect(running).rejects.toThrow('interrupted')
        expect(await read(sleeping(mark, 0))).toMatchObject([{ stdout: '0\n' }])
      })

      it('a file among many that cannot be read to its end', async () => {
        for (const name of ['one', 'two', 'three']) await put(`among-${name}`, name)
        const at = (name: string): Probe => text(`${dir}/among-${name}`)
        // It looks like a file that can be read, and fails in the middle of the others.
        const found = await subject.session.exchange({
          probes: [
            at('one'),
            text('/proc/self/mem'),
            at('two'),
            text(`${dir}/among-none`),
            at('three'),
          ],
        })
        expect(found.readings).toMatchObject([
          { text: 'one' },
          { failed: { code: 'io' } },
          { text: 'two' },
          { exists: false },
          { text: 'three' },
        ])
        const failing = await subject.session.exchange({
          probes: [at('one'), text('/proc/self/mem'), at('three')],
        })
        expect(failing.readings).toMatchObject([
          { text: 'one' },
          { failed: { code: 'io' } },
          { text: 'three' },
        ])
        expect([found.cost.scripts, failing.cost.scripts]).toEqual([1, 1])
      })

      it('secrets that nobody sees in the list of processes', async () => {
        const secret = new Secret('canary', `canary${randomBytes(6).toString('hex')}`)
        const [answer, seen] = await Promise.all([
          act([
            { do: 'exec', argv: ['sh', '-c', 'sleep 1; cat >/dev/null'], stdin: secret },
            { do: 'write', path: `${dir}/hidden`, content: secret },
          ]),
          read(
            sh(
              `i=0; while [ $i -lt 12 ]; do ps -e -o args=; i=$((i+1)); sleep 0.1; done | grep -c "canary[0-9a-f]"`,
              'any',
            ),
          ),
        ])
        expect(answer.actions).toMatchObject([{ ok: true }, { ok: true }])
        expect(seen).toMatchObject([{ stdout: '0\n' }])
      })
    })
  })
}
