import type { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

/** What every page needs to know of who looks. */
export interface Viewer {
  /** Relative to the page, so that it works below any path: '', '../', '../../'. */
  readonly base: string;
  /** The form's own token where buttons are allowed; undefined: only reading. */
  readonly form: string | undefined;
  /** Whether a token unlocked the buttons, and they can be locked again. */
  readonly isUnlocked: boolean;
  /** What is to be told on every page, a line each. */
  readonly notes: readonly string[];
  /** RFC 3339. */
  readonly now: string;
}
