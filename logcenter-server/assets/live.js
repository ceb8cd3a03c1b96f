// Live updates of an open page, without moving what the user is reading.
'use strict';

// Refreshing from the server

const live = () => one('[data-live]');
let turn = Promise.resolve();

// Runs actions one after the other, each with the page as it is by then.
function enqueue(act) {
  turn = turn.then(act).catch((failure) => (failure.over ? end(failure.over) : say(body.dataset.lost)));
  return turn;
}

// The content is gone, or no longer accessible to the user: only a full reload can tell more.
function end(text) {
  body.dataset.over = 'true';
  news(text);
}

async function asked(path) {
  const answer = await fetch(path, { headers: { 'HX-Request': 'true' }, signal: AbortSignal.timeout(20000) });
  const over = { 401: body.dataset.out, 404: body.dataset.gone }[answer.status];
  if (!answer.ok || answer.redirected) throw Object.assign(new Error(`${path}: ${answer.status}`), { over });
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

// Captures typed and selected values; returns a function that restores them.
function typed(within) {
  const fields = all('input[id]:not([type=hidden]), textarea[id]', within).filter((field) => field.value !== field.defaultValue);
  const ticked = all('.row input:checked', within).map((box) => box.closest('.row').id);
  const folds = all('details', within).map((details) => details.open);
  const held = within.contains(document.activeElement) ? document.activeElement : null;
  // By attribute and index among the matches: an issue may be in two lists.
  const named = held && ['id', 'href', 'aria-labelledby'].find((name) => held.hasAttribute(name));
  const focus = named && `${held.tagName}[${named}="${CSS.escape(held.getAttribute(named))}"]`;
  const which = focus && all(focus, within).indexOf(held);
  return (renewed) => {
    for (const field of fields) {
      const same = document.getElementById(field.id);
      if (same) same.value = field.value;
    }
    for (const id of ticked) {
      const box = document.getElementById(id)?.querySelector('input');
      if (box) box.checked = true;
    }
    all('details', renewed).forEach((details, at) => { if (folds[at] !== undefined) details.open = folds[at]; });
    if (focus) all(focus, renewed)[which]?.focus({ preventScroll: true });
  };
}

// Unchanged content is not replaced: the user may be about to click it.
function put(then, now) {
  renderTimes(now);
  renderPeriods(now);
  if (then.isEqualNode(now)) return;
  const back = typed(then);
  const renewed = document.adoptNode(now);
  then.replaceWith(renewed);
  htmx.process(renewed);
  back(renewed);
}

// Replaces a part of the page with the server's current version.
function renew(id) {
  return enqueue(async () => {
    const page = await asked(address());
    const [then, now] = [document.getElementById(id), page.getElementById(id)];
    if (then && now) put(then, now);
    begin();
  });
}

// Numbers update at once; lists under the pointer or with keyboard focus are not moved.
function follow() {
  return enqueue(async () => {
    const [then, now] = [live(), (await asked(address())).getElementById('overview')];
    if (!now) return;
    const order = (page) => all('.row', page).map((row) => row.dataset.id).join();
    if (order(then) === order(now) || !one('.rows:hover, .rows:focus-within, .scroll:focus-within', then)) return put(then, now);
    for (const id of ['pipeline', 'events']) {
      const [part, renewed] = [document.getElementById(id), one(`#${id}`, now)];
      if (part && renewed) put(part, renewed);
    }
    news(then.dataset.newer);
  });
}

function reload() {
  if (body.dataset.over) return location.reload();
  // New issues are on the first page.
  if (new URLSearchParams(location.search).has('cursor')) {
    const first = new URL(location);
    first.searchParams.delete('cursor');
    return location.assign(first);
  }
  return renew(live().id);
}

// Issues announced together are fetched together; later ones go into the next request.
function renewRows() {
  return enqueue(async () => {
    const happenings = touched;
    touched = new Map();
    const query = new URLSearchParams(location.search);
    // The server announces no more at once either.
    query.set('ids', Array.from(happenings.keys()).slice(0, 200).join());
    const page = await asked(`${body.dataset.base}/issues/rows?${query}`);
    for (const now of all('.row', page)) {
      const then = document.getElementById(now.id);
      if (then && shows(then) !== shows(now)) putRow(then, now);
      else if (!then && !('elsewhere' in now.dataset) && happenings.get(now.dataset.id)) arrived(live(), now.dataset.id);
    }
    if (!Array.from(happenings.values()).some(Boolean)) return;
    const [tabs, counted] = [one('.tabs'), one('.tabs', await asked(address()))];
    if (tabs && counted) put(tabs, counted);
  });
}

const shows = (row) => [row.dataset.revision, one('.count', row).textContent, one('time', row).dateTime].join();

function putRow(then, now) {
  const [box, renewed] = [one('input', then), one('input', now)];
  const held = then.contains(document.activeElement) && document.activeElement.tagName.toLowerCase();
  if (box && renewed) renewed.checked = box.checked;
  now.classList.add('fresh');
  then.replaceWith(document.adoptNode(now));
  if (held) one(held, now)?.focus({ preventScroll: true });
  renderTimes(now);
  renderPeriods(now);
  showHere();
}

// Events of the stream

// Announced issues by id, and whether each may be new in the list.
let touched = new Map();
const revisions = new Map();
let due = null;
let busy = false;

// One action runs and one waits, so a burst of events causes no more requests than a few do.
function later(act, milliseconds) {
  if (due) return;
  due = act;
  if (!busy) setTimeout(doIt, milliseconds);
}

async function doIt() {
  const act = due;
  [due, busy] = [null, true];
  try {
    await act();
  } finally {
    busy = false;
    if (due) setTimeout(doIt, 300);
  }
}

function news(text) {
  const bar = one('[data-news]');
  if (!bar) return;
  bar.hidden = false;
  one('[data-refresh]', bar).textContent = text;
  say(text);
}

function arrived(list, id) {
  list.waiting ||= new Set();
  list.waiting.add(id);
  news(list.dataset.more.replace('{}', list.waiting.size));
}

function onIssueEvent(kind, issue) {
  const page = live();
  if (!page) return;
  if (page.dataset.live === 'overview') {
    later(follow, 3000);
  } else if (page.dataset.live === 'issues') {
    if (page.dataset.fresh === 'true') return later(reload, 0);
    const id = String(issue.id);
    // An issue can also enter a list of one status by a status change, which increments its revision.
    const moved = issue.revision > 1 && revisions.get(id) !== issue.revision;
    revisions.set(id, issue.revision);
    const isNew = kind !== 'issue.changed' || (moved && 'queue' in page.dataset);
    if (!isNew && !document.getElementById(`issue-${id}`)) return;
    touched.set(id, touched.get(id) || isNew);
    later(renewRows, 300);
  } else if (page.dataset.live === 'issue' && page.dataset.id === String(issue.id)) {
    later(lookAtIssue, 500);
  }
}

// The facts of an open issue update; its status is only announced, since the user may be about to change it.
function lookAtIssue() {
  return enqueue(async () => {
    const page = await asked(address());
    const [then, now] = [one('#facts'), one('#facts', page)];
    const counts = [then, now].map((facts) => facts && one('[data-count]', facts).textContent);
    if (then && now) put(then, now);
    if (counts[0] !== counts[1]) say(live().dataset.counted);
    if (live().dataset.revision !== one('#issue', page)?.dataset.revision) news(live().dataset.moved);
    renderTimes();
  });
}

// After a gap in the stream: updates what is shown and announces what is new.
function catchUp() {
  const page = live();
  if (!page) return;
  if (page.dataset.live === 'issue') return lookAtIssue();
  if (page.dataset.live === 'overview') return later(follow, 0);
  if (page.dataset.fresh === 'true') return reload();
  return enqueue(async () => {
    for (const row of all('[data-rows] .row', await asked(address())).concat(rows())) touched.set(row.dataset.id, true);
    later(renewRows, 0);
  });
}

let stream = null;
let lost = false;

function listen() {
  if (stream || document.hidden) return;
  stream = new EventSource(`${body.dataset.base}/api/v1/stream`);
  stream.onopen = () => {
    document.documentElement.dataset.listening = 'true';
    if (lost) say(body.dataset.back);
    lost = false;
    catchUp();
  };
  stream.onerror = () => {
    lost = true;
    say(body.dataset.lost);
    if (stream?.readyState === EventSource.CLOSED) {
      stop();
      setTimeout(listen, 10000);
    }
  };
  for (const kind of ['issue.created', 'issue.regressed', 'issue.changed']) {
    stream.addEventListener(kind, (event) => onIssueEvent(kind, JSON.parse(event.data)));
  }
  stream.addEventListener('stream.missed', catchUp);
}

function stop() {
  stream?.close();
  stream = null;
}

// Browsers allow six connections per site, so hidden pages give theirs back.
document.addEventListener('visibilitychange', () => (document.hidden ? stop() : live() && listen()));
addEventListener('pagehide', stop);
addEventListener('pageshow', (event) => event.persisted && live() && listen());

if (live()) listen();
