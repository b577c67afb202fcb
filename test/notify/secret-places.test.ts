import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { entryPlaces, entrySecrets } from '../../shared/notify/entry-secrets.ts';
import { PROVIDER_TYPES } from '../../shared/notify/providers/provider-types.ts';
import { providerOf } from '../../shared/notify/providers/providers.ts';
import { checkPlace, type PlacedSecret } from '../../shared/notify/secret-places.ts';
import { notificationFor } from './samples.ts';

const HOOK = 'https://hooks.example/services/T0/canary';
const secretsManager = (name: string) => ({ secretsManager: name });

/** What a document says of each provider, without what it may leave out. */
const SETTINGS: Readonly<Record<string, object>> = {
  discord: { url: secretsManager('address') },
  email: {
    host: 'mail.example',
    username: 'u',
    password: secretsManager('token'),
    from: 'a@b.example',
    to: ['c@d.example'],
  },
  gitea: { repository: 'team/app', token: secretsManager('token'), url: 'https://gitea.example:3000' },
  github: { repository: 'team/app', token: secretsManager('token') },
  gitlab: { repository: 'team/app', token: secretsManager('token') },
  'google-chat': { url: secretsManager('address') },
  pagerduty: { routingKey: secretsManager('token') },
  slack: { token: secretsManager('token'), channel: 'c' },
  sns: { topic: 'arn:aws:sns:eu-central-1:123456789012:people' },
  teams: { url: secretsManager('address') },
  webhook: { url: secretsManager('address'), headers: { Authorization: secretsManager('token') } },
};

const NOTIFICATION = notificationFor({
  subject: 'live of web/app',
  facts: { source: 'web/app', deploy: 'live', commit: 'a'.repeat(40) },
});

/** Where a provider says that it sends to, and what it has read by then. */
async function sentTo(type: string, settings: never) {
  const places: string[] = [];
  const stop = new Error('sent');
  const goesTo = (place: string): never => {
    places.push(place);
    throw stop;
  };
  const send = providerOf(type)?.send(NOTIFICATION, settings, {
    secret: async (where) => {
      if (typeof where === 'string') return where;
      return 'secretsManager' in where && where.secretsManager === 'address' ? HOOK : 'text';
    },
    http: async ({ url }) => goesTo(new URL(url).origin),
    publish: async () => undefined,
    goesTo,
    signal: new AbortController().signal,
  });
  await send?.catch((error: unknown) => assert.equal(error, stop));
  return places;
}

describe('where an entry sends its secrets', () => {
  for (const { type, settings } of PROVIDER_TYPES)
    test(`is known of ${type} before it does`, async () => {
      const parsed = settings.parse(SETTINGS[type]) as never;
      const [place] = await sentTo(type, parsed);
      const entry = { type, settings: parsed };
      const known = entryPlaces(entry);
      const named = entrySecrets(entry).map(([, location]) => location);
      assert.equal(place === undefined, type === 'sns');
      if (place === undefined) return;
      const address = HOOK.startsWith(place);
      assert.deepEqual(known, [address ? 'secret address of Secrets Manager' : place]);
      const placed = named.map((each): PlacedSecret => {
        assert.ok('secretsManager' in each);
        return { secretsManager: [each.secretsManager], to: known };
      });
      const read = named.map((location) => ({
        location,
        text: 'secretsManager' in location && location.secretsManager === 'address' ? HOOK : 'text',
      }));
      checkPlace({ place, ...(address && { url: HOOK }) }, read, placed);
      if (!address)
        assert.throws(() => checkPlace(to('https://evil.example'), read, placed), { code: 'SECRET_DENIED' });
    });
});

const TOKEN = { location: { ssm: '/landfall/token' }, text: 'token' };
const ADDRESS = { location: secretsManager('landfall/hook'), text: HOOK };
const NEIGHBOUR = { location: secretsManager('landfall/other'), text: 'https://hooks.example/canary/other' };
/** Where an address is, as who sends says it. */
const to = (url: string) => {
  const parsed = new URL(url);
  return /^https?:$/.test(parsed.protocol) ? { place: parsed.origin, url } : { place: url };
};
const PLACED: readonly PlacedSecret[] = [
  { ssm: ['/landfall/*'], to: ['https://api.example', 'smtps://mail.example:587'] },
];

const CASES: readonly (readonly [
  what: string,
  place: string,
  read: Parameters<typeof checkPlace>[1],
  isLet: boolean,
])[] = [
  ['a secret to its place', 'https://api.example', [TOKEN], true],
  ['a secret to its mail server', 'smtps://mail.example:587', [TOKEN], true],
  ['a secret to its mail server without TLS', 'smtp://mail.example:587', [TOKEN], false],
  ['a secret to its host without TLS', 'http://api.example', [TOKEN], false],
  ['a secret to another port', 'https://api.example:8443', [TOKEN], false],
  ['a secret to another host', 'https://api.example.evil.example', [TOKEN], false],
  ['an address to itself', HOOK, [ADDRESS], true],
  ['an address to itself, with more behind it', `${HOOK}?threadKey=1`, [ADDRESS], true],
  ['an address to another of its host', 'https://hooks.example/of/another', [ADDRESS], false],
  ['an address elsewhere', 'https://evil.example', [ADDRESS], false],
  ['a secret to where another one is the address of', HOOK, [ADDRESS, TOKEN], false],
  ['an address in a header to another of its host', HOOK, [ADDRESS, NEIGHBOUR], false],
  ['a secret of nobody’s', 'https://api.example', [{ ...TOKEN, location: { ssm: '/other' } }], false],
  ['what stands in the document', 'https://any.example', [{ location: { value: 'x' }, text: 'x' }], true],
];
for (const [what, place, read, isLet] of CASES)
  test(`${what} is ${isLet ? 'let' : 'held back'}`, () => {
    const check = (): void => checkPlace(to(place), read, PLACED);
    if (isLet) check();
    else assert.throws(check, ({ code, message }) => code === 'SECRET_DENIED' && !message.includes('canary'));
  });

test('a secret that is bound to another goes where that one says', () => {
  const placed = [{ ssm: ['/landfall/token'], to: ['secret landfall/hook of Secrets Manager'] }];
  checkPlace(to(HOOK), [ADDRESS, TOKEN], placed);
  assert.throws(() => checkPlace(to('https://evil.example'), [ADDRESS, TOKEN], placed), {
    code: 'SECRET_DENIED',
  });
});
