// What pages do beyond what the server renders: times in the reader's words, keys, copying, and what happens meanwhile.
'use strict';

const body = document.body;
const language = document.documentElement.lang;
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

function say(text) {
  one('#live').textContent = text;
}

// Times

const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
const exact = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'long' });
const UNITS = [['day', 86400], ['hour', 3600], ['minute', 60]];

function tellTimes(within = document) {
  for (const time of all('time', within)) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const seconds = (moment - Date.now()) / 1000;
    const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
    time.textContent = unit ? relative.format(Math.trunc(seconds / unit[1]), unit[0]) : body.dataset.now;
    time.title = exact.format(moment);
  }
}
setInterval(tellTimes, 30000);

const begins = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });

// The server names the periods of a chart by UTC.
function tellPeriods(within = document) {
  for (const chart of all('svg[data-from]', within)) {
    for (const title of all('title', chart)) {
      const period = title.nextElementSibling.getAttribute('x') / 4;
      const at = new Date(Number(chart.dataset.from) + period * chart.dataset.step);
      title.textContent = title.textContent.replace(/^.* UTC/, begins.format(at));
    }
  }
}

// Copying

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Only secure pages have a clipboard; all have a selection.
    const field = document.createElement('textarea');
    field.value = text;
    body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
    button.focus();
  }
  say(body.dataset.copied);
  const label = button.textContent;
  if (label === body.dataset.copied) return;
  button.textContent = body.dataset.copied;
  setTimeout(() => { button.textContent = label; }, 1500);
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button, a');
  if (!button) return;
  if (button.dataset.copy) copy(document.getElementById(button.dataset.copy).textContent, button);
  if (button.dataset.fetch) {
    const answer = await fetch(button.dataset.fetch).catch(() => null);
    if (answer?.ok && !answer.redirected) copy(await answer.text(), button);
    else say(body.dataset.lost);
  }
  if ('help' in button.dataset) one('#help').showModal();
  if ('unfold' in button.dataset) for (const details of all('.stack details')) details.open = true;
  if ('refresh' in button.dataset && live()) {
    event.preventDefault();
    reload();
  }
});

// Choosing many

const boxes = () => all('[data-rows] input[name=issue]');

function tellChosen() {
  const form = one('#bulk');
  if (!form) return;
  const number = boxes().filter((box) => box.checked).length;
  form.classList.toggle('idle', number === 0);
  one('[data-chosen]', form).textContent = number || '';
  one('[data-all]', form).checked = number > 0 && number === boxes().length;
}

document.addEventListener('change', (event) => {
  const field = event.target;
  if ('all' in field.dataset) for (const box of boxes()) box.checked = field.checked;
  if (field.dataset.remember) {
    try {
      localStorage.setItem(`logcenter.${field.dataset.remember}`, field.value);
    } catch {
      // Who blocks storage types it again.
    }
  }
  tellChosen();
});

// Keys

// The how manieth row: an issue may stand in two lists.
let here = -1;
const rows = () => all('.row');

function go(step) {
  const there = rows();
  if (there.length === 0) return;
  here = Math.min(there.length - 1, Math.max(0, here + step));
  const row = there[here];
  showHere();
  row.scrollIntoView({ block: 'nearest' });
  one('a', row).focus({ preventScroll: true });
}

function showHere() {
  rows().forEach((row, at) => row.classList.toggle('here', at === here));
}

document.addEventListener('keydown', (event) => {
  const field = event.target.closest('input:not([type=checkbox]), textarea, select, dialog');
  if (field || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = rows()[here];
  const act = {
    j: () => go(1),
    k: () => go(-1),
    x: () => row && one('input', row)?.click(),
    Enter: () => row && event.target === body && one('a', row).click(),
    '/': () => (one('#q') ? one('#q').focus() : location.assign(`${body.dataset.base}/issues`)),
    '?': () => one('#help').showModal(),
  }[event.key];
  if (!act) return;
  if (event.key !== 'Enter') event.preventDefault();
  act();
});

// Asking the server again

const live = () => one('[data-live]');
const address = () => location.pathname + location.search;
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
  await act();
  busy = false;
  if (due) setTimeout(doIt, 300);
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
    // Into a list of one status an issue comes by a change, too.
    const isNew = kind !== 'issue.changed' || 'queue' in page.dataset;
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

// What htmx swaps

// An answer without the part that was asked for tells why there is none.
document.addEventListener('htmx:beforeSwap', (event) => {
  const { target, serverResponse } = event.detail;
  if (serverResponse.includes(`id="${target.id}"`)) return;
  event.detail.shouldSwap = false;
  const page = new DOMParser().parseFromString(serverResponse, 'text/html');
  fault(one('main p', page)?.textContent || body.dataset.lost);
});
for (const failure of ['htmx:sendError', 'htmx:timeout']) {
  document.addEventListener(failure, () => fault(body.dataset.lost));
}

function fault(text) {
  one('#fault')?.remove();
  const line = document.createElement('p');
  line.id = 'fault';
  line.className = 'error';
  line.setAttribute('role', 'alert');
  line.textContent = text;
  (one('#state') || one('main')).prepend(line);
}

// Who used the keyboard goes on where the answer is.
document.addEventListener('htmx:afterSettle', () => {
  one('#fault')?.remove();
  begin();
  if (document.activeElement !== body) return;
  const place = one('main [role=alert], .done h2') || one('h1');
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
});

// A list that was narrowed since is what to come back to.
const begun = address();
document.addEventListener('submit', (event) => {
  const to = one('input[name=to]', event.target);
  if (to && address() !== begun) to.value = address().slice(body.dataset.base.length) || '/';
}, true);

function remembered(key) {
  try {
    return localStorage.getItem(`logcenter.${key}`) || '';
  } catch {
    return '';
  }
}

function begin() {
  tellTimes();
  tellPeriods();
  tellChosen();
  showHere();
  for (const field of all('[data-remember]')) {
    if (!field.value) field.value = remembered(field.dataset.remember);
  }
}

begin();
if (live()) listen();
