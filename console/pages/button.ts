import { html } from 'hono/html';
import type { Html, Viewer } from './viewer.ts';

interface ButtonParts {
  readonly what: string;
  readonly label: string;
  /** What it is for, where several on the page have one label. */
  readonly of?: string;
  /** Hidden fields. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether a reason is asked for. */
  readonly reason?: boolean;
}

/** A form of one button; nothing where the viewer only reads. */
export function button({ what, label, of, fields, reason }: ButtonParts, { base, form }: Viewer): Html {
  if (form === undefined) return html``;
  const hidden = Object.entries({ ...fields, what, form });
  const named = of === undefined ? '' : html` aria-label="${label}: ${of}"`;
  return html`<form method="post" action="${base}act" class="act">${hidden.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}${reason === true ? html`<input name="reason" placeholder="reason" aria-label="Reason for ${label}" maxlength="500">` : ''}<button${named}>${label}</button></form>`;
}
