import { type Misbehaviour, misbehaves } from './misbehaviour.ts';

/** A denied address, as a URL may write it. */
const NOTATIONS = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0X7F.0.0.0x1',
  '0177.0.0.1',
  '017700000001',
  '%31%32%37.0.0.1',
  '0',
  '0.0.0.0',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:0:0:0:0:80ff:fffe]',
  'localhost',
  'localhost.',
  'LOCALHOST',
  'registry.localhost',
  '10.0.0.1',
  '0xa.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '3232235777',
  '100.64.0.1',
  '198.18.0.1',
  '[fc00::1]',
  '[fd12:3456:789a::1]',
  '[fec0::1]',
  '[fe80::1]',
  '169.254.0.1',
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.16689662',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[fd00:ec2::254]',
  '[fd00:ec2:0:0:0:0:0:23]',
  '169.254.170.2',
  '169.254.79.129',
  '168.63.129.16',
  '100.100.100.200',
  '224.0.0.1',
  '[ff02::1]',
  '255.255.255.255',
  '192.0.2.1',
  '[2001:db8::1]',
] as const;

misbehaves(
  NOTATIONS.map(
    (host): Misbehaviour => ({
      name: `a redirect to ${host}`,
      code: 'ADDRESS_DENIED',
      call: 'blob',
      act: ({ trap }, _, send) => send.answer(307, { location: `https://${host}:${trap.split(':')[1]}/` }),
    }),
  ),
);

/** What a name resolves to, in each case with something that may not be connected to. */
const ANSWERS: readonly (readonly [string, readonly string[]])[] = [
  ['loopback', ['127.0.0.1']],
  ['loopback of IPv6', ['::1']],
  ['a private network', ['10.1.2.3']],
  ['the metadata service', ['169.254.169.254']],
  ['the metadata service of IPv6', ['fd00:ec2::254']],
  ['a mapped address', ['::ffff:10.0.0.1']],
  ['an address through NAT64', ['64:ff9b::a9fe:a9fe']],
  ['nothing in particular', ['0.0.0.0']],
  ['a public and a private address', ['93.184.216.40', '192.168.0.1']],
  ['a private and a public address', ['10.0.0.1', '93.184.216.40']],
];

misbehaves(
  ANSWERS.flatMap(([what, addresses]): readonly Misbehaviour[] => [
    {
      name: `storage whose name is ${what}`,
      code: 'ADDRESS_DENIED',
      call: 'blob',
      act: ({ trap }, _, send) =>
        send.answer(307, { location: `https://metadata.google.internal:${trap.split(':')[1]}/` }),
      dns: { 'metadata.google.internal': () => addresses },
    },
    {
      name: `a token service whose name is ${what}`,
      code: 'ADDRESS_DENIED',
      challenge: ({ neighbour }) => `Bearer realm="${neighbour}/token"`,
      dns: { 'auth.corp.example': () => addresses },
    },
  ]),
);

/** Another answer each time it is asked. */
const rebinding = (...answers: readonly (readonly string[])[]) => {
  let asked = 0;
  return (): readonly string[] => answers[Math.min(asked++, answers.length - 1)] ?? [];
};
const CLOSE = { connection: 'close' };

misbehaves([
  {
    name: 'a registry that is public when asked first and loopback when asked again',
    code: 'ADDRESS_DENIED',
    dns: { 'registry.corp.example': rebinding(['93.184.216.34'], ['127.0.0.1']) },
    challenge: () => 'Basic realm="r"\r\nconnection: close',
  },
  {
    name: 'storage that is public for one redirect and private for the next',
    code: 'ADDRESS_DENIED',
    call: 'blob',
    dns: { 'thief.example': rebinding(['93.184.216.36'], ['169.254.169.254']) },
    act: ({ thief }, _, send) => send.answer(307, { location: `${thief}/1` }),
    thief: (_, __, send) => send.answer(307, { location: '/2', ...CLOSE }),
  },
  {
    name: 'a registry whose name is its own machine',
    code: 'ADDRESS_DENIED',
    dns: { 'registry.corp.example': () => ['127.0.0.1'] },
  },
  {
    name: 'storage whose name nobody knows',
    code: 'REGISTRY_UNREACHABLE',
    call: 'blob',
    act: (_, __, send) => send.answer(307, { location: 'https://nobody.example/' }),
  },
  {
    name: 'storage whose name has no address',
    code: 'REGISTRY_UNREACHABLE',
    call: 'blob',
    dns: { 'empty.example': () => [] },
    act: (_, __, send) => send.answer(307, { location: 'https://empty.example/' }),
  },
  {
    name: 'storage whose name is never answered for',
    code: 'REGISTRY_TIMEOUT',
    call: 'blob',
    patience: 300,
    dns: { 'slow.example': () => 'hang' },
    act: (_, __, send) => send.answer(307, { location: 'https://slow.example/' }),
  },
]);
