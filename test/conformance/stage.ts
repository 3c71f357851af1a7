import { startGateway, type Gateway } from '../../lab/csm/gateway.ts'
import { type System } from '../../lab/csm/system.ts'
import { makeSystem } from '../../lab/csm/make-system.ts'
import { type Component, type Machine } from '../../lab/csm/system-model.ts'
import type { Stage } from './play-transcript.ts'
import type { Transcript } from './transcripts.ts'

/** A gateway before the services as they were when a transcript began: what was recorded fills it. */
export interface RecordedStage extends Stage {
  readonly system: System
  close(): Promise<void>
}

/** Raises it. Its clock stands still but for the waits of the transcript. */
export async function recordedStage(transcript: Transcript): Promise<RecordedStage> {
  let passed = 0
  const begun = Date.now()
  const system = makeSystem({
    release: transcript.lab_release,
    now: () => begun + passed,
    components: transcript.name === 'ims-3.33.0-status' ? statusNodes : hsmNodes,
    content: 'none',
  })
  if (transcript.name === 'bos-2.30.5-session') putManifest(system, transcript)
  const gateway: Gateway = await startGateway(system)
  return {
    system,
    hasContent: false,
    port: gateway.port,
    authority: gateway.authority,
    token() {
      system.tokens.set('token', Number.MAX_SAFE_INTEGER)
      return 'token'
    },
    async wait(seconds) {
      passed += seconds * 1000
    },
    close: () => gateway.close(),
  }
}

// The manifest lies in S3, and IMS has no record of the image.
function putManifest(system: System, { facts }: Transcript): void {
  const path = /s3:\/\/boot-images\/<uuid1>\/manifest\.json/.exec(JSON.stringify(facts))![0]
  system.artifacts.add(path.replace('<uuid1>', '00000000-0000-4000-8000-000000000001'))
}

function still(more: Partial<Machine> = {}): Machine {
  return {
    powered: () => true,
    ready: () => true,
    unreachable: () => false,
    admitsRoot: async () => true,
    run: async () => ({ exit: 0, stdout: '', stderr: '' }),
    booted: () => ({ bootId: '1', at: 0, image: null, parameters: '', reports: false }),
    powerOn: async () => {},
    powerOff: async () => {},
    ...more,
  }
}

function node(xname: string, nid: number, more: Partial<Component> = {}): Component {
  return {
    xname,
    nid,
    role: 'Compute',
    arch: 'X86',
    class: 'River',
    aliases: [],
    address: '10.0.0.1',
    machine: still(),
    ...more,
  }
}

/** The five nodes that HSM had, in no order. */
const hsmNodes: readonly Component[] = [
  node('x3000c0s19b4n0', 4, { arch: 'ARM' }),
  node('x3000c0s1b0n0', 100001, { role: 'Management', subRole: 'Master' }),
  node('x3000c0s19b1n0', 1, { netType: 'Sling' }),
  node('x3000c0s19b2n0', 2, {
    machine: still({ powered: () => false, ready: () => false }),
  }),
  node('x3000c0s19b3n0', 3, { arch: 'ARM' }),
]

/** A machine that answers IMS's commands so. */
function asked(answers: Readonly<Record<string, string | [number, string]>>): Machine {
  return still({
    async run(command) {
      const name = command.split(' ')[0]!
      const answer =
        answers[name] ?? { uname: 'x86_64\n', which: '/usr/bin/podman\n', ls: '0\n' }[name]!
      return typeof answer === 'string'
        ? { exit: 0, stdout: answer, stderr: '' }
        : { exit: answer[0], stdout: '', stderr: answer[1] }
    },
  })
}

/** The ten nodes whose status was asked, each in the state that the record's name says. */
const statusNodes: readonly Component[] = [
  node('x3000c0s19b1n0', 1, { machine: asked({ ls: '2\n' }) }),
  node('x3000c0s19b2n0', 2, {
    machine: asked({ which: [1, 'which: no podman in (/usr/bin:/bin:/usr/sbin:/sbin)'] }),
  }),
  node('x3000c0s20b3n0', 3, { machine: asked({ uname: 'unknown\n' }) }),
  node('x3000c0s20b4n0', 4, { machine: asked({ uname: [3, 'uname: boom'] }) }),
  node('x3000c0s20b5n0', 5, { machine: asked({ which: '/usr/local/bin/podman\n' }) }),
  node('x3000c0s20b6n0', 6, { machine: still({ admitsRoot: async () => false }) }),
  node('x3000c0s20b7n0', 7, { machine: still({ ready: () => false }) }),
  node('x3000c0s20b8n0', 8, { machine: asked({ ls: 'many\n' }) }),
  node('x3000c0s20b9n0', 9, { machine: asked({}) }),
]
