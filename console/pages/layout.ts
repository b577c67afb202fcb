import { html } from 'hono/html';
import { shownText } from './shown.ts';
import type { Html, Viewer } from './viewer.ts';

interface PageParts {
  readonly title: string;
  readonly body: Html;
  /** Changes where what is shown changes. */
  readonly mark: string;
  readonly viewer: Viewer;
}

const PAGES: readonly (readonly [path: string, name: string])[] = [
  ['', 'Sources'],
  ['deploys', 'Deploys'],
  ['events', 'Events'],
];

const NOTES_SHOWN = 5;

/** Who may press buttons, and how that is changed. */
function rights({ base, form, isUnlocked }: Viewer): Html {
  if (form === undefined)
    return html`<span class="quiet">reading only · <a href="${base}login">unlock</a></span>`;
  return isUnlocked
    ? html`<form method="post" action="${base}logout" class="act"><input type="hidden" name="form" value="${form}"><button>Lock</button></form>`
    : html``;
}

/** A whole page. It asks itself again where the mark has changed: by script, or by hand without it. */
export const page = ({ title, body, mark, viewer }: PageParts): Html => {
  const { base, notes } = viewer;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shownText(title)} · Landfall</title>
<link rel="icon" href="${base}icon.svg">
<link rel="stylesheet" href="${base}console.css">
<script src="${base}console.js" defer></script>
</head>
<body data-base="${base}" data-mark="${mark}">
<a class="skip" href="#main">Skip to content</a>
<header><strong>Landfall</strong>
<nav aria-label="Pages">${PAGES.map(
    ([path, name]) =>
      html`<a href="${base}${path || './'}"${title === name ? html` aria-current="page"` : ''}>${name}</a> `,
  )}</nav>
<form class="filter" role="search" aria-label="Go to" action="${base}go"><input type="search" name="to" list="names" autocomplete="off" aria-label="Name of a source or deploy, or a revision" aria-keyshortcuts="/" placeholder="Go to …"><button>Go</button></form><datalist id="names"></datalist>
${rights(viewer)}
</header>
<main id="main" tabindex="-1">${notes.slice(0, NOTES_SHOWN).map((note) => html`<p class="failure" role="status">${shownText(note)}</p>`)}${body}</main>
<p id="said" class="unseen" role="status"></p>
</body>
</html>`;
};
