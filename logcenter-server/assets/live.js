// What happens while a page is read: what it shows follows, without moving what is read.
'use strict';

// Asking the server again

const live = () => one('[data-live]');
let turn = Promise.resolve();

// One after the other, each with the page as it is when its turn comes.
function inTurn(act) {
  turn = turn.then(act).catch((failure) => (failure.over ? end(failure.over) : say(body.dataset.lost)));
  return turn;
}

// What is shown is to be had no more, or not by who reads it: only the whole page can say more.
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

// What somebody typed or chose, to be put back.
function typed(within) {
  const fields = all('input[id]:not([type=hidden]), textarea[id]', within).filter((field) => field.value !== field.defaultValue);
  const ticked = all('.row input:checked', within).map((box) => box.closest('.row').id);
  const folds = all('details', within).map((details) => details.open);
  const held = within.contains(document.activeElement) ? document.activeElement : null;
  // By what it is, and the how manieth of those: an issue may stand in two lists.
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

// What did not change stays as it is: it may be about to be clicked.
function put(then, now) {
  tellTimes(now);
  tellPeriods(now);
  if (then.isEqualNode(now)) return;
  const back = typed(then);
  const renewed = document.adoptNode(now);
  then.replaceWith(renewed);
  htmx.process(renewed);
  back(renewed);
}

// Replaces a part of the page by what the server says now.
function renew(id) {
  return inTurn(async () => {
    const page = await asked(address());
    const [then, now] = [document.getElementById(id), page.getElementById(id)];
    if (then && now) put(then, now);
    begin();
  });
}

// Numbers follow at once; lists that somebody points at or has the keyboard in are not moved away.
function follow() {
  return inTurn(async () => {
    const [then, now] = [live(), (await asked(address())).getElementById('overview')];
    if (!now) return;
    const order = (page) => all('.row', page).map((row) => row.dataset.id).join();
    if (order(then) === order(now) || !one('.rows:hover, .rows:focus-within, .scroll:focus-within', then)) return put(then, now);
    for (const id of ['totals', 'events', 'by']) put(document.getElementById(id), one(`#${id}`, now));
    news(then.dataset.newer);
  });
}

function reload() {
  if (body.dataset.over) return location.reload();
  // What is new stands on the first page.
  if (new URLSearchParams(location.search).has('cursor')) {
    const first = new URL(location);
    first.searchParams.delete('cursor');
    return location.assign(first);
  }
  return renew(live().id);
}

// What is told in one go is asked for in one go; what comes meanwhile, in the next.
function renewRows() {
  return inTurn(async () => {
    const happenings = touched;
    touched = new Map();
    const query = new URLSearchParams(location.search);
    // The server tells of no more at once either.
    query.set('ids', Array.from(happenings.keys()).slice(0, 200).join());
    const page = await asked(`${body.dataset.base}/issues/rows?${query}`);
    for (const now of all('.row', page)) {
      const then = document.getElementById(now.id);
      if (then && shows(then) !== shows(now)) putRow(then, now);
      else if (!then && !('elsewhere' in now.dataset) && happenings.get(now.dataset.id)) arrived(live(), now.dataset.id);
    }
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
  tellTimes(now);
  tellPeriods(now);
  showHere();
}

// What happens meanwhile

// Issues that were told of, and whether it may be new in the list.
let touched = new Map();
const revisions = new Map();
let due = null;
let busy = false;

// One thing is done at a time and one waits: a storm asks no more of the server than a breeze.
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

function happened(kind, issue) {
  const page = live();
  if (!page) return;
  if (page.dataset.live === 'overview') {
    later(follow, 3000);
  } else if (page.dataset.live === 'issues') {
    if (page.dataset.fresh === 'true') return later(reload, 0);
    const id = String(issue.id);
    // Into a list of one status an issue comes by a change of status, too, which raises its revision.
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

// The facts of an open issue follow; its status is only announced, since somebody may be about to change it.
function lookAtIssue() {
  return inTurn(async () => {
    const page = await asked(address());
    const [then, now] = [one('#facts'), one('#facts', page)];
    const counts = [then, now].map((facts) => facts && one('[data-count]', facts).textContent);
    if (then && now) put(then, now);
    if (counts[0] !== counts[1]) say(live().dataset.counted);
    if (live().dataset.revision !== one('#issue', page)?.dataset.revision) news(live().dataset.moved);
    tellTimes();
  });
}

// After a while without the stream: what is shown follows, what is new is announced.
function catchUp() {
  const page = live();
  if (!page) return;
  if (page.dataset.live === 'issue') return lookAtIssue();
  if (page.dataset.live === 'overview') return later(follow, 0);
  if (page.dataset.fresh === 'true') return reload();
  return inTurn(async () => {
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
    stream.addEventListener(kind, (event) => happened(kind, JSON.parse(event.data)));
  }
  stream.addEventListener('stream.missed', catchUp);
}

function stop() {
  stream?.close();
  stream = null;
}

// A browser lets a site have six connections: pages that nobody looks at give theirs back.
document.addEventListener('visibilitychange', () => (document.hidden ? stop() : live() && listen()));
addEventListener('pagehide', stop);
addEventListener('pageshow', (event) => event.persisted && live() && listen());

if (live()) listen();
