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
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Put these into a place instead of what is there. */
export function show(place, ...children) {
  place.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

/** A copy of a `<template>`'s first element. */
export const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

/** Rows of name and value. */
export function pairs(rows) {
  return h('dl', { class: 'pairs' }, rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}
