import { countOf } from '../../text/count.ts'
import { foldNames } from '../../text/host-ranges.ts'
import { singleQuoted } from '../../text/shell-word.ts'
import type { Cause } from './causes.ts'
import type { Difference } from './changes-of-run.ts'
import type { Evidence } from './evidence.ts'
import { markup, type Markup } from './markup.ts'

/** Entries of one section that are shown; the records hold the rest. */
const shownAtMost = 400

/** What went wrong: each cause once, with its hosts in the form that `--limit` takes. */
export function causesSection({ causes }: Evidence): Markup {
  if (causes.length === 0) return markup``
  return markup`<h2>What went wrong</h2>${causes.slice(0, shownAtMost).map(causeCard)}${more(causes.length)}`
}

function causeCard(cause: Cause): Markup {
  const { outcome, spared, hosts, verb, sentence, message, hint, diff, said, excerpt, place } =
    cause
  return markup`<details class="card bad" open><summary><b>${hosts.length} ${outcome}</b>${spared === null ? '' : ` (${spared})`} <code>${verb}</code> ${sentence}</summary>
<p>${message} ${cause.code === null ? '' : markup`<small>[${cause.code}]</small>`}</p>${hint === null ? '' : markup`<p class="soft">${hint}</p>`}
${excerpt === null ? '' : markup`<pre>${excerpt.place}\n${excerpt.line}</pre>`}${diffBlock(diff)}${said.length === 0 ? '' : markup`<pre>${said.join('\n')}</pre>`}
${place === null ? '' : markup`<p>${place}</p>`}<p class="names">${cause.limit}</p>
<p class="scripted" hidden><button data-copy="--limit ${singleQuoted(cause.limit)}">copy --limit</button></p></details>`
}

function diffBlock(lines: readonly string[]): Markup {
  if (lines.length === 0) return markup``
  const painted = lines.flatMap((line, at) => {
    const end = at === 0 ? '' : '\n'
    const kind = /^ *\+/.test(line) ? 'add' : /^ *-/.test(line) ? 'del' : null
    return [end, kind === null ? line : markup`<span class="${kind}">${line}</span>`]
  })
  return markup`<pre>${painted}</pre>`
}

/** What changed, or would: each difference once, with its hosts. What destroys is open. */
export function changesSection({ changes, hosts, command, counts }: Evidence): Markup {
  if (changes.length === 0)
    return markup`<h2>What changed</h2><p>Nothing ${command === 'plan' ? 'would change' : 'changed'}.</p>`
  const title = command === 'plan' ? 'What would change' : 'What changed'
  const still = countOf(counts.ok + counts.skipped, 'outcome')
  const rest = `Nothing else was ${command === 'plan' ? 'found to differ' : 'touched'}: ${still} of tasks on ${countOf(hosts.length, 'host')} changed nothing.`
  return markup`<h2>${title}</h2>${changes.slice(0, shownAtMost).map(changeCard)}${more(changes.length)}<p class="soft">${rest}</p>`
}

function changeCard(change: Difference): Markup {
  const { effect, outcome, verb, sentence, item, reason, titles, actions, diff, hosts } = change
  const mark = effect === 'destroys' ? '! ' : effect === 'replaces' ? '~ ' : ''
  const open = effect === 'destroys' ? markup` open` : ''
  return markup`<details class="card ${effect}"${open}><summary>${mark}<b>${hosts.length} ${outcome}</b> <code>${verb}</code> ${sentence}${item === null ? '' : ` (${item})`}</summary>
${reason === null ? '' : markup`<p class="soft">${reason}</p>`}${titles.map((title) => markup`<p>${title}</p>`)}${actions.length === 0 ? '' : markup`<pre>${actions.join('\n')}</pre>`}${diffBlock(diff)}
<p class="names">${change.place === null ? '' : `${change.place}: `}${foldNames(hosts, 2000)}</p></details>`
}

function more(count: number): Markup {
  return count <= shownAtMost
    ? markup``
    : markup`<p class="soft">and ${count - shownAtMost} more, in the records of this page</p>`
}
