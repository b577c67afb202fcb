import { createHmac, randomBytes } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { streamSSE } from 'hono/streaming';
import type { Clock } from '../shared/clock.ts';
import { timestamp } from '../shared/clock.ts';
import { readRuns } from '../shared/deploy/visit/run-history.ts';
import { asLandfallError, LandfallError } from '../shared/errors.ts';
import { CONSOLE_BODY_BYTES, CONSOLE_EVENTS, CONSOLE_STREAMS } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { EventEnvelope } from '../shared/model/envelope.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import { requireStatus } from '../shared/store/status-store.ts';
import type { Store } from '../shared/store/store.ts';
import { type Actions, parseAction } from './action.ts';
import { ICON, SCRIPT, STYLE } from './assets.ts';
import { sourceFacts } from './facts.ts';
import { type ConsoleCaller, isFromHere, isOurName, isOwnForm, isSame } from './guard.ts';
import { deployPage, deploysPage } from './pages/deploys.ts';
import { diffPage } from './pages/diff.ts';
import { eventsPage } from './pages/events.ts';
import { type Html, page, type Viewer } from './pages/layout.ts';
import { sourcePage } from './pages/source.ts';
import { sourcesPage } from './pages/sources.ts';
import { revisionDiff } from './revision-diff.ts';
import { Snapshots } from './snapshots.ts';

export interface ConsoleDeps {
  readonly store: Store;
  readonly actions: Actions;
  /** The newest events, oldest first. */
  readonly events: (last: number) => Promise<readonly EventEnvelope[]>;
  /** Who has it may press buttons, from anywhere; undefined: only this machine may. */
  readonly token: string | undefined;
  /** The name it listens under, besides addresses and localhost. */
  readonly names: readonly string[];
  /** How long what was read of the store is shown before it is read again: a request each in S3. */
  readonly staleMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
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

const COOKIE = 'landfall-console';
const LIVE_MS = 2_000;
const PING_TICKS = 8;

/** The console's pages over a store. Everything that a registry or an artifact says is escaped where it is put in. */
export function consoleApp(deps: ConsoleDeps): Hono {
  const { store, clock, signal, token } = deps;
  const app = new Hono();
  const snapshots = new Snapshots(store, clock, { signal, staleMs: deps.staleMs });
  // A form of another site cannot read it; a page of an older process has another one.
  const form = randomBytes(18).toString('base64url');
  // Not the token itself: cookies go to every port of a host, and one that is guessed says nothing of the token.
  const session = token && createHmac('sha256', randomBytes(32)).update(token).digest('base64url');
  let streams = 0;

  const callerOf = (context: Context): ConsoleCaller => ({
    address: getConnInfo(context).remote.address ?? '',
    header: (name) => context.req.header(name),
  });
  const mayAct = (context: Context): boolean =>
    session === undefined ? isFromHere(callerOf(context)) : isSame(getCookie(context, COOKIE) ?? '', session);
  const viewerOf = (context: Context, base: string): Viewer => ({
    base,
    form: mayAct(context) ? form : undefined,
    now: timestamp(clock),
  });
  const show = (
    context: Context,
    {
      title,
      base,
      body,
    }: { readonly title: string; readonly base: string; readonly body: (viewer: Viewer) => Html },
    mark: string,
  ) => {
    const viewer = viewerOf(context, base);
    return context.html(page({ title, body: body(viewer), mark, viewer }));
  };

  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    if (!isOurName(context.req.header('host'), deps.names))
      return context.text('not a name of this console\n', 421);
    return next();
  });
  app.onError((cause, context) => {
    const { code, message, hint = '' } = asLandfallError(cause);
    if (!(cause instanceof LandfallError)) deps.log('error', 'the console failed', { code, error: message });
    const status = /_NOT_FOUND$/.test(code) ? 404 : 500;
    const body = html`<h1>${code}</h1><p class="failure">${message}${hint === '' ? '' : html`<br>Next: ${hint}`}</p>`;
    const base = '../'.repeat(Math.max(0, context.req.path.split('/').length - 2));
    return context.html(page({ title: code, body, mark: '', viewer: viewerOf(context, base) }), status);
  });

  app.get('/console.css', (context) =>
    context.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }),
  );
  app.get('/console.js', (context) =>
    context.body(SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );

  app.get('/icon.svg', (context) => context.body(ICON, 200, { 'content-type': 'image/svg+xml' }));

  app.get('/', async (context) => {
    const { snapshot, mark } = await snapshots.now();
    const query = {
      text: context.req.query('text') ?? '',
      standing: context.req.query('standing') ?? '',
      page: Math.trunc(Number(context.req.query('page') ?? 1)) || 1,
    };
    return show(
      context,
      { title: 'Sources', base: '', body: (viewer) => sourcesPage(snapshot.sources, query, viewer) },
      mark,
    );
  });
  app.get('/deploys', async (context) => {
    const { snapshot, mark } = await snapshots.now();
    return show(
      context,
      { title: 'Deploys', base: '', body: (viewer) => deploysPage(snapshot.deploys, viewer) },
      mark,
    );
  });
  app.get('/events', async (context) => {
    const { mark } = await snapshots.now();
    const events = await deps.events(CONSOLE_EVENTS);
    return show(context, { title: 'Events', base: '', body: (viewer) => eventsPage(events, viewer) }, mark);
  });
  app.get('/sources/:namespace/:name', async (context) => {
    const id = { namespace: context.req.param('namespace'), name: context.req.param('name') };
    const { snapshot, mark } = await snapshots.now();
    const name = formatSourceId(id);
    const known = snapshot.sources.find((source) => formatSourceId(source.id) === name);
    const source = known ?? sourceFacts(id, await requireStatus(store.objects, id, { signal }));
    const deploys = snapshot.deploys.filter((deploy) => formatSourceId(deploy.id) === name);
    return show(
      context,
      { title: name, base: '../../', body: (viewer) => sourcePage(source, deploys, viewer) },
      mark,
    );
  });
  app.get('/sources/:namespace/:name/diff', async (context) => {
    const id = { namespace: context.req.param('namespace'), name: context.req.param('name') };
    const [from = '', to = ''] = [context.req.query('from'), context.req.query('to')];
    const shown = await revisionDiff({ id, from, to }, deps, { signal });
    return show(
      context,
      { title: shown.title, base: '../../../', body: (viewer) => diffPage(shown, viewer) },
      '',
    );
  });
  app.get('/deploys/:deploy/:namespace/:name', async (context) => {
    const { deploy, namespace, name } = context.req.param();
    const { snapshot, mark } = await snapshots.now();
    const found = snapshot.deploys.find(
      ({ id }) => id.deploy === deploy && id.namespace === namespace && id.name === name,
    );
    if (found === undefined)
      throw new LandfallError(
        'DEPLOY_NOT_FOUND',
        `there is no deploy ${JSON.stringify(deploy)} of ${namespace}/${name}`,
      );
    const source = snapshot.sources.find(({ id }) => id.namespace === namespace && id.name === name);
    const current = source?.status?.current?.digest;
    const runs = await readRuns(store.objects, found.id.deploy, found.id, { signal });
    return show(
      context,
      {
        title: `${deploy} of ${namespace}/${name}`,
        base: '../../../',
        body: (viewer) => deployPage({ ...found, current }, runs, viewer),
      },
      mark,
    );
  });

  /** Tells that something changed, and nothing of what: the page is asked for again. */
  app.get('/live', (context) => {
    // Its body would be read by nobody, and the stream never end.
    if (context.req.method === 'HEAD') return context.body(null, 200);
    if (streams >= CONSOLE_STREAMS) return context.text('too many pages are open\n', 503);
    context.header('x-accel-buffering', 'no');
    return streamSSE(context, async (stream) => {
      streams += 1;
      stream.onAbort(() => undefined);
      try {
        for (let tick = 0; !stream.aborted && !signal.aborted; tick++) {
          const { mark } = await snapshots.now();
          await stream.writeSSE({
            event: 'mark',
            data: mark,
            ...(tick % PING_TICKS === 0 && { id: String(tick) }),
          });
          await clock.sleep(LIVE_MS, signal);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        streams -= 1;
      }
    });
  });

  app.get('/login', (context) =>
    show(
      context,
      {
        title: 'Unlock',
        base: '',
        body: () =>
          html`<h1>Unlock buttons</h1>${token === undefined ? html`<p>This console has no token. Open it on the machine it runs on, or start it with LANDFALL_CONSOLE_TOKEN.</p>` : html`<form method="post" action="login"><label>Token <input type="password" name="token" autocomplete="current-password" required></label><button>Unlock</button></form>`}`,
      },
      '',
    ),
  );
  const formOf = async (context: Context): Promise<Readonly<Record<string, unknown>> | undefined> => {
    const length = Number(context.req.header('content-length') ?? Number.NaN);
    return length <= CONSOLE_BODY_BYTES && isOwnForm(callerOf(context)) ? context.req.parseBody() : undefined;
  };
  app.post('/login', async (context) => {
    const given = (await formOf(context))?.['token'];
    if (session === undefined || token === undefined || typeof given !== 'string' || !isSame(given, token)) {
      // Slow enough that nobody tries them all.
      await clock.sleep(500, signal);
      return context.text('that is not the token\n', 403);
    }
    setCookie(context, COOKIE, session, { httpOnly: true, sameSite: 'Strict', path: '/' });
    return context.redirect('./', 303);
  });
  app.post('/act', async (context) => {
    const given = await formOf(context);
    if (!mayAct(context)) return context.text('buttons need the token, or this machine: see /login\n', 403);
    if (given === undefined || !isSame(String(given['form'] ?? ''), form))
      return context.text('this page is from an older console, or of another site: load it again\n', 403);
    const action = parseAction(given);
    if (action === undefined) return context.text('no such action\n', 400);
    await deps.actions.act(action, { signal });
    deps.log('info', 'asked for in the console', {
      action: action.what,
      source: formatSourceId(action.source),
    });
    snapshots.forget();
    const back =
      'deploy' in action
        ? `deploys/${action.deploy}/${formatSourceId(action.source)}`
        : `sources/${formatSourceId(action.source)}`;
    return context.redirect(`./${back}`, 303);
  });
  return app;
}
