/** What the page's buttons press. */
export const BUTTONS: readonly (readonly [id: string, label: string])[] = [
  ['next', 'Next'],
  ['now', 'Type at once'],
  ['freeze', 'Freeze'],
  ['blank', 'Blank'],
]

/** The page: a script that shows what it is told, and tells which button was pressed. All text is set as text. */
export const notesPage = (nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Notes</title>
<style nonce="${nonce}">
:root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 48rem; padding: 1rem; }
h1 { font-size: 1.1rem; margin: 0; }
pre { white-space: pre-wrap; font: 1rem/1.5 ui-monospace, monospace; margin: 0; }
#notes { white-space: pre-wrap; font-size: 1.3rem; }
#late { font-weight: bold; }
button { font: inherit; padding: .6rem 1rem; margin: 0 .4rem .4rem 0; }
h2 { font-size: .9rem; margin: 1.2rem 0 .2rem; opacity: .75; }
</style>
</head>
<body>
<h1 id="place"></h1>
<p role="status"><span id="status"></span><br><span id="time"></span></p>
<p>${BUTTONS.map(([id, label]) => `<button data-key="${id}">${label}</button>`).join('')}</p>
<p id="notice" role="alert"></p>
<h2>Notes</h2><div id="notes"></div>
<h2>Command</h2><pre id="command"></pre>
<h2>Then</h2><div id="following"></div>
<h2>Time</h2><pre id="steps"></pre>
<script nonce="${nonce}">
const put = (id, text) => { document.getElementById(id).textContent = text ?? '' }
/** Puts a text whose code stands between backquotes. */
const say = (id, text) => {
  const parts = (text ?? '').split(/\\u0060([^\\u0060\\n]+)\\u0060/)
  document.getElementById(id).replaceChildren(...parts.map((part, at) => {
    const element = document.createElement(at % 2 === 1 ? 'code' : 'span')
    element.textContent = part
    return element
  }))
}
const events = new EventSource('events')
events.onmessage = ({ data }) => {
  const notes = JSON.parse(data)
  for (const id of ['place', 'time', 'command', 'following']) put(id, notes[id])
  say('status', notes.status)
  say('notes', notes.notes.join('\\n\\n') || 'None for this task.')
  put('steps', notes.steps.map(({ name, time, now }) => (now ? '> ' : '  ') + name + '  ' + time).join('\\n'))
}
events.onerror = () => say('notice', 'The notes have ended: \\u0060gitops-lab notes --browser\\u0060 opens new ones.')
const press = async (key) => {
  const answer = await fetch('press', { method: 'POST', body: key }).catch(() => undefined)
  say('notice', answer ? (answer.ok ? '' : await answer.text()) : 'Nobody answers.')
}
for (const button of document.querySelectorAll('button')) button.onclick = () => press(button.dataset.key)
const keys = { Enter: 'next', ' ': 'next', PageDown: 'next', ArrowRight: 'next', t: 'now', p: 'freeze', b: 'blank', '.': 'blank' }
addEventListener('keydown', (event) => {
  const key = keys[event.key]
  if (!key || event.target.tagName === 'BUTTON' || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  press(key)
})
</script>
</body>
</html>
`
