import { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

/** What every page needs to know of who looks. */
export interface Viewer {
  /** Relative to the page, so that it works below any path: '', '../', '../../'. */
  readonly base: string;
  /** The form's own token where buttons are allowed; undefined: only reading. */
  readonly form: string | undefined;
  /** RFC 3339. */
  readonly now: string;
}

interface PageParts {
  readonly title: string;
  readonly body: Html;
  /** Changes where what is shown changes. */
  readonly mark: string;
  readonly viewer: Viewer;
}

/** A whole page. It asks itself again where the mark has changed: by script, or by hand without it. */
export const page = ({ title, body, mark, viewer: { base, form } }: PageParts): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Landfall</title>
<link rel="icon" href="${base}icon.svg">
<link rel="stylesheet" href="${base}console.css">
<script src="${base}console.js" defer></script>
</head>
<body data-live="${base}live" data-mark="${mark}">
<a class="skip" href="#main">Skip to content</a>
<header><strong>Landfall</strong>
<nav aria-label="Pages"><a href="${base || './'}">Sources</a> <a href="${base}deploys">Deploys</a> <a href="${base}events">Events</a></nav>
<span class="quiet">${form === undefined ? html`reading only · <a href="${base}login">unlock</a>` : ''}</span>
</header>
<main id="main">${body}</main>
</body>
</html>`;

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

/** `1.4.0` and the start of the digest, whole in the title. */
export function shownRevision(revision: string | null): Html {
  if (revision === null) return html`–`;
  const at = revision.lastIndexOf('@');
  const [tag, digest] = [revision.slice(0, Math.max(0, at)), revision.slice(at + 1)];
  return html`<span title="${revision}">${tag} <code>${digest.replace(/^sha256:/, '').slice(0, 8)}</code></span>`;
}

/** A state as a word with a colour. */
export const badge = (state: string): Html =>
  html`<span class="badge ${state.toLowerCase()}">${state}</span>`;

interface ButtonParts {
  readonly what: string;
  readonly label: string;
  /** Hidden fields. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether a reason is asked for. */
  readonly reason?: boolean;
}

/** A form of one button; nothing where the viewer only reads. */
export function button({ what, label, fields, reason }: ButtonParts, { base, form }: Viewer): Html {
  if (form === undefined) return html``;
  const hidden = Object.entries({ ...fields, what, form });
  return html`<form method="post" action="${base}act" class="act">${hidden.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}${reason === true ? html`<input name="reason" placeholder="reason" aria-label="Reason for ${label}" maxlength="500">` : ''}<button>${label}</button></form>`;
}
