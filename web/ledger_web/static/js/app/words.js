/**
 * Texts in the reader's language, names of codes, times and quantities as people write them.
 *
 *     _('Accepted as entry {index}', { index: 7 })       // '已收，第 7 条'
 *     code('document_type', 'invoice')                   // '发票'
 *     quantity({ value: '2.5', unit: 'kg' })             // '2.5 千克'
 *
 * Texts are English in the code, and a catalogue has them in Chinese. Times are China's, wherever the phone is: what is
 * compared with papers and with an officer's watch must have one clock.
 */
import { _, code, language, speak } from './texts.js';

export { _, choices, code, language } from './texts.js';

const ZONE = 'Asia/Shanghai';
await speak(document.documentElement.lang.startsWith('zh') ? 'zh' : 'en');

export const quantity = ({ value, unit }) => `${value} ${code('unit', unit)}`;

const format = (options) => new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: ZONE, ...options });
const YEAR = format({ year: 'numeric' });
const DAY = format({ month: 'short', day: 'numeric', weekday: 'short' });
const MOMENT = format({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY_OF_YEAR = format({ year: 'numeric', month: 'short', day: 'numeric' });
const MOMENT_OF_YEAR = format({ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const CLOCK = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const ISO_DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });

/** Day and time of an instant: text as in statements, or milliseconds. */
export const moment = (at) => withYear(MOMENT, MOMENT_OF_YEAR, new Date(at));
export const clock = (at) => CLOCK.format(new Date(at));
/** A day such as `2026-07-01`, for people. */
export const day = (text) => withYear(DAY, DAY_OF_YEAR, new Date(`${text}T12:00:00+08:00`));
/** The year is said where it is not this one. */
const withYear = (short, long, at) => (YEAR.format(at) === YEAR.format(new Date()) ? short : long).format(at);
/** The day in China at a moment, as statements write it. */
export const isoDay = (ms) => ISO_DAY.format(new Date(ms));
/** A day, so many days later. */
export const laterDay = (text, days) => isoDay(Date.parse(`${text}T12:00:00+08:00`) + days * 86_400_000);

/** How long ago, in words. */
export function ago(ms, now = Date.now()) {
  const minutes = Math.floor((now - ms) / 60_000);
  if (minutes < 1) return _('just now');
  if (minutes < 60) return _('{minutes} minutes ago', { minutes });
  if (minutes < 48 * 60) return _('{hours} hours ago', { hours: Math.floor(minutes / 60) });
  return _('{days} days ago', { days: Math.floor(minutes / 1440) });
}
