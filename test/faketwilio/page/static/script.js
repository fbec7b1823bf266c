'use strict';
// Follows the fake, sends the forms without leaving the page, and listens to single keys.
// The server renders everything; here the page is only brought to what the server says now.

const every = 1000; // milliseconds between two looks
const live = document.getElementById('live');
const said = document.getElementById('said');
const single = document.getElementById('single');
let tag = ''; // of the page as it is
let following = true;
let looks = Promise.resolve(); // one look at a time, so that an older one never comes last
let sent = Promise.resolve(); // one form at a time, in order; looks go on meanwhile

document.documentElement.classList.add('scripted');
live.hidden = false;

// morph brings an element to what another one is. Elements with an id stay the same
// elements, so that what is open stays open and what has the focus keeps it.
function morph(old, fresh) {
  if (old.hasAttribute('data-keep') || old.isEqualNode(fresh)) return;
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !edited(old, name)) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  }
  children(old, fresh);
}

// edited tells whether an attribute belongs to a field that the reader is in.
function edited(element, name) {
  return name === 'value' && element === document.activeElement;
}

function children(old, fresh) {
  const wanted = new Set([...fresh.children].map(e => e.id).filter(Boolean));
  for (const child of [...old.children]) {
    if (child.id && !wanted.has(child.id)) child.remove();
  }
  const known = new Map([...old.children].filter(e => e.id).map(e => [e.id, e]));
  let at = old.firstChild;
  for (const want of [...fresh.childNodes]) {
    let have = want.id ? known.get(want.id) : at;
    if (have && (have.nodeName !== want.nodeName || (have.id || '') !== (want.id || ''))) have = null;
    if (!have) {
      old.insertBefore(want, at);
      if (want.matches?.('.row')) want.classList.add('fresh');
      continue;
    }
    // What has the focus must not be moved, or it loses it: so what stands before it goes.
    while (want.id && at && at !== have && !at.id) at = drop(at);
    if (have === at) at = at.nextSibling; else old.insertBefore(have, at);
    if (have.nodeType === Node.ELEMENT_NODE) morph(have, want);
    else if (have.data !== want.data) have.data = want.data;
  }
  while (at) at = drop(at);
}

// drop removes a node and returns the one behind it.
function drop(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

// look brings the page to what the fake is now.
function look() {
  looks = looks.then(fetchPage).catch(lost);
  return looks;
}

async function fetchPage() {
  const response = await fetch(location.pathname + location.search, { cache: 'no-store', headers: { 'If-None-Match': tag } });
  if (response.status !== 304) {
    if (!response.ok) throw new Error(await response.text());
    tag = response.headers.get('Etag');
    const focused = document.activeElement;
    const home = focused.closest('section')?.querySelector('h2');
    morph(document.body, new DOMParser().parseFromString(await response.text(), 'text/html').body);
    if (!focused.isConnected) home?.focus({ preventScroll: true });
  }
  live.classList.remove('lost');
  if (following) word('Live');
}

function word(text) {
  live.querySelector('.word').textContent = text;
}

function lost() {
  live.classList.add('lost');
  word('The fake does not answer');
}

// tell says something to the reader, aloud to those who listen.
function tell(text, refused) {
  said.textContent = text;
  said.classList.toggle('refused', refused);
}

function follow() {
  if (following && !document.hidden) look();
  looks.then(() => setTimeout(follow, every));
}

// send does what a form's button asks for.
async function send(form, button) {
  tell('Working…', false);
  const response = await fetch(form.action, {
    method: 'POST', body: new URLSearchParams(new FormData(form, button)), headers: { Accept: 'text/plain' },
  });
  tell((await response.text()).trim(), !response.ok);
  await look();
}

document.addEventListener('submit', event => {
  const form = event.target;
  if (form.matches('[data-act]')) {
    event.preventDefault();
    const { submitter } = event;
    sent = sent.then(() => send(form, submitter)).catch(lost);
  } else if (form.id === 'filter') {
    event.preventDefault();
    narrow();
  }
});

// narrow shows what the filter asks for, and keeps the address in step so that it can be shared.
function narrow() {
  const query = new URLSearchParams(new FormData(document.getElementById('filter')));
  history.replaceState(null, '', '/?' + query);
  look();
}

let typing;
document.getElementById('filter').addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(narrow, 150);
});

live.addEventListener('click', () => {
  following = !following;
  live.setAttribute('aria-pressed', following);
  word(following ? 'Live' : 'Paused');
});

// Keys without a modifier, for readers who want them and are not writing.
single.checked = localStorage.getItem('single-keys') !== 'off';
single.addEventListener('change', () => localStorage.setItem('single-keys', single.checked ? 'on' : 'off'));

document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && event.target.matches('[type=search]')) {
    event.target.value = '';
    event.target.blur();
    narrow();
    return;
  }
  if (!single.checked || event.ctrlKey || event.altKey || event.metaKey || event.target.matches('input:not([type=checkbox]), select')) return;
  if (event.key === 'j' || event.key === 'k') {
    step(event.key === 'j' ? 1 : -1);
    event.preventDefault();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches('button, summary')) target.click();
  if (!target.matches('button')) target.focus();
});

// step moves the focus by that many rows.
function step(by) {
  const rows = [...document.querySelectorAll('.row > summary')];
  const place = rows.indexOf(document.activeElement);
  const from = place >= 0 ? place : rows.findIndex(r => document.activeElement.compareDocumentPosition(r) & Node.DOCUMENT_POSITION_FOLLOWING) - (by > 0 ? 1 : 0);
  rows[Math.min(Math.max(from + by, 0), rows.length - 1)]?.focus();
}

follow();
