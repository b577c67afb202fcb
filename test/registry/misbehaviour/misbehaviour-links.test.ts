import { type Misbehaviour, misbehaves, type World } from './misbehaviour.ts';

const LIST = '/v2/team/app/tags/list';

/** A list whose first page links on; whatever the link names, its query is asked for at the registry. */
const link = (
  name: string,
  target: (world: World, path: string) => string,
  code: Misbehaviour['code'] = 'LINK_DENIED',
): Misbehaviour => ({
  name: `a next page ${name}`,
  code,
  call: 'tags',
  limits: { tagPages: 5 },
  act: (world, { path }, send) => {
    const ends = code === 'fine' && path === `${LIST}?last=a`;
    return send.answer(200, ends ? {} : { link: `<${target(world, path)}>; rel="next"` }, '{"tags":["v1"]}');
  },
});

const number = (path: string): number => Number(/last=(\d+)/.exec(path)?.[1] ?? 0);

misbehaves([
  link('on another host', ({ thief }) => `${thief}${LIST}?last=a`, 'fine'),
  link(
    'on another host, without a scheme',
    ({ thief }) => `${thief.replace('https:', '')}${LIST}?last=a`,
    'fine',
  ),
  link('on another port', ({ registry }) => `${registry.replace(/\d+$/, '1')}${LIST}?last=a`, 'fine'),
  link('over http', ({ registry }) => `${registry.replace('https', 'http')}${LIST}?last=a`, 'fine'),
  link('on loopback', ({ trap }) => `https://${trap}${LIST}?last=a`, 'fine'),
  link('at the metadata service', () => 'http://169.254.169.254/latest?last=a', 'fine'),
  link('with a user', ({ registry }) => `${registry.replace('//', '//a:b@')}${LIST}?last=a`, 'fine'),
  link('of another repository', () => '/v2/team/secret/tags/list?last=a', 'fine'),
  link('that climbs', () => `${LIST}/../../../secret/tags/list?last=a`, 'fine'),
  link('that is no list', () => '/v2/team/app/manifests/v1?last=a', 'fine'),
  link('of the whole registry', () => '/v2/_catalog?last=a', 'fine'),
  link('that is a script', () => 'javascript:alert(1)'),
  link('that is a file', () => 'file:///etc/passwd'),
  link('that is data', () => 'data:application/json,{}'),
  link('that is no URL', () => 'https://['),
  link('that is empty', () => ''),
  link('that is this one', () => `${LIST}?n=1000`),
  link('that goes round', (_, path) => `${LIST}?last=${path.includes('last=a') ? 'b' : 'a'}`),
  link('and another for ever', (_, path) => `${LIST}?last=${number(path) + 1}`, 'TOO_MANY_TAGS'),
  link('in a header of 100 kB', () => `${LIST}?last=${'a'.repeat(100_000)}`, 'REGISTRY_PROTOCOL'),
  {
    name: 'a Link that is none, which is not the end of the list',
    code: 'LINK_DENIED',
    call: 'tags',
    act: (_, __, send) => send.answer(200, { link: `rel="next"; <${LIST}>>;;` }, '{"tags":["v1"]}'),
  },
  {
    name: 'referrers that go on elsewhere',
    code: 'fine',
    call: 'referrers',
    act: ({ thief }, { path }, send) =>
      send.answer(
        200,
        {
          ...(!path.includes('?') && { link: `<${thief}${path}?page=2>; rel="next"` }),
          'content-type': 'application/vnd.oci.image.index.v1+json',
        },
        '{"schemaVersion":2,"manifests":[]}',
      ),
  },
  {
    name: 'a list redirected elsewhere that goes on there, asked for at the registry',
    code: 'fine',
    call: 'tags',
    act: ({ thief }, { path }, send) =>
      path.endsWith('?last=a')
        ? send.answer(200, {}, '{"tags":["v2"]}')
        : send.answer(307, { location: `${thief}/list` }),
    thief: (_, __, send) => send.answer(200, { link: '</more?last=a>; rel="next"' }, '{"tags":["v1"]}'),
  },
]);
