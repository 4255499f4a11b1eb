// Draws the picture the program sends and tells it what was tapped. No sentence stands here: all words come with it.

const PAUSE = 1500 // ms before asking again while the program does not answer
const wide = matchMedia("(min-width: 1021px)")
const calm = matchMedia("(prefers-reduced-motion: reduce)")
const panes = new Map() // user -> the pane's element and what it shows
let labels = {}
let version = -1

// --- asking and telling ----------------------------------------------------------------------------------------------

async function follow() {
  for (;;) {
    try {
      const answer = await fetch(`/state?since=${version}`)
      if (!answer.ok) throw new Error(answer.statusText)
      draw(await answer.json())
      hint("")
    } catch (error) {
      console.warn(error)
      version = -1
      hint(labels.restart_hint)
      await new Promise((done) => setTimeout(done, PAUSE))
    }
  }
}

async function tell(path, what) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Twoticks": "1" },
      body: JSON.stringify(what),
    })
    if (!answer.ok) console.warn(path, await answer.text())
  } catch {
    hint(labels.restart_hint)
  }
}

async function press(button, path, what) {
  button.setAttribute("aria-busy", "true")
  await tell(path, what)
  button.removeAttribute("aria-busy")
}

function hint(text) {
  const line = document.querySelector(".hint")
  line.textContent = text ?? ""
  line.hidden = !text
}

// --- small tools -----------------------------------------------------------------------------------------------------

const find = (root, selector) => root.querySelector(selector)
const write = (node, text = "") => node.textContent === text || (node.textContent = text)
const grow = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true)
const initials = (name) => name.split(/\s+/).map((part) => [...part][0] ?? "").slice(-2).join("").toUpperCase()

function make(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text }, more)
}

function play(node, mark) { // starts a CSS animation afresh
  node.classList.remove(mark)
  void node.offsetWidth
  node.classList.add(mark)
}

// --- the page --------------------------------------------------------------------------------------------------------

function draw(picture) {
  const first = version < 0
  version = picture.version
  labels = picture.labels
  document.documentElement.lang = labels.lang ?? ""
  document.title = labels.title
  document.body.classList.toggle("playing", picture.playing)
  drawClock(picture.clock)
  for (const pane of picture.panes) drawPane(pane, picture.clock, first)
  for (const node of document.querySelectorAll("[data-label]")) write(node, labels[node.dataset.label])
  for (const node of document.querySelectorAll("[data-name]")) node.setAttribute("aria-label", labels[node.dataset.name] ?? "")
  for (const node of document.querySelectorAll("[data-day]")) node.setAttribute("aria-pressed", node.dataset.day === picture.day)
  for (const node of document.querySelectorAll("[data-path]")) node.setAttribute("aria-disabled", picture.playing)
  find(document, "#diaz").checked = picture.diaz
}

function drawClock({ time, date }) {
  write(find(document, "#time"), time)
  write(find(document, "#date"), date)
  const [hours, minutes] = (time.match(/\d+/g) ?? [0, 0]).map(Number)
  turn(".minute", minutes * 6)
  turn(".hour", (hours % 12) * 30 + minutes / 2)
}

function turn(hand, angle) { // forwards only, as clocks do
  const node = find(document, `.clock ${hand}`)
  const from = Number(node.dataset.angle ?? angle)
  const to = from + ((((angle - from) % 360) + 360) % 360)
  node.dataset.angle = to
  node.style.transform = `rotate(${to}deg)`
}

// --- one person's screen ---------------------------------------------------------------------------------------------

function drawPane(pane, clock, first) {
  const shown = panes.get(pane.user) ?? newPane(pane)
  const { root, tab } = shown
  const words = { ...labels, ...pane.labels }
  shown.pane = pane
  shown.words = words
  for (const node of [find(root, "h2"), find(tab, "span")]) node.replaceChildren(pane.name, make("small", pane.role))
  write(find(root, ".now"), clock.time)
  write(find(root, ".bot"), words.title)
  write(find(root, ".app .kind"), pane.platform === "slack" ? words.app : words.bot)
  find(root, ".device").lang = pane.language
  find(root, ".type input").placeholder = words.type_here ?? ""
  for (const [selector, name] of [[".type input", words.type_here], [".send", words.send], [".messages", pane.name]])
    find(root, selector).setAttribute("aria-label", name ?? "")
  drawLanguages(find(root, "select"), pane)
  drawMessages(shown, first)
  drawToast(shown, pane.toast, first)
}

function newPane({ user, name, platform }) {
  const root = grow("pane")
  const tab = make("button", "", { type: "button" })
  const shown = { root, tab, messages: new Map(), toast: "" }
  root.classList.add(platform)
  root.dataset.user = user
  for (const face of root.querySelectorAll(".face")) face.textContent = initials(name)
  tab.append(make("i", initials(name)), make("span", ""))
  tab.onclick = () => root.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", inline: "center", block: "nearest" })
  find(root, "select").onchange = (event) => tell("/language", { user, language: event.target.value })
  find(root, "form").onsubmit = (event) => {
    event.preventDefault()
    const input = find(event.target, "input")
    if (input.value.trim()) tell("/say", { user, text: input.value })
    input.value = ""
  }
  find(document, ".tabs").append(tab)
  find(document, ".panes").append(root)
  look.observe(root)
  panes.set(user, shown)
  return shown
}

function drawLanguages(select, { language, languages }) {
  if (select.options.length !== languages.length)
    select.replaceChildren(...languages.map(([code, name]) => make("option", name, { value: code, lang: code })))
  select.value = language
}

function drawToast(shown, text, first) {
  if (text === shown.toast) return
  shown.toast = text
  if (first) return // what was said before the page was opened
  const node = find(shown.root, ".toast")
  node.textContent = text
  if (text) play(node, "up")
}

const look = new IntersectionObserver((entries) => { // on a phone: the tab follows the swipe
  for (const { target, isIntersecting } of entries) {
    const { tab } = panes.get(target.dataset.user)
    tab.toggleAttribute("aria-current", isIntersecting)
    if (isIntersecting) tab.classList.remove("news")
  }
}, { root: find(document, ".panes"), threshold: 0.6 })

// --- messages --------------------------------------------------------------------------------------------------------

function drawMessages(shown, first) {
  const { root, pane, words, messages } = shown
  const list = find(root, ".messages")
  const refs = new Set(pane.messages.map((message) => message.ref))
  for (const [ref, { node }] of messages) if (!refs.has(ref)) { node.remove(); messages.delete(ref) }
  list.dataset.empty = pane.messages.length ? "" : words.empty ?? ""
  for (const message of pane.messages) drawMessage(shown, list, message, first)
}

function drawMessage(shown, list, message, first) {
  const before = shown.messages.get(message.ref)
  const print = JSON.stringify([message, shown.pane.language])
  if (before?.print === print) return
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120
  const node = before?.node ?? list.appendChild(grow("message"))
  fill(node, shown, message)
  shown.messages.set(message.ref, { node, print })
  if (!first) announce(shown, node, message, before)
  if (atEnd || !before) list.scrollTop = list.scrollHeight
}

function announce({ root, tab }, node, message, before) {
  play(node, before ? "changed" : "fresh")
  if (message.mine) return
  if (!tab.hasAttribute("aria-current")) tab.classList.add("news")
  if (!before && !message.silent) play(root, "rings")
}

function fill(node, { pane, words }, message) {
  const bell = message.silent ? "muted" : "bell"
  node.classList.toggle("mine", message.mine)
  write(find(node, ".avatar"), message.mine ? initials(pane.name) : "")
  write(find(node, ".from b"), message.mine ? pane.name : words.title)
  write(find(node, ".from .kind"), message.mine ? "" : words.app)
  find(node, ".text").replaceChildren(...message.lines.map(drawLine))
  write(find(node, ".edited"), message.edited ? words.edited : "")
  write(find(node, "time"), message.at)
  write(find(node, "title"), message.silent ? words.silent : words.rang)
  find(node, "use").setAttribute("href", `#${bell}`)
  fillRows(find(node, ".rows"), pane.user, message)
}

function fillRows(box, user, { ref, rows }) {
  const focused = box.contains(document.activeElement)
  box.replaceChildren(...rows.map((row) => {
    const line = make("div", "", { className: "row" })
    line.append(...row.map(({ label, data }) => {
      const button = make("button", label, { type: "button", dir: "auto", className: label.endsWith("✓") ? "first" : "" })
      button.onclick = () => { panes.get(user).toast = ""; press(button, "/tap", { user, ref, data }) }
      return button
    }))
    return line
  }))
  if (focused) (find(box, "button") ?? box.closest(".messages")).focus({ preventScroll: true })
}

function drawLine(spans) {
  const line = make("p", "", { dir: "auto" })
  line.append(...spans.map(({ text, style, link }) => {
    const node = make({ bold: "b", italic: "i" }[style] ?? "span", text)
    if (!/^https?:/.test(link)) return node
    const anchor = make("a", "", { href: link, target: "_blank", rel: "noopener noreferrer" })
    anchor.append(node)
    return anchor
  }))
  return line
}

// --- what the bar does -----------------------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-path]")) {
  const { path, how, day } = button.dataset
  button.onclick = () => button.ariaDisabled !== "true" && press(button, path, how ? { how } : { day })
}
find(document, "#diaz").onchange = (event) => tell("/diaz", { answers: event.target.checked })
wide.onchange = () => { for (const { root } of panes.values()) { const list = find(root, ".messages"); list.scrollTop = list.scrollHeight } }
follow()
