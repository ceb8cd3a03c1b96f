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
  if (button.dataset.fetch) copy(await (await fetch(button.dataset.fetch)).text(), button);
  if ('help' in button.dataset) one('#help').showModal();
  if ('unfold' in button.dataset) for (const details of all('.stack details')) details.open = true;
  if ('refresh' in button.dataset && htmxTarget()) {
    event.preventDefault();
    reload();
  }
});

// Choosing many

function chosen() {
  return all('[data-rows] input[name=issue]:checked');
}

function tellChosen() {
  const form = one('#bulk');
  if (!form) return;
  const number = chosen().length;
  form.classList.toggle('idle', number === 0);
  one('[data-chosen]', form).textContent = number || '';
  one('[data-all]', form).checked = number > 0 && number === all('[data-rows] input[name=issue]').length;
}

document.addEventListener('change', (event) => {
  const field = event.target;
  if ('all' in field.dataset) for (const box of all('[data-rows] input[name=issue]')) box.checked = field.checked;
  if (field.dataset.remember) localStorage.setItem(`logcenter.${field.dataset.remember}`, field.value);
  tellChosen();
});

// Keys

let here = null;

function go(step) {
  const rows = all('[data-rows] .row, .compact .row');
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row.id === here);
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  here = row.id;
  showHere();
  row.scrollIntoView({ block: 'nearest' });
  one('a', row).focus({ preventScroll: true });
}

function showHere() {
  for (const row of all('.row')) row.classList.toggle('here', row.id === here);
}

document.addEventListener('keydown', (event) => {
  const field = event.target.closest('input:not([type=checkbox]), textarea, select, dialog');
  if (field || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = here && document.getElementById(here);
  const act = {
    j: () => go(1),
    k: () => go(-1),
    x: () => row && one('input', row).click(),
    Enter: () => row && event.target === body && one('a', row).click(),
    '/': () => (one('#q') ? one('#q').focus() : location.assign(`${body.dataset.base}/issues`)),
    '?': () => one('#help').showModal(),
  }[event.key];
  if (!act) return;
  if (event.key !== 'Enter') event.preventDefault();
  act();
});

// What happens meanwhile

const live = () => one('[data-live]');
const htmxTarget = () => live()?.id;
let waiting = new Set();
let touched = new Set();
let timer = null;

function reload() {
  const id = htmxTarget();
  waiting = new Set();
  return htmx.ajax('GET', location.href, { target: `#${id}`, select: `#${id}`, swap: 'outerHTML' });
}

// Replaces one part of the page by what the server says now.
async function renew(part) {
  const id = part.id;
  await htmx.ajax('GET', location.href, { target: `#${id}`, select: `#${id}`, swap: 'outerHTML' });
}

async function renewRow(id) {
  const row = document.getElementById(`issue-${id}`);
  if (!row) return;
  const answer = await fetch(`${body.dataset.base}/issues/${id}/row`, { headers: { 'HX-Request': 'true' } });
  if (!answer.ok || !row.isConnected) return;
  const renewed = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.row');
  if (!renewed) return;
  const wasChosen = one('input', row)?.checked;
  const hadFocus = row.contains(document.activeElement) && document.activeElement.tagName;
  renewed.classList.add('fresh');
  row.replaceWith(renewed);
  if (one('input', renewed)) one('input', renewed).checked = wasChosen;
  if (hadFocus) one(hadFocus.toLowerCase(), renewed)?.focus({ preventScroll: true });
  tellTimes(renewed);
  showHere();
}

function fits(list, issue) {
  const is = (name, value) => !list.dataset[name] || list.dataset[name] === value;
  const text = list.dataset.text.toLowerCase();
  const said = [issue.error.type, issue.error.message, issue.error.file_path || ''].join('\n').toLowerCase();
  return is('status', issue.status) && is('project', issue.project_id) && is('source', issue.source) &&
    is('level', issue.level) && said.includes(text);
}

function news(text) {
  const news = one('[data-news]');
  if (!news) return;
  news.hidden = false;
  one('[data-refresh]', news).textContent = text;
  say(text);
}

function happened(kind, issue) {
  const page = live();
  if (!page) return;
  if (page.dataset.live === 'overview') {
    later(() => renew(page), 3000);
  } else if (page.dataset.live === 'issues') {
    if (page.dataset.fresh === 'true') return later(reload, 0);
    if (document.getElementById(`issue-${issue.id}`)) {
      touched.add(issue.id);
      return later(() => { for (const id of touched) renewRow(id); touched = new Set(); }, 300);
    }
    if (kind === 'issue.changed' || !fits(page, issue)) return;
    waiting.add(issue.id);
    news(page.dataset.more.replace('{}', waiting.size));
  } else if (page.dataset.live === 'issue' && page.dataset.id === String(issue.id)) {
    const moved = page.dataset.revision !== String(issue.revision);
    if (moved) news(page.dataset.moved);
    later(async () => {
      await renew(one('#facts'));
      if (!moved) say(page.dataset.counted);
    }, 500);
  }
}

function later(act, milliseconds) {
  if (timer) return;
  timer = setTimeout(() => { timer = null; act(); }, milliseconds);
}

function listen() {
  const stream = new EventSource(`${body.dataset.base}/api/v1/stream`);
  let lost = false;
  stream.onopen = () => {
    document.documentElement.dataset.listening = 'true';
    if (lost) say(body.dataset.back);
    lost = false;
  };
  stream.onerror = () => {
    lost = true;
    say(body.dataset.lost);
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 10000);
  };
  for (const kind of ['issue.created', 'issue.regressed', 'issue.changed']) {
    stream.addEventListener(kind, (event) => happened(kind, JSON.parse(event.data)));
  }
  stream.addEventListener('stream.missed', () => live() && live().dataset.live !== 'issue' && reload());
  addEventListener('pagehide', () => stream.close());
}

function begin() {
  tellTimes();
  tellChosen();
  showHere();
  for (const field of all('[data-remember]')) {
    if (!field.value) field.value = localStorage.getItem(`logcenter.${field.dataset.remember}`) || '';
  }
}

document.addEventListener('htmx:afterSettle', begin);
begin();
if (live()) listen();
