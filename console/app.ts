import { Hono } from 'hono';
import { html } from 'hono/html';
import { asLandfallError, isLandfallError } from '../shared/errors.ts';
import { CONSOLE_LINE_CHARACTERS } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { Store } from '../shared/store/store.ts';
import type { Actions } from './action.ts';
import { ICON, SCRIPT, STYLE } from './assets.ts';
import { buttonRoutes } from './buttons.ts';
import { detailRoutes } from './details.ts';
import type { ConsoleEvent } from './facts/console-event.ts';
import type { Snapshot } from './facts/snapshot.ts';
import { type SnapshotDeps, Snapshots } from './facts/snapshots.ts';
import { isOurName } from './guard.ts';
import { listRoutes } from './lists.ts';
import { liveRoutes } from './live.ts';
import { shownText } from './pages/shown.ts';
import { Session } from './session.ts';
import { notDone, showBy } from './show.ts';

export interface ConsoleDeps extends SnapshotDeps {
  readonly store: Store;
  readonly actions: Actions;
  /** The newest events, oldest first. */
  readonly events: (snapshot: Snapshot) => Promise<readonly ConsoleEvent[]>;
  /** Who has it may press buttons, from anywhere; undefined: only this machine may. */
  readonly token: string | undefined;
  /** The name it listens under, besides addresses and localhost. */
  readonly names: readonly string[];
  readonly log: Log;
}

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

const ASSETS = [
  ['/console.css', STYLE, 'text/css; charset=utf-8'],
  ['/console.js', SCRIPT, 'text/javascript; charset=utf-8'],
  ['/icon.svg', ICON, 'image/svg+xml'],
] as const;

/** The console's pages over a store. Everything that a registry or an artifact says is escaped where it is put in. */
export function consoleApp(deps: ConsoleDeps): Hono {
  const app = new Hono();
  const snapshots = new Snapshots(deps);
  const session = new Session(deps);
  const show = showBy({ session, clock: deps.clock });
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    if (!isOurName(context.req.header('host'), deps.names))
      return context.text('not a name of this console\n', 421);
    return next();
  });
  app.onError((cause, context) => {
    const { code, message, hint = '' } = asLandfallError(cause);
    if (!isLandfallError(cause)) deps.log('error', 'the console failed', { code, error: message });
    const next = () => (hint === '' ? html`` : html`<p>Next: ${shownText(hint)}</p>`);
    const status = /_NOT_FOUND$/.test(code) ? 404 : 500;
    return show(context, notDone(code, shownText(message, CONSOLE_LINE_CHARACTERS), next), status);
  });
  app.notFound((context) => show(context, notDone('Not found', 'There is no such page.'), 404));
  for (const [path, text, type] of ASSETS)
    app.get(path, (context) => context.body(text, 200, { 'content-type': type }));
  const parts = { ...deps, snapshots, session, show };
  for (const routes of [listRoutes, detailRoutes, liveRoutes, buttonRoutes]) app.route('/', routes(parts));
  return app;
}
