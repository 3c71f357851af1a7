import type { Change } from '../../contract/change.ts'
import { refused } from '../refused.ts'

interface Current {
  readonly discovery: string | null
  readonly enabled: boolean | null
  readonly asked: boolean | null
}
type Field = 'discovery' | 'missing'

/** How a controller is asked again: one request, and what HSM finds is waited for. */
export function discoveryChanges(
  diff: { readonly [F in Field]?: unknown },
  { xname }: { readonly xname: string },
  current: Current,
): readonly Change<Field>[] {
  const drifted = Object.keys(diff) as Field[]
  const title = `have HSM discover ${xname}`
  if (current.discovery === null)
    return refused(
      title,
      drifted,
      `HSM knows no controller ${xname}`,
      `\`hsm_endpoint\` makes it known; \`cray hsm inventory redfishEndpoints list\` shows those that it knows`,
    )
  if (current.enabled === false)
    return refused(
      title,
      drifted,
      `HSM does not ask ${xname}: its record is disabled`,
      '`hsm_endpoint` with `enabled: true` has it asked again',
    )
  if (current.asked === true || current.discovery === 'DiscoveryStarted')
    return [
      {
        title: `see the discovery of ${xname} through`,
        repairs: drifted,
        actions: [{ do: 'await', why: `HSM asks ${xname}` }],
      },
    ]
  return [
    {
      title,
      repairs: drifted,
      actions: [
        {
          do: 'http',
          service: 'hsm',
          method: 'POST',
          path: '/Inventory/Discover',
          body: { xnames: [xname], force: false },
          statuses: [200],
          name: 'asked',
        },
      ],
    },
  ]
}
