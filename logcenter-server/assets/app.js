// Client-side behaviour of the pages: localised times, keyboard shortcuts, copying. Live updates are in live.js.
'use strict';

const body = document.body;
const language = document.documentElement.lang;
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

let saying = 0;

// Shown at the bottom of the window, wherever the page is scrolled to. A loss stays until it is over.
function say(text) {
  const line = one('#live');
  line.textContent = text;
  const isLost = text === body.dataset.lost;
  line.classList.toggle('lost', isLost);
  clearTimeout(saying);
  if (!isLost) saying = setTimeout(() => { line.textContent = ''; }, 6000);
}

// Times

const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
const exact = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'long' });
const UNITS = [['day', 86400], ['hour', 3600], ['minute', 60]];

function renderTimes(within = document) {
  for (const time of all('time', within)) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const seconds = (moment - Date.now()) / 1000;
    if (time.dataset.left) {
      const left = Math.max(0, Math.floor(seconds));
      const shown = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
      time.textContent = time.dataset.left.replace('{}', shown);
      continue;
    }
    if ('exact' in time.dataset) {
      time.textContent = exact.format(moment);
      continue;
    }
    const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
    time.textContent = unit ? relative.format(Math.trunc(seconds / unit[1]), unit[0]) : body.dataset.now;
    time.title = exact.format(moment);
  }
}
setInterval(renderTimes, 30000);
setInterval(() => all('#repair').forEach((section) => renderTimes(section)), 1000);

const begins = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });

// The server renders the periods of a chart in UTC.
function renderPeriods(within = document) {
  for (const chart of all('svg[data-from]', within)) {
    for (const title of all('g:not(.mark) > title', chart)) {
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
    // Only secure pages have the clipboard API; selecting the text works everywhere.
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
    Promise.resolve(reload()).then(goOn);
  }
});

// Menus

document.addEventListener('click', (event) => {
  for (const menu of all('.menu[open]')) menu.open = menu.contains(event.target);
});
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && event.target.closest('.menu[open]');
  if (!menu) return;
  menu.open = false;
  one('summary', menu).focus();
});

// Bulk selection

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
      // With storage blocked, the user has to type it again.
    }
  }
  tellChosen();
});

// Keyboard shortcuts

// Index of the current row, not an id: an issue may be in two lists.
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

// htmx swaps

// A response without the requested part says why it is missing.
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
  (one('#change[open] #state') || one('main')).prepend(line);
}

// Keeps keyboard users at the result.
function goOn() {
  if (document.activeElement !== body) return;
  const place = one('main [role=alert], .done h2') || one('h1');
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

document.addEventListener('htmx:afterSettle', () => {
  one('#fault')?.remove();
  begin();
  goOn();
});

// If the list has been filtered since, forms return to the filtered list.
const address = () => location.pathname + location.search;
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
  renderTimes();
  renderPeriods();
  tellChosen();
  showHere();
  for (const field of all('[data-remember]')) {
    if (!field.value) field.value = remembered(field.dataset.remember);
  }
}

begin();
