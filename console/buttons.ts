import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Log } from '../shared/log.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import { type Actions, parseAction } from './action.ts';
import type { Snapshots } from './facts/snapshots.ts';
import { deployPath, sourcePath } from './pages/shown.ts';
import type { Html, Viewer } from './pages/viewer.ts';
import type { Session } from './session.ts';
import { notDone, type Show } from './show.ts';

interface ButtonDeps {
  readonly session: Session;
  readonly show: Show;
  readonly snapshots: Snapshots;
  readonly actions: Actions;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const unlockForm = (session: Session): Html =>
  session.hasToken
    ? html`<form method="post" action="login"><label>Token <input type="password" name="token" autocomplete="current-password" required></label> <button>Unlock</button></form>`
    : html`<p>This console has no token. Open it on the machine it runs on, or start it with LANDFALL_CONSOLE_TOKEN.</p>`;

const toUnlock = ({ base }: Viewer): Html => html`<p><a href="${base}login">Unlock the buttons</a></p>`;
const toSources = ({ base }: Viewer): Html => html`<p><a href="${base || './'}">Sources</a></p>`;

/** Unlocking buttons, locking them again, and pressing them. */
export function buttonRoutes({ session, show, snapshots, actions, log, signal }: ButtonDeps): Hono {
  const app = new Hono();
  app.get('/login', (context) =>
    show(context, { title: 'Unlock', body: () => html`<h1>Unlock buttons</h1>${unlockForm(session)}` }),
  );
  app.post('/login', async (context) => {
    const outcome = await session.unlock(context);
    if (outcome === 'unlocked') return context.redirect('./', 303);
    if (outcome === 'busy')
      return show(context, notDone('Busy', 'too many tokens are tried at this moment', toUnlock), 429);
    return show(context, notDone('Not unlocked', 'that is not the token', toUnlock), 403);
  });
  app.post('/logout', async (context) => {
    const given = await session.formOf(context);
    if (given !== undefined && session.isOurs(given)) session.lock(context);
    return context.redirect('./', 303);
  });
  app.post('/act', async (context) => {
    const given = await session.formOf(context);
    if (!session.mayAct(context)) {
      const why =
        'Buttons need the token, or this machine. What was unlocked in an older console is locked again.';
      return show(context, notDone('Nothing was done', why, toUnlock), 403);
    }
    if (given === undefined || !session.isOurs(given)) {
      const why = 'That page is of an older console, or of another site. Load it again.';
      return show(context, notDone('Nothing was done', why, toSources), 403);
    }
    const action = parseAction(given);
    if (action === undefined)
      return show(context, notDone('Nothing was done', 'There is no such action.'), 400);
    await actions.act(action, { signal });
    const { what, source } = action;
    log('info', 'asked for in the console', { action: what, source: formatSourceId(source) });
    snapshots.forget();
    const back = 'deploy' in action ? deployPath({ ...source, deploy: action.deploy }) : sourcePath(source);
    return context.redirect(`./${back}?asked=${what}`, 303);
  });
  return app;
}
