import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { notifyKey } from '../../../shared/store/layout.ts';
import type { Script, ScriptedProvider } from '../../notify/scripted-provider.ts';
import { scriptedProvider } from '../../notify/scripted-provider.ts';
import { slackScript } from '../../notify/scripts.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { freePort } from '../../support/servers/free-port.ts';
import type { Json } from '../../support/template-host/json.ts';
import { until } from '../../support/until.ts';
import { openStory, type Story, type Synthesized, synthesizeStory } from './story.ts';

export const CANARY = 'canary-hook';
const TOKEN = 'canary-notify-token';

/** Two who are told: a channel, and a hook of one's own at a plain address with a token that may go there alone. */
export interface ToldStack extends Synthesized {
  /** Of what the deploy `live` posts to. */
  readonly livePort: number;
  readonly hookPort: number;
}

export async function synthesizeTold(folder: string): Promise<ToldStack> {
  const [livePort, hookPort] = [await freePort(), await freePort()];
  const text = `deploys:
  - { name: live, kind: http, source: web/app, url: "http://127.0.0.1:${livePort}/live" }
notify:
  - { name: team, type: slack, url: { secretsManager: landfall/slack }, sources: [web/app] }
  - { name: own, type: webhook, url: "http://127.0.0.1:${hookPort}/hook", headers: { Authorization: { ssm: /landfall/token } },
      sources: [web/app], events: [Artifact Revision Changed], quiet: 0s }
`;
  return { ...(await synthesizeStory(folder, undefined, text)), livePort, hookPort };
}

export interface ToldStory extends Story {
  readonly slack: ScriptedProvider;
  readonly hook2: ScriptedProvider;
  /** Whether what is deployed to takes it. */
  readonly live: { isGood: boolean };
  /** Titles as Slack shows them, without their mark. */
  titles(): readonly string[];
  /** Ids of what the hook was told. */
  ids(): readonly string[];
  book(entry: string): Json | undefined;
  changeBook(entry: string, change: (book: Json) => Json): void;
  /** Lands, and tells of it. */
  land(): Promise<void>;
  /** Queues go on, a minute for each look, until it is so: functions themselves tell the time by the machine. */
  later<T>(what: string, look: () => T | undefined): Promise<T>;
  /** Lines of the function's log. */
  log(): readonly Json[];
}

export async function openTold(
  t: TestContext,
  { livePort, hookPort, ...synthesized }: ToldStack,
  {
    slack: slackAnswers = slackScript,
    hook = () => ({ status: 200 }),
  }: { readonly slack?: Script; readonly hook?: Script } = {},
): Promise<ToldStory> {
  const live = { isGood: true };
  const slack = await scriptedProvider(t, slackAnswers);
  const hook2 = await scriptedProvider(
    t,
    (heard, nth) =>
      heard.headers['authorization'] === TOKEN ? hook(heard, nth) : { status: 401, body: 'no token' },
    hookPort,
  );
  await scriptedProvider(t, () => ({ status: live.isGood ? 200 : 422 }), livePort);
  const story = await openStory(t, synthesized);
  const { host, bucket } = story;
  host.aws.secrets.set('landfall/slack', `${slack.url}/services/T0/B0/${CANARY}`);
  host.aws.parameters.set('/landfall/token', TOKEN);
  return {
    ...story,
    ...{ slack, hook2, live },
    titles: () =>
      slack.heard.map(({ body }) => String((JSON.parse(body) as Json)['text']).replace(/^\S+ /, '')),
    ids: () => hook2.heard.map(({ body }) => String((JSON.parse(body) as Json)['id'])),
    book: (entry) => {
      const stored = bucket.objects.get(notifyKey(entry));
      return stored && (JSON.parse(stored.bytes.toString('utf8')) as Json);
    },
    changeBook: (entry, change) => {
      const stored = bucket.objects.get(notifyKey(entry));
      assert.ok(stored);
      const book = change(JSON.parse(stored.bytes.toString('utf8')) as Json);
      bucket.put(notifyKey(entry), {
        ...stored,
        bytes: Buffer.from(JSON.stringify(book)),
        etag: `"${Math.random()}"`,
      });
    },
    land: async () => {
      plantFiles(story.registry, 'latest', { 'app.yaml': 'one' });
      await host.pass(6);
      await host.settle();
    },
    later: (what, look) =>
      until(what, async () => {
        host.advance(60_000);
        await host.settle();
        return look();
      }),
    log: () => host.lambda('Notify').log.map((line) => JSON.parse(line) as Json),
  };
}
