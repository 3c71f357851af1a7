import { withoutEnd } from '../../text/trim-end.ts'
import { exec } from '../../contract/change.ts'
import { Matcher } from '../../contract/matcher.ts'
import { parseJson } from '../../contract/json.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { Secret } from '../../contract/secret.ts'
import { invalid } from '../unclear.ts'

/** Seconds that a command may take, as under `run`: it is the author's own, and no probe of a type. */
const commandSeconds = 600

/** A command is run; or, where the author vouches that it only reads, its answer is read. */
export const command = defineResource({
  name: 'command',
  summary: 'A command is run; or, where the author vouches that it only reads, its answer is read.',
  source: "Ansible's command and shell",
  params: {
    type: 'object',
    exactlyOne: [['cmd', 'argv']],
    properties: {
      cmd: {
        type: 'string',
        minLength: 1,
        identity: true,
        description: 'A line for `sh`, with its pipes and quotes.',
        examples: ['ls -d1 /tmp/ims_* | wc -l'],
      },
      argv: {
        type: 'array',
        minItems: 1,
        identity: true,
        description: 'A command and its arguments, without a shell.',
        items: { type: 'string', description: 'One word.' },
      },
      chdir: {
        type: 'string',
        format: 'path',
        identity: true,
        description: 'The folder that it runs in.',
      },
      stdin: {
        type: 'string',
        orSecret: true,
        identity: true,
        description:
          'What it gets on its standard input. A secret may go here under `run`, never into `cmd` or `argv`.',
      },
      environment: {
        type: 'object',
        identity: true,
        keyPattern: '^[A-Za-z_][A-Za-z0-9_]*$',
        description: 'Variables of its environment.',
        additionalProperties: { type: 'string', description: 'Value.' },
      },
      ahead: {
        type: 'boolean',
        default: false,
        description:
          'The reading may be taken before its turn, together with others: it means the same at any time and disturbs nothing.',
      },
      rc: {
        type: 'integer',
        matcher: true,
        default: 0,
        description: 'The exit that is an answer to `read`, and that `require` and `wait` want.',
        examples: [{ one_of: [0, 1] }],
      },
      stdout: {
        type: 'string',
        matcher: true,
        description: 'The output that `require` and `wait` want. Left out: any.',
      },
    },
  },
  state: {
    rc: { type: 'integer', description: 'Its exit.' },
    stdout: { type: 'string', description: 'Its output, without line ends at its end.' },
    stderr: {
      type: 'string',
      information: true,
      description: 'Its error output, without line ends at its end.',
    },
    json: {
      type: 'any',
      information: true,
      description: 'Its output as a value, where it is JSON.',
    },
  },
  probe: (params) => {
    const { stdin } = params
    if (stdin instanceof Secret)
      return invalid(
        'a secret is given to a command under `run` only',
        'use `run:`, or a type that reads what you need',
      )
    return {
      call: ask(wordsOf(params), 'any', {
        timeout: commandSeconds,
        ...(params.ahead ? {} : { ahead: false }),
        ...(stdin === undefined ? {} : { stdin }),
        ...surroundings(params),
      }),
    }
  },
  observe: ({ call }) => ({
    rc: call.exit,
    stdout: trimmed(call.stdout),
    stderr: trimmed(call.stderr),
    json: parseJson(call.stdout) ?? null,
  }),
  desire: ({ rc, stdout }) => ({ rc, stdout }),
  unanswered: ({ rc, stderr }, { rc: wanted, argv, cmd }) =>
    (wanted instanceof Matcher ? wanted.accepts(rc) : wanted === rc)
      ? null
      : {
          message: `${(argv ?? [cmd]).join(' ').slice(0, 200)} failed: exit ${rc}${stderr ? `: ${stderr.slice(-300)}` : ''}`,
          hint: `where exit ${rc} is an answer too, write \`rc: { one_of: [0, ${rc}] }\``,
        },
  act: (params) =>
    exec(wordsOf(params), {
      ...(params.cmd === undefined ? {} : { shown: params.cmd }),
      ...(params.stdin === undefined ? {} : { stdin: params.stdin }),
      ...surroundings(params),
    }),
})

interface Call {
  readonly cmd?: string | undefined
  readonly argv?: readonly string[] | undefined
  readonly chdir?: string | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
}

function wordsOf({ cmd, argv }: Call): readonly string[] {
  return argv ?? ['sh', '-c', cmd!]
}

function surroundings({ chdir, environment }: Call) {
  return {
    ...(chdir === undefined ? {} : { chdir }),
    ...(environment === undefined ? {} : { environment }),
  }
}

function trimmed(text: string): string {
  return withoutEnd(text, '\r\n')
}
