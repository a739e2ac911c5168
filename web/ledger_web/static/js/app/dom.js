/**
 * Elements in few words. Text is always text: nothing that comes from anywhere becomes markup.
 *
 *     h('p', { class: 'quiet' }, _('Nothing waits.'))
 *     show(list, items.map((item) => h('li', {}, item.name)))
 */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...parts(children));
  return made;
}

/** What is invisible and turns or hides what stands beside it (UAX #9): a name must not make "5 kg" of "gk 5". */
const UNSEEN = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text in which everything is seen. */
export const plain = (text) => String(text).replace(UNSEEN, (one) => `⟨U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

const parts = (children) => children.flat().filter((child) => child !== null && child !== undefined && child !== false)
  .map((child) => (typeof child === 'string' ? plain(child) : child));

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Put these into a place instead of what is there. */
export function show(place, ...children) {
  place.replaceChildren(...parts(children));
}

/** A copy of a `<template>`'s first element. */
export const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

/** Rows of name and value. */
export function pairs(rows) {
  return h('dl', { class: 'pairs' }, rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}
