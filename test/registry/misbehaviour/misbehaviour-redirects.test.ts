import { CONTENT, type Misbehaviour, misbehaves, type World } from './misbehaviour.ts';

const to =
  (location: (world: World) => string | undefined, status = 307): NonNullable<Misbehaviour['act']> =>
  (world, _, send) => {
    const target = location(world);
    send.answer(status, { 'set-cookie': 'session=1', ...(target !== undefined && { location: target }) });
  };

const blob = (
  name: string,
  location: (world: World) => string | undefined,
  code: Misbehaviour['code'] = 'REDIRECT_DENIED',
): Misbehaviour => ({ name: `a blob redirected ${name}`, code, call: 'blob', act: to(location) });

misbehaves([
  blob('to storage elsewhere', ({ thief }) => `${thief}/x?X-Amz-Signature=s`, 'fine'),
  blob(
    'to another port of its host',
    ({ registry, thief }) => `${registry.replace(/\d+$/, '')}${thief.split(':')[2]}/x`,
    'fine',
  ),
  blob('from https to http', ({ trap }) => `http://${trap}/x`),
  blob('to http of its own host', ({ registry }) => registry.replace('https', 'http')),
  blob('to itself for ever', () => '/again'),
  blob('without saying where to', () => undefined),
  blob('to an empty location', () => ''),
  blob('to two locations', ({ thief }) => `${thief}/a, ${thief}/b`),
  blob('with a password in the URL', ({ thief }) => thief.replace('//', '//alice:x@')),
  blob('with a user that looks like its host', ({ thief }) =>
    thief.replace('//', '//registry.corp.example@'),
  ),
  blob('to a file', () => 'file:///etc/passwd'),
  blob('to ftp', () => 'ftp://thief.example/x'),
  blob('to gopher', () => 'gopher://thief.example:70/_GET'),
  blob('to a socket', () => 'unix:///var/run/docker.sock'),
  blob('to a script', () => 'javascript:alert(1)'),
  blob('to data', () => 'data:application/octet-stream;base64,Y29udGVudA=='),
  blob('over a backslash', ({ registry, thief }) => `${registry}\\@${thief.replace('https://', '')}/`),
  blob('with a tab in the URL', ({ thief }) => `${thief}/a\tb`),
  blob('to a host outside ASCII', () => 'https://thìef.example/'),
  blob('to what is no URL', () => 'https://['),
  blob('to a port that there is not', () => 'https://thief.example:99999/'),
  blob('to a URL of 100 kB', ({ thief }) => `${thief}/${'a'.repeat(100_000)}`, 'REGISTRY_PROTOCOL'),
  {
    name: 'fifty redirects, each to another path',
    code: 'REDIRECT_DENIED',
    call: 'blob',
    act: (_, { path }, send) => {
      const hop = Number(/^\/hop\/(\d+)/.exec(path)?.[1] ?? 0);
      if (hop >= 50) send.answer(200, {}, CONTENT);
      else send.answer(302, { location: `/hop/${hop + 1}` });
    },
  },
  {
    name: 'redirects that go round elsewhere',
    code: 'REDIRECT_DENIED',
    call: 'blob',
    act: to(({ thief }) => `${thief}/1`),
    thief: (_, { path }, send) => send.answer(307, { location: path === '/1' ? '/2' : '/1' }),
  },
  {
    name: 'a redirect home again, where authorization does not come back',
    code: 'UNAUTHORIZED',
    call: 'blob',
    act: to(({ thief }) => `${thief}/away`),
    thief: ({ registry }, _, send) => send.answer(307, { location: `${registry}/v2/secret` }),
  },
  {
    name: 'storage that asks for a password',
    code: 'UNAUTHORIZED',
    call: 'blob',
    act: to(({ thief }) => `${thief}/x`),
    thief: (_, __, send) => send.answer(401, { 'www-authenticate': 'Basic realm="storage"' }),
  },
  {
    name: 'storage that asks for a token',
    code: 'UNAUTHORIZED',
    call: 'blob',
    act: to(({ thief }) => `${thief}/x`),
    thief: ({ thief }, __, send) => send.answer(401, { 'www-authenticate': `Bearer realm="${thief}/token"` }),
  },
  {
    name: 'a token that would go on to storage',
    code: 'fine',
    call: 'blob',
    challenge: ({ registry }) => `Bearer realm="${registry}/token"`,
    act: to(({ thief }) => `${thief}/x`),
  },
  {
    name: 'a manifest redirected elsewhere',
    code: 'fine',
    act: to(({ thief }) => `${thief}/v2/x/manifests/1`),
  },
  {
    name: 'a pinned manifest redirected to other bytes',
    code: 'DIGEST_MISMATCH',
    call: 'pinned',
    act: to(({ thief }) => `${thief}/x`),
    thief: (_, __, send) => send.answer(200, {}, '{"schemaVersion":2}'),
  },
  {
    name: 'a tag list redirected elsewhere',
    code: 'fine',
    call: 'tags',
    act: to(({ thief }) => `${thief}/tags/list`),
  },
  {
    name: 'a HEAD redirected elsewhere',
    code: 'fine',
    call: 'peek',
    act: to(({ thief }) => `${thief}/v2/x/manifests/1`),
  },
  {
    name: 'an upload that is redirected',
    code: 'REGISTRY_PROTOCOL',
    call: 'push',
    act: to(({ thief }) => `${thief}/x`),
  },
  ...(
    [
      ['to another origin', ({ thief }) => `${thief}/up`, 'LINK_DENIED'],
      ['to another origin without a scheme', ({ thief }) => thief.replace('https:', ''), 'LINK_DENIED'],
      ['to plain http', ({ registry }) => registry.replace('https', 'http'), 'LINK_DENIED'],
      ['with a user in it', ({ registry }) => registry.replace('//', '//a:b@'), 'LINK_DENIED'],
      ['to a script', () => 'javascript:alert(1)', 'LINK_DENIED'],
      ['nowhere', () => '', 'REGISTRY_PROTOCOL'],
      ['to what is no URL', () => 'https://[', 'REGISTRY_PROTOCOL'],
    ] as readonly (readonly [string, (world: World) => string, Misbehaviour['code']])[]
  ).map(
    ([name, location, code]): Misbehaviour => ({
      name: `an upload sent ${name}`,
      code,
      call: 'push',
      act: (world, _, send) => send.answer(202, { location: location(world) }),
    }),
  ),
  { name: '300 with a choice', code: 'REGISTRY_PROTOCOL', act: to(({ thief }) => thief, 300) },
  {
    name: '304 for what was not asked conditionally',
    code: 'REGISTRY_PROTOCOL',
    act: to(() => undefined, 304),
  },
  { name: '305 to a proxy', code: 'REGISTRY_PROTOCOL', act: to(({ thief }) => thief, 305) },
]);
