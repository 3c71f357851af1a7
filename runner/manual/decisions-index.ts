import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { table } from './type-manual.ts'

/** The sections of every decision, in their order. */
export const decisionSections = ['Context', 'Choice', 'Measurement', 'Alternatives'] as const

/** One decision: its file, its title, its area and its sections. */
export interface Decision {
  readonly file: string
  readonly title: string
  readonly area: string
  readonly sections: readonly string[]
}

/** The decisions of a folder, in the order of their areas and titles. */
export function decisionsIn(folder: string): readonly Decision[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => decisionOf(file, readFileSync(join(folder, file), 'utf8')))
    .sort((a, b) => (`${a.area} ${a.title}` < `${b.area} ${b.title}` ? -1 : 1))
}

function decisionOf(file: string, text: string): Decision {
  return {
    file,
    title: /^# (.+)$/m.exec(text)?.[1] ?? '',
    area: /^Area: (.+)$/m.exec(text)?.[1] ?? 'other',
    sections: [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title!),
  }
}

/** The index of the decisions, in Markdown. */
export function decisionsIndex(decisions: readonly Decision[]): string {
  const areas = [...new Set(decisions.map((each) => each.area))]
  const parts = areas.map((area) => {
    const rows = decisions
      .filter((each) => each.area === area)
      .map(({ title, file }) => [`[${title}](${file})`])
    return `## ${area[0]!.toUpperCase()}${area.slice(1)}\n\n${table(['decision'], rows)}`
  })
  return `# Decisions\n\nWhat was decided, why, and with which measurement: a file each. A new decision is a new file with the sections ${decisionSections.join(', ')}; \`npm run generate\` adds it to this page.\n\n${parts.join('\n\n')}\n`
}
