import { durationText } from '../text/duration.ts'
import type { Event } from '../model/event.ts'
import { fromFolder } from '../text/from-folder.ts'
import { cleanLine } from './screen-text.ts'

/** What the heading of a run says of an inventory that an earlier command had asked for: how old it is. */
export function sourcesLines(
  { at, sources }: Extract<Event, { readonly type: 'run-started' }>,
  folder: string | undefined,
): readonly string[] {
  return (sources ?? [])
    .filter((source) => source.cached)
    .map(
      (source) =>
        `inventory of ${cleanLine(fromFolder(source.file, folder))} read ${durationText(Math.max(0, Math.round((at - source.at) / 1000)))} ago`,
    )
}
