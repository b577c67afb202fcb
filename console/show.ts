import type { Context } from 'hono';
import { html } from 'hono/html';
import { type Clock, timestamp } from '../shared/clock.ts';
import type { Snapshot } from './facts/snapshot.ts';
import { page } from './pages/layout.ts';
import type { Html, Viewer } from './pages/viewer.ts';
import type { Session } from './session.ts';

interface Shown {
  readonly title: string;
  readonly body: (viewer: Viewer) => Html;
  /** Absent: the page says what will go on to be true. */
  readonly mark?: string;
  /** Absent where the store could not be read. */
  readonly snapshot?: Snapshot;
}

/** What makes answers of pages. */
export type Show = (
  context: Context,
  shown: Shown,
  status?: 200 | 400 | 403 | 404 | 413 | 429 | 500,
) => Response | Promise<Response>;

/** Pages find everything relative to themselves, so that they work below any path of a proxy. */
const baseOf = ({ req }: Context): string => '../'.repeat(Math.max(0, req.path.split('/').length - 2));

export function showBy({ session, clock }: { readonly session: Session; readonly clock: Clock }): Show {
  return (context, { title, body, mark = '', snapshot }, status = 200) => {
    const isFree = session.mayAct(context);
    const viewer: Viewer = {
      base: baseOf(context),
      form: isFree ? session.form : undefined,
      isUnlocked: isFree && session.hasToken,
      notes: snapshot?.watched.notes ?? [],
      now: timestamp(clock),
    };
    return context.html(page({ title, body: body(viewer), mark, viewer }), status);
  };
}

/** A page that says why something was not done, and what to do now. */
export const notDone = (
  title: string,
  why: string,
  next: (viewer: Viewer) => Html = () => html``,
): Shown => ({
  title,
  body: (viewer) => html`<h1>${title}</h1><p class="failure">${why}</p>${next(viewer)}`,
});
