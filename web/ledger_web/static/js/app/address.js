/** A part of the page's address as text, counted from the end (-1) or the beginning; what is no UTF-8 stays as it is written. */
export function partOfPath(at) {
  const part = location.pathname.split('/').filter(Boolean).at(at) ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
