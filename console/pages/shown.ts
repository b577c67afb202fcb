import { html } from 'hono/html';
import { CONSOLE_MESSAGE_CHARACTERS } from '../../shared/limits.ts';
import { printable, printableLine, printableMessage } from '../../shared/printable.ts';
import type { Html } from './viewer.ts';

const cut = (shown: string, characters: number): string =>
  shown.length <= characters ? shown : `${shown.slice(0, characters)}…`;

/** What somebody else wrote, so that nothing in it begins a line, hides or turns letters around; cut where it is long. */
export const shownText = (text: string, characters: number = CONSOLE_MESSAGE_CHARACTERS): string =>
  cut(printableMessage(text), characters);

/** A line of what stands as it is written: of a log, which has one for each thing said. */
export const shownLine = (text: string, characters: number): string => cut(printableLine(text), characters);

/** A line of a file, where tabs are its own. */
export const shownCode = (text: string, characters: number): string => cut(printable(text), characters);

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
];

/** `3m`, `2h`, `5d`: how long ago. */
function ageOf(time: string, now: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(time)) / 1000));
  const unit = UNITS.find(([least]) => seconds >= least);
  return unit === undefined ? `${seconds}s` : `${Math.floor(seconds / unit[0])}${unit[1]}`;
}

/** A time with how long ago it was. */
export const shownTime = (time: string | null, now: string): Html =>
  time === null ? html`–` : html`<time datetime="${time}" title="${time}">${ageOf(time, now)} ago</time>`;

interface ShownRevision {
  readonly revision: string;
  /** Who signed it, where that is known. */
  readonly signers: string | null;
}

/** `1.4.0` and the start of the digest, whole in the title, and who signed it. */
export function shownRevision(shown: ShownRevision | null | undefined): Html {
  if (shown === null || shown === undefined) return html`–`;
  const { revision, signers } = shown;
  const at = revision.lastIndexOf('@');
  const [tag, digest] = [revision.slice(0, Math.max(0, at)), revision.slice(at + 1)];
  const whole = shownText(revision);
  return html`<span title="${whole}">${shownText(tag)} <code>${shownText(digest.replace(/^sha256:/, '').slice(0, 8))}</code></span>${
    signers === null ? '' : html` <span class="quiet signers">${shownText(signers)}</span>`
  }`;
}

/** A state as a word with a colour. */
export const badge = (state: string): Html =>
  html`<span class="badge ${state.toLowerCase()}">${state}</span>`;

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** Names come from keys of a store, where anything may be. */
export const sourcePath = ({ namespace, name }: Named): string =>
  `sources/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
export const deployPath = ({ deploy, namespace, name }: Named & { readonly deploy: string }): string =>
  `deploys/${[deploy, namespace, name].map(encodeURIComponent).join('/')}`;

/** A table that is as wide as it has to be, and can be moved by keyboard within the page. */
export const table = (label: string, columns: readonly string[], rows: readonly Html[]): Html =>
  html`<div class="wide" role="region" tabindex="0" aria-label="${label}"><table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;

/** The answer to a button that was pressed: what it asked for is done by whoever serves, a moment later. */
export const askedLine = (asked: string | undefined): Html =>
  asked === undefined ? html`` : html`<p class="quiet" role="status">Asked for: ${asked}.</p>`;
