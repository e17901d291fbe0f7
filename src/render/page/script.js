"use strict";

// The requests that a server answers, as they come: each a card with its bytes and what they mean.
//
// Everything that clients said is put into the page as text, by `textContent`, and never as markup.

const EVENTS = "/_watch/events";
// Cards on the page; older ones go.
const CARDS = 200;
// Requests that wait while the page is paused or somebody reads; older ones are counted.
const WAITING = 200;
// How long to wait before the server is asked again after it has said no.
const AGAIN_MS = 5000;
// How often a screen reader is told what is new.
const SPEAK_MS = 1500;

const at = (id) => document.getElementById(id);

// An element with these properties and children; text becomes text.
function make(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (key === "class") element.className = value;
    else if (key.startsWith("aria-") || key === "role") element.setAttribute(key, value);
    else if (key === "data") Object.assign(element.dataset, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// Text in which nothing hides and nothing turns the letters around it: those that would are written out.
function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\\\uFFFD]/gu, (char) => {
    const named = { "\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\", "\uFFFD": "\uFFFD" }[char];
    const code = char.codePointAt(0);
    return named ?? (code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`);
  });
}

const count = (many, noun) => `${many.toLocaleString("en")} ${noun}${many === 1 ? "" : "s"}`;

function clock(us) {
  const time = new Date(us / 1000);
  const pad = (number, len) => String(number).padStart(len, "0");
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => pad(part, 2));
  return `${hours}:${minutes}:${seconds}.${pad(time.getMilliseconds(), 3)}`;
}

// ---- What came: the state of the page

const list = at("requests");
let paused = false;
let waiting = [];
let waitingLost = 0;
let shown = 0;
let leftOut = 0;
let strangers = 0;
let unseen = 0;

// Whether somebody is reading a request right now: then nothing moves under their eyes.
const isRead = () => list.querySelector("details[open] .inside:is(:hover, :focus-within)") !== null;

function arrive(item) {
  if (!paused && waiting.length === 0 && !isRead()) return show(item);
  waiting.push(item);
  if (waiting.length > WAITING) {
    const first = waiting.shift();
    waitingLost += first.gap ?? 1;
  }
  tell();
}

function release() {
  if (waitingLost > 0) show({ gap: waitingLost });
  waitingLost = 0;
  const items = waiting;
  waiting = [];
  items.forEach(show);
  tell();
}

function show(item) {
  list.prepend(item.exchange ? card(item.exchange) : gap(item));
  while (list.childElementCount > CARDS) {
    list.lastElementChild.remove();
    at("older").hidden = false;
  }
  tell();
}

function gap(item) {
  if (item.gap === undefined) return make("li", { class: "gap" }, item.words);
  leftOut += item.gap;
  const were = item.gap === 1 ? "request was" : "requests were";
  return make("li", { class: "gap" }, `${item.gap.toLocaleString("en")} more ${were} answered and left out here: there were too many at once`);
}

function tell() {
  const more = leftOut > 0 ? `, ${leftOut.toLocaleString("en")} left out` : "";
  at("count").textContent = shown === 0 && leftOut === 0 ? "No requests yet" : count(shown, "request") + more;
  const many = waiting.filter((item) => item.exchange).length;
  at("more").hidden = many === 0;
  at("more").textContent = `Show ${many} new`;
  at("pause").textContent = paused ? "Go on" : "Pause";
  at("pause").setAttribute("aria-pressed", String(paused));
  at("try").hidden = strangers > 0;
  document.title = unseen > 0 ? `(${unseen}) Watch · netlab` : "Watch · netlab";
}

// ---- What a screen reader hears: what is new, and not too often

let toSay = [];

function say(words) {
  if (toSay.push(words) > 1) return;
  setTimeout(() => {
    at("spoken").textContent = toSay.length === 1 ? toSay[0] : `${toSay.length} new requests, the last: ${toSay.at(-1)}`;
    toSay = [];
  }, SPEAK_MS);
}

// ---- One request

function card(exchange) {
  const { request, own } = exchange;
  shown += 1;
  if (!own) strangers += 1;
  if (document.hidden && !own) unseen += 1;
  const parts = request.line.split(" ");
  const whole = parts.length === 3 && parts[2].startsWith("HTTP/");
  const method = whole ? parts[0] : "?";
  const target = whole ? parts[1] : request.line || "nothing";
  const reason = find(exchange, "server", "reason")?.value ?? "";
  const good = request.status < 400;
  if (!own || at("own").checked) say(`${visible(whole ? `${method} ${target}` : target)}, answered with ${request.status}`);

  const summary = make("summary", {},
    make("span", { class: "what" },
      make("span", { class: "method" }, visible(method)), " ",
      make("bdi", { class: "target" }, visible(target)), " ",
      make("span", { class: `status ${good ? "good" : "bad"}` }, `${request.status} ${visible(reason)}`)),
    make("span", { class: "who" },
      make("span", {}, clock(exchange.asked_us)),
      make("span", {}, "from ", make("bdi", {}, request.client)),
      make("span", {}, `connection ${request.connection}, request ${request.number} on it`),
      own ? make("span", { class: "chip" }, ownWords(request, target)) : null,
      request.refused ? make("span", { class: "why" }, `refused: ${request.refused}`) : null));
  const inside = make("div", { class: "inside" });
  const details = make("details", {}, summary, inside);
  // Thousands of bytes take a while to lay out, so that is done for those that are looked at.
  details.addEventListener("toggle", () => {
    if (!details.open || inside.hasChildNodes()) return;
    inside.append(...story(exchange), side(exchange, "client"), side(exchange, "server"));
  });
  const item = make("li", { class: own ? "card own" : "card", hidden: own && !at("own").checked }, details);
  item.dataset.connection = request.connection;
  item.dataset.number = request.number;
  return item;
}

// Whose request it is, if it is for this page or one like it: those of this page come from its own address. What else
// somebody may be who asks for one, a browser or curl, the server cannot know.
function ownWords(request, target) {
  const who = request.client === me ? "this page" : "a page like this one";
  return target.startsWith(EVENTS) ? `${who} asks to be told of requests` : `somebody asks for ${who}`;
}

// How the request came and how it was answered, in sentences.
function story(exchange) {
  const { request } = exchange;
  const came = `It came in ${count(request.reads, "read")}: a head of ${count(request.head_bytes, "byte")}`;
  const content = request.content_bytes > 0 ? ` and ${request.content_bytes.toLocaleString("en")} of content. ` : ", no content. ";
  const took = exchange.answered_us - exchange.asked_us;
  const late = took >= 10_000 ? ` ${(took / 1e6).toFixed(took < 1e6 ? 2 : 1)} s later` : " at once";
  const words = `${came}${content}The server answered${late}.`;
  return [make("p", { class: "story" }, words)];
}

const find = (exchange, side, name) =>
  exchange.readings.find((reading) => reading.side === side)?.fields.find((field) => field.path.endsWith(`.${name}`));

// ---- One direction: its bytes, its fields, and the lens that says what is under the pointer

function side(exchange, who) {
  const hex = who === "client" ? exchange.client_hex : exchange.server_hex;
  const total = who === "client" ? exchange.client_bytes : exchange.server_bytes;
  const reading = exchange.readings.find((reading) => reading.side === who);
  const bytes = [...numbers(hex)];
  const fields = (reading?.fields ?? []).map((field) => ({ ...field }));
  explain(fields);
  const title = who === "client" ? "The client wrote" : "The server wrote";
  const head = make("h3", {}, make("span", { class: who }, title), ` ${count(total, "byte")}`);
  const section = make("section", { class: "side" }, head);
  if (bytes.length < total) {
    section.append(make("p", { class: "note" }, `The first ${bytes.length.toLocaleString("en")} are kept and shown.`));
  }
  if (bytes.length === 0) return section;

  const owners = owned(bytes.length, fields);
  const grid = make("div", {
    class: "bytes", tabIndex: 0, role: "group",
    "aria-label": `${title} these bytes. The arrow keys go from byte to byte, and what each means is said`,
  });
  bytes.forEach((byte, index) => grid.append(cell(byte, index, fields[owners[index]])));
  const lens = make("div", { class: "lens", "aria-live": "polite" });
  const rows = make("ul", { class: "fields" });
  fields.forEach((field, index) => {
    if (field.row) rows.append(make("li", {}, row(field, index)));
  });
  const more = reading?.fields_left_out ?? 0;
  if (more > 0) rows.append(make("li", { class: "note" }, `${count(more, "more field")} not shown`));
  section.append(make("div", { class: "two" }, make("div", { class: "left" }, grid, lens), rows));
  link({ bytes, fields, owners, grid, lens, rows });
  return section;
}

// Adds to each field its name, its group, the bytes it covers, and whether it has a row of its own.
function explain(fields) {
  const open = [];
  fields.forEach((field, index) => {
    const path = field.path.split(".");
    field.depth = path.length - 1;
    field.name = path.at(-1);
    field.from = Math.floor(field.bit / 8);
    field.to = Math.ceil((field.bit + field.bits) / 8);
    open.length = field.depth;
    field.group = open.at(-1);
    open.push(index);
    const inLine = field.name === "field-name" || field.name === "field-value";
    if (field.name === "field-name" && fields[field.group]?.name === "field-line") {
      fields[field.group].title = visible(field.value ?? "").toLowerCase();
    }
    field.row = field.depth > 0 && (Boolean(field.problem ?? field.remark) || !(field.punctuation || inLine));
  });
}

// A field line that netlab has no words for goes by the name that stands in it.
const titleOf = (field) => field.title ?? field.name;

// For each byte the field without parts that covers it.
function owned(len, fields) {
  const owners = new Array(len).fill(undefined);
  fields.forEach((field, index) => {
    if (field.leaf) owners.fill(index, field.from, Math.min(field.to, len));
  });
  return owners;
}

function cell(byte, index, field) {
  const cell = make("i", { class: kind(field), data: { hex: byte.toString(16).padStart(2, "0"), index } }, glyph(byte));
  cell.setAttribute("aria-hidden", "true");
  return cell;
}

function glyph(byte) {
  if (byte === 0x20) return "␣";
  if (byte > 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return { 0x0d: "\\r", 0x0a: "\\n", 0x09: "\\t" }[byte] ?? "·";
}

// What kind of byte it is, for its colour.
function kind(field) {
  if (!field) return "";
  if (field.problem) return "broken";
  if (field.punctuation || field.name === "end-of-head") return "mark";
  if (field.name === "field-name") return "name";
  if (/\.(request-line|status-line)\./.test(field.path)) return "start";
  return field.path.includes(".header-section.") ? "value" : "content";
}

// A value as text; bytes that are no text as hex digits.
function shownValue(field) {
  if (field.hex === undefined) {
    const value = visible(field.value ?? "");
    return field.number === undefined || value === String(field.number) ? value : `${value} (${field.number})`;
  }
  try {
    return visible(new TextDecoder("utf-8", { fatal: true }).decode(numbers(field.hex)));
  } catch {
    return spaced(field.hex);
  }
}

const numbers = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const spaced = (hex) => (hex.length > 96 ? `${hex.slice(0, 96)}…` : hex).replace(/..(?=.)/g, "$& ");

// What there is to be said against a field: that it is broken, or a remark.
function against(field, tag) {
  if (field.problem) return make(tag, { class: "why" }, visible(field.problem));
  return field.remark ? make(tag, { class: "note" }, visible(field.remark)) : null;
}

function row(field, index) {
  const value = shownValue(field);
  const button = make("button", { type: "button", class: "row", tabIndex: -1, "aria-pressed": "false", data: { index } },
    make("span", { class: "field" }, titleOf(field)), " ",
    value === "" || field.punctuation ? null : make("bdi", { class: "val" }, value), " ",
    against(field, "span"), " ",
    make("span", { class: "meaning" }, field.meaning, " ", make("span", { class: "rfc" }, field.rfc)));
  button.style.setProperty("--depth", field.depth - 1);
  return button;
}

// Whether a pointer has moved, and not the page below one that rests.
let lastPlace = "";

function moved(event) {
  const before = lastPlace;
  lastPlace = `${event.screenX} ${event.screenY}`;
  return before !== lastPlace;
}

// Pointing at a byte shows its field, and pointing at a field its bytes. A click or a tap keeps it so.
function link({ bytes, fields, owners, grid, lens, rows }) {
  const cells = [...grid.children];
  const buttons = [...rows.querySelectorAll(".row")];
  let lit = [];
  let kept = null;
  let cursor = 0;

  const mark = (index, byte) => {
    lit.forEach((element) => element.classList.remove("on", "near", "here"));
    lit = [];
    const light = (elements, how) => elements.forEach((element) => lit.push(element) && element.classList.add(how));
    const field = fields[index];
    if (!field) {
      lens.replaceChildren(make("p", { class: "hint" }, "Point at a byte or at a field, or go through them with the arrow keys."));
      return;
    }
    const group = fields[field.group];
    if (group && group.depth > 1) light(cells.slice(group.from, group.to), "near");
    light(cells.slice(field.from, field.to), "on");
    if (byte !== undefined) light(cells.slice(byte, byte + 1), "here");
    let beside = index;
    while (fields[beside] && !fields[beside].row) beside = fields[beside].group;
    light(buttons.filter((button) => Number(button.dataset.index) === beside), "on");
    lens.replaceChildren(...look(field, index, byte));
  };

  const look = (field, index, byte) => {
    const groups = [];
    for (let up = field.group; fields[up] && fields[up].depth > 0; up = fields[up].group) groups.unshift(titleOf(fields[up]));
    const last = field.to - 1;
    const where = last > field.from ? `bytes ${field.from} to ${last}` : `byte ${field.from}`;
    const value = shownValue(field);
    const one = byte === undefined ? "" : `byte ${byte} is ${bytes[byte]}, in hex ${cells[byte].dataset.hex}`;
    return [
      make("p", { class: "path" }, groups.map((name) => `${name} › `).join(""), make("b", {}, titleOf(field)), ` · ${where}`),
      value === "" || field.punctuation ? null : make("p", {}, make("bdi", { class: "val" }, value)),
      make("p", {}, field.meaning, " ", make("span", { class: "rfc" }, field.rfc)),
      against(field, "p"),
      one === "" ? null : make("p", { class: "hint" }, one),
    ].filter((part) => part !== null);
  };

  const point = (event) => {
    const target = event.target.closest?.("[data-index]");
    if (!target) return null;
    const index = Number(target.dataset.index);
    return grid.contains(target) ? { index: owners[index], byte: index } : { index };
  };
  const keep = (what) => {
    kept = what;
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(what && Number(button.dataset.index) === what.index)));
  };
  // Where the keyboard is.
  const focused = () => {
    const here = document.activeElement;
    if (!here?.matches(":focus-visible")) return null;
    if (here === grid) return { index: owners[cursor], byte: cursor };
    return rows.contains(here) ? { index: Number(here.dataset.index) } : null;
  };
  const rest = () => {
    const what = focused() ?? kept;
    mark(what?.index, what?.byte);
  };

  for (const place of [grid, rows]) {
    place.addEventListener("pointerover", (event) => {
      const what = event.pointerType === "touch" || !moved(event) ? null : point(event);
      if (what) mark(what.index, what.byte);
    });
    place.addEventListener("pointerleave", rest);
    place.addEventListener("click", (event) => {
      const what = point(event);
      if (!what) return;
      const again = kept && kept.index === what.index && kept.byte === what.byte;
      keep(again ? null : what);
      if (what.byte !== undefined) cursor = what.byte;
      rest();
    });
  }
  grid.addEventListener("focus", rest);
  grid.addEventListener("blur", rest);
  grid.addEventListener("keydown", (event) => {
    const across = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, Home: -cursor, End: cells.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    cursor = Math.max(0, Math.min(cells.length - 1, cursor + step));
    mark(owners[cursor], cursor);
    cells[cursor].scrollIntoView({ block: "nearest" });
  });
  rows.addEventListener("focusin", (event) => {
    const what = point(event);
    if (!what) return;
    buttons.forEach((button) => (button.tabIndex = button === event.target ? 0 : -1));
    rest();
  });
  rows.addEventListener("focusout", rest);
  rows.addEventListener("keydown", (event) => {
    const here = buttons.indexOf(event.target);
    const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined || here < 0) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(buttons.length - 1, next))].focus();
  });
  if (buttons.length > 0) buttons[0].tabIndex = 0;
  rest();
}

// ---- Listening

let source = null;
let lastId = "";
let run = null;
let me = null;

function state(name, words) {
  at("state").dataset.state = name;
  at("state-text").textContent = words;
}

function trouble(words) {
  at("trouble").textContent = words;
  at("trouble").hidden = words === "";
}

function listen() {
  source = new EventSource(lastId === "" ? EVENTS : `${EVENTS}?after=${encodeURIComponent(lastId)}`);
  source.onopen = () => {
    state("live", "live");
    trouble("");
  };
  source.onmessage = (event) => {
    if (event.lastEventId !== "") lastId = event.lastEventId;
    hear(JSON.parse(event.data));
  };
  source.onerror = () => {
    if (source.readyState === EventSource.CONNECTING) {
      state("lost", "the server is gone; trying again");
      return;
    }
    source.close();
    state("lost", "not connected");
    refused();
  };
}

// The server has said no. Why stands in its answer, which an EventSource does not show.
async function refused() {
  const stop = new AbortController();
  try {
    const answer = await fetch(EVENTS, { signal: stop.signal, cache: "no-store" });
    if (answer.ok) trouble("");
    else trouble(visible(await answer.text()));
  } catch {
    trouble("The server does not answer. Is it still running?");
  }
  stop.abort();
  setTimeout(listen, AGAIN_MS);
}

function hear(data) {
  if (data.run !== undefined) {
    if (run !== null && run !== data.run) arrive({ words: "The server was started anew: connections are counted from 1 again" });
    [run, me] = [data.run, data.client];
  } else if (data.exchange !== undefined) {
    arrive({ exchange: data.exchange });
  } else if (data.left_out !== undefined) {
    arrive({ gap: data.left_out });
  }
}

// ---- What the person can do

at("pause").addEventListener("click", () => {
  paused = !paused;
  if (!paused) release();
  tell();
});
at("more").addEventListener("click", release);
at("clear").addEventListener("click", () => {
  list.replaceChildren();
  [shown, leftOut, waitingLost, waiting] = [0, 0, 0, []];
  at("older").hidden = true;
  tell();
});
at("own").addEventListener("change", () => {
  for (const item of list.querySelectorAll(".own")) item.hidden = !at("own").checked;
});
at("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(at("curl").textContent);
    at("copy").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(at("curl"));
  }
});
// When nobody reads any more, what waits is shown.
for (const event of ["pointerout", "focusout", "toggle"]) {
  list.addEventListener(event, () => setTimeout(() => {
    if (!paused && waiting.length > 0 && !isRead()) release();
  }, 0), true);
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) unseen = 0;
  tell();
});

at("place").textContent = location.host;
at("curl").textContent = `curl ${location.origin}/seed-a-plant`;
tell();
listen();
