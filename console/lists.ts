import { Hono } from 'hono';
import { printableLine } from '../shared/printable.ts';
import type { ConsoleEvent } from './facts/console-event.ts';
import { namesLike, targetsOf } from './facts/jump.ts';
import type { Snapshot } from './facts/snapshot.ts';
import type { Snapshots } from './facts/snapshots.ts';
import { deploysPage } from './pages/deploys.ts';
import { eventsPage } from './pages/events.ts';
import { jumpPage } from './pages/jump.ts';
import { deployPath, sourcePath } from './pages/shown.ts';
import { startOf } from './pages/shown-part.ts';
import { sourcesPage } from './pages/sources.ts';
import type { Show } from './show.ts';

interface ListDeps {
  readonly snapshots: Snapshots;
  readonly show: Show;
  /** The newest events, oldest first. */
  readonly events: (snapshot: Snapshot) => Promise<readonly ConsoleEvent[]>;
}

/** What is shown of many: sources, deploys, events, and the way to one of them. */
export function listRoutes({ snapshots, show, events }: ListDeps): Hono {
  const app = new Hono();
  app.get('/', async (context) => {
    const { snapshot, mark } = await snapshots.now();
    const { text = '', standing = '', at } = context.req.query();
    const query = { text, standing, from: startOf(at) };
    return show(context, {
      title: 'Sources',
      body: (viewer) => sourcesPage(snapshot, query, viewer),
      mark,
      snapshot,
    });
  });
  app.get('/deploys', async (context) => {
    const { snapshot, mark } = await snapshots.now();
    const { text = '', state = '', at } = context.req.query();
    const query = { text, state, from: startOf(at) };
    return show(context, {
      title: 'Deploys',
      mark,
      snapshot,
      body: (viewer) => deploysPage(snapshot.deploys, query, viewer),
    });
  });
  app.get('/events', async (context) => {
    const { snapshot, mark } = await snapshots.now();
    const shown = {
      events: await events(snapshot),
      looks: snapshot.watched.looks,
      from: startOf(context.req.query('at')),
    };
    return show(context, { title: 'Events', body: (viewer) => eventsPage(shown, viewer), mark, snapshot });
  });
  app.get('/go', async (context) => {
    const { snapshot } = await snapshots.now();
    const { to: text = '', at } = context.req.query();
    const targets = targetsOf(snapshot, text);
    const { sources, deploys } = targets;
    const [source, deploy] = [sources[0], deploys[0]];
    if (sources.length + deploys.length === 1)
      return context.redirect(
        `./${source ? sourcePath(source.id) : deploy ? deployPath(deploy.id) : ''}`,
        302,
      );
    const shown = { text, targets, from: startOf(at) };
    return show(context, { title: 'Go to', body: (viewer) => jumpPage(shown, viewer), snapshot });
  });
  /** For who is still typing: a name a line. */
  app.get('/names', async (context) => {
    const { snapshot } = await snapshots.now();
    return context.text(
      namesLike(snapshot, context.req.query('to') ?? '')
        .map(printableLine)
        .join('\n'),
    );
  });
  return app;
}
