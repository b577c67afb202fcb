import { ANONYMOUS } from '../scripted-registry.ts';
import { drip, endless } from './hostile-stream.ts';
import { IDENTITY, type Misbehaviour, misbehaves, OWN_TOKEN, type World } from './misbehaviour.ts';

const realm = (
  name: string,
  at: (world: World) => string,
  code: Misbehaviour['code'] = 'REALM_DENIED',
): Misbehaviour => ({
  name: `a realm ${name}`,
  code,
  challenge: (world) => `Bearer realm="${at(world)}",service="s"`,
});

misbehaves([
  realm('of its own', ({ registry }) => `${registry}/token`, 'fine'),
  realm('beside it', ({ neighbour }) => `${neighbour}/token`, 'fine'),
  realm('on another host', ({ thief }) => `${thief}/token`),
  realm('that only begins like its host', ({ thief }) =>
    thief.replace('thief', 'registry.corp.example.thief'),
  ),
  realm('over http', ({ registry }) => `${registry.replace('https', 'http')}/token`),
  realm('over http on loopback', ({ trap }) => `http://${trap}/token`),
  realm('on loopback', ({ trap }) => `https://${trap}/token`),
  realm('at the metadata service', () => 'http://169.254.169.254/latest/meta-data/'),
  realm('at the metadata service, over https', () => 'https://[fd00:ec2::254]/'),
  realm('in a private network', () => 'https://10.0.0.1/token'),
  realm('with a user', ({ registry }) => registry.replace('//', '//a:b@')),
  realm('with its host as the user', ({ thief }) => thief.replace('//', '//registry.corp.example@')),
  realm(
    'over a backslash',
    ({ thief }) => `https://registry.corp.example\\\\@${thief.replace('https://', '')}/`,
  ),
  realm('that is a file', () => 'file:///etc/passwd'),
  realm('that is a socket', () => 'unix:///var/run/docker.sock'),
  realm('that is a script', () => 'javascript:alert(1)'),
  realm('without a scheme', ({ thief }) => thief.replace('https:', '')),
  realm('that is a path', () => '/token'),
  realm('with a blank', ({ registry }) => `${registry}/to ken`),
  realm('outside ASCII', () => 'https://régistry.corp.example/'),
  realm('of 3 kB', ({ registry }) => `${registry}/${'a'.repeat(3000)}`),
  realm('of 100 kB', ({ registry }) => `${registry}/${'a'.repeat(100_000)}`, 'REGISTRY_PROTOCOL'),
  realm('that is empty', () => '', 'UNAUTHORIZED'),
  { name: 'Bearer without a realm', code: 'UNAUTHORIZED', challenge: () => 'Bearer' },
  {
    name: 'a realm given twice, the second elsewhere',
    code: 'fine',
    challenge: ({ registry, thief }) => `Bearer realm="${registry}/token",realm="${thief}/token"`,
  },
  {
    name: 'a good challenge after one that leads elsewhere',
    code: 'REALM_DENIED',
    challenge: ({ registry, thief }) => `Bearer realm="${thief}/token", Bearer realm="${registry}/token"`,
  },
  { name: 'a scheme that nobody knows', code: 'UNAUTHORIZED', challenge: () => 'NTLM abcd==, Negotiate' },
  {
    name: 'Digest, which we do not answer',
    code: 'UNAUTHORIZED',
    challenge: () => 'Digest realm="r",nonce="n"',
  },
  {
    name: 'a thousand challenges',
    code: 'UNAUTHORIZED',
    challenge: () => Array.from({ length: 1000 }, (_, at) => `S${at} a=b`).join(', '),
  },
  {
    name: 'a challenge that never closes its quotes',
    code: 'REALM_DENIED',
    challenge: () => 'Bearer realm="https://',
  },
]);

/** Where there is no credential, any public https host may be asked for a token: nothing goes there that could leak. */
const anonymously = (
  name: string,
  at: (world: World) => string,
  code: Misbehaviour['code'],
): Misbehaviour => ({ ...realm(`${name}, for nobody`, at, code), credential: ANONYMOUS });

misbehaves([
  anonymously('on another host', ({ thief }) => `${thief}/token`, 'REGISTRY_PROTOCOL'),
  anonymously('on loopback', ({ trap }) => `https://${trap}/token`, 'ADDRESS_DENIED'),
  anonymously(
    'of a name for loopback',
    ({ trap }) => `https://localhost:${trap.split(':')[1]}/token`,
    'ADDRESS_DENIED',
  ),
  anonymously('in a private network', () => 'https://10.0.0.1/token', 'ADDRESS_DENIED'),
  anonymously('at the metadata service', () => 'https://169.254.169.254/latest/meta-data/', 'ADDRESS_DENIED'),
  anonymously('over http', ({ trap }) => `http://${trap}/token`, 'REALM_DENIED'),
  {
    ...anonymously('on another host that gives a token', ({ thief }) => `${thief}/token`, 'fine'),
    thief: (_, __, send) => send.answer(200, {}, '{"token":"for-anybody"}'),
  },
]);

const token = (
  name: string,
  act: NonNullable<Misbehaviour['token']>,
  code: Misbehaviour['code'] = 'REGISTRY_PROTOCOL',
  more: Partial<Misbehaviour> = {},
): Misbehaviour => ({
  name: `a token service that ${name}`,
  code,
  challenge: ({ registry }) => `Bearer realm="${registry}/token"`,
  token: act,
  ...more,
});
const answers = (body: string, headers: Record<string, string> = {}): NonNullable<Misbehaviour['token']> => {
  return (_, __, send) => send.answer(200, headers, body);
};

misbehaves([
  token(
    'redirects elsewhere',
    ({ thief }, _, send) => send.answer(307, { location: `${thief}/token` }),
    'REALM_DENIED',
  ),
  token(
    'redirects to loopback',
    ({ trap }, _, send) => send.answer(302, { location: `https://${trap}/` }),
    'REALM_DENIED',
  ),
  token(
    'redirects to http',
    ({ trap }, _, send) => send.answer(302, { location: `http://${trap}/` }),
    'REDIRECT_DENIED',
  ),
  token(
    'redirects to itself',
    (_, { path }, send) => send.answer(302, { location: path }),
    'REDIRECT_DENIED',
  ),
  token('sends a page', answers('<html>log in</html>')),
  token('sends a list', answers('["t"]')),
  token('sends null', answers('null')),
  token('sends nothing', answers('')),
  token('sends a number', answers('{"token":12345}')),
  token('sends an object', answers('{"token":{"a":1}}')),
  token('sends an empty token', answers('{"token":""}')),
  token('sends a line break in the token', answers('{"token":"a\\r\\nx-evil: 1"}')),
  token('sends a token of 20 kB', answers(JSON.stringify({ token: 'a'.repeat(20_000) }))),
  token('sends a token compressed', answers('\u001f\u008b', { 'content-encoding': 'gzip' })),
  token('sends no end', (_, __, send) => endless(send, '', '{"token":"')),
  token('gives a life that is text', answers('{"token":"t","expires_in":"soon"}'), 'fine'),
  token('gives a life below zero', answers('{"token":"t","expires_in":-1}'), 'fine'),
  token('gives an endless life', answers('{"token":"t","expires_in":1e308}'), 'fine'),
  token(
    'refuses',
    (_, __, send) => send.answer(401, {}, '{"details":"wrong password wonder:land"}'),
    'UNAUTHORIZED',
  ),
  token('fails', (_, __, send) => send.answer(500), 'REGISTRY_UNAVAILABLE'),
  token('is full', (_, __, send) => send.answer(429, { 'retry-after': '86400' }), 'RATE_LIMITED'),
  token('says 204', (_, __, send) => send.answer(204), 'REGISTRY_PROTOCOL'),
  token('resets', (_, __, send) => send.socket.destroy(), 'REGISTRY_UNREACHABLE'),
  token('drips', (_, __, send) => drip(send, 'content-length: 1000\r\n'), 'REGISTRY_TIMEOUT', {
    patience: 300,
  }),
  token('gives a token that is never good', answers('{"token":"t"}'), 'UNAUTHORIZED', {
    act: ({ registry }, _, send) =>
      send.answer(401, { 'www-authenticate': `Bearer realm="${registry}/token"` }),
  }),
]);

const elsewhere = ({ thief }: World): string => `Bearer realm="${thief}/token"`;

misbehaves([
  token(
    'sends an identity token on',
    ({ thief }, _, send) => send.answer(307, { location: `${thief}/token` }),
    'REGISTRY_PROTOCOL',
    {
      credential: IDENTITY,
    },
  ),
  token(
    'knows no POST, and sends the GET on',
    ({ thief }, { method }, send) =>
      method === 'POST' ? send.answer(405) : send.answer(307, { location: `${thief}/token` }),
    'REALM_DENIED',
    { credential: IDENTITY },
  ),
  token(
    'repeats an identity token',
    (_, { text }, send) =>
      send.answer(400, {}, JSON.stringify({ error: 'invalid_grant', error_description: text })),
    'REGISTRY_PROTOCOL',
    {
      credential: IDENTITY,
    },
  ),
  {
    name: 'a realm elsewhere for an identity token',
    code: 'REALM_DENIED',
    credential: IDENTITY,
    challenge: elsewhere,
  },
  {
    name: 'a realm elsewhere for a registry token',
    code: 'UNAUTHORIZED',
    credential: OWN_TOKEN,
    act: (world, _, send) => send.answer(401, { 'www-authenticate': elsewhere(world) }),
  },
  {
    name: 'storage elsewhere for a registry token',
    code: 'fine',
    call: 'blob',
    credential: OWN_TOKEN,
    act: ({ thief }, _, send) => send.answer(307, { location: `${thief}/x` }),
  },
]);
