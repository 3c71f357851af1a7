/**
 * What the page does where scripts run: copies a limit, filters the map, shows one host from the records that the page holds, and
 * saves them. It writes text only, never markup. Without it everything else is readable.
 */
export const pageScript = `(() => {
  const at = (id) => document.getElementById(id)
  const made = (tag, words) => {
    const element = document.createElement(tag)
    element.textContent = words
    return element
  }
  let held = null
  const text = () => held ??= (async () => {
    const bytes = Uint8Array.from(atob(at('records').textContent.trim()), (letter) => letter.charCodeAt(0))
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
    return new Response(stream).text()
  })()
  const records = async () => (await text()).trim().split('\\n').map((line) => JSON.parse(line))
  const show = async (name) => {
    const tasks = new Map()
    const lines = []
    for (const record of await records()) {
      if (record.type === 'play-started')
        for (const task of record.tasks) tasks.set(record.play + ' ' + task.id, task)
      if (record.type !== 'outcome' || record.host !== name) continue
      const task = tasks.get(record.play + ' ' + record.task) || { verb: '', sentence: record.task }
      lines.push(record.outcome + '  ' + task.verb + ': ' + task.sentence + '  (' + record.seconds + 's' +
        (record.queued ? ', waited ' + record.queued + 's' : '') + ')')
      const said = record.error || (record.items || []).map((item) => item.error).find((each) => each)
      if (said) lines.push('    ' + said.message, ...(said.hint ? ['    hint: ' + said.hint] : []))
      if (record.diff) lines.push('    ' + JSON.stringify(record.diff))
    }
    const place = at('host')
    place.hidden = false
    place.replaceChildren(
      made('h3', name),
      made('pre', lines.length > 0 ? lines.join('\\n') : 'no task of a host with this name has ended'),
    )
    place.scrollIntoView({ block: 'nearest' })
  }
  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy)
      button.textContent = 'copied'
    } catch {
      button.replaceWith(made('code', button.dataset.copy))
    }
  }
  const save = async () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([await text()], { type: 'application/x-ndjson' }))
    link.download = at('records').dataset.name
    link.click()
  }
  document.addEventListener('click', (event) => {
    const button = event.target.closest('button')
    const node = event.target.closest('.map i')
    if (node) void show(node.title.slice(0, node.title.lastIndexOf(': ')))
    if (!button) return
    if (button.dataset.copy) void copy(button)
    if (button.id === 'save') void save()
    if (button.dataset.filter === undefined) return
    document.body.dataset.show = button.dataset.filter
    for (const each of document.querySelectorAll('[data-filter]'))
      each.setAttribute('aria-pressed', String(each === button))
  })
  at('find').addEventListener('change', () => void show(at('find').value.trim()))
  for (const each of document.querySelectorAll('.scripted')) each.hidden = false
})()`
