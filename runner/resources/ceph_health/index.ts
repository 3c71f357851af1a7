import { defineResource } from '../../contract/resource.ts'
import { isMap } from '../../contract/value.ts'
import { askCeph, cephAnswer, cephAsker } from '../ceph-answers.ts'
import { textAt, valueAt } from '../service-answers.ts'
import { unclear } from '../unclear.ts'

/** The Ceph cluster is healthy, but for checks that the task allows. */
export const cephHealth = defineResource({
  name: 'ceph_health',
  summary: 'The Ceph cluster is healthy, but for checks that the task allows.',
  source: 'Reboot NCNs; Remove Ceph Node (ceph health, ceph -s)',
  params: {
    type: 'object',
    properties: {
      ...cephAsker,
      allow: {
        type: 'array',
        orOne: true,
        minItems: 1,
        items: { type: 'string', pattern: '^[A-Z][A-Z0-9_]*$', description: 'Name of a check.' },
        description: 'Checks that may be raised.',
        examples: [['POOL_NEARFULL']],
      },
      status: {
        type: 'string',
        matcher: true,
        enum: ['HEALTH_OK', 'HEALTH_WARN', 'HEALTH_ERR'],
        description: 'Status that it must have, whatever the checks are.',
      },
    },
  },
  state: {
    status: { type: 'string', description: '`HEALTH_OK`, `HEALTH_WARN` or `HEALTH_ERR`.' },
    unexpected: {
      type: 'array',
      items: { type: 'string', description: 'Check with its message.' },
      description: 'Raised checks that are neither allowed nor muted, with their messages.',
    },
    checks: {
      type: 'array',
      items: { type: 'string', description: 'Name of a check.' },
      information: true,
      description: 'All raised checks.',
    },
  },
  probe: (params) => ({ health: askCeph(params, 'health') }),
  observe: ({ health }, { allow }) => {
    const answer = cephAnswer(health, 'how it is')
    const status = textAt(answer, 'status')
    if (status === null)
      return unclear('ceph gives no status of its health', 'try `ceph health --format json`')
    const raised = valueAt(answer, 'checks')
    const checks = isMap(raised) ? raised : {}
    const names = Object.keys(checks).toSorted()
    return {
      status,
      checks: names,
      unexpected: names
        .filter((name) => valueAt(checks[name], 'muted') !== true && !allow?.includes(name))
        .map((name) => `${name}: ${textAt(checks[name], 'summary', 'message') ?? ''}`),
    }
  },
  desire: ({ status }) => ({ status, unexpected: status === undefined ? [] : undefined }),
})
