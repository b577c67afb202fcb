import { OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { MANIFEST } from '../scripted-registry.ts';
import { dripHead, endlessHead } from './hostile-stream.ts';
import { behave, type Misbehaviour, misbehaves } from './misbehaviour.ts';

const raw = (
  name: string,
  code: Misbehaviour['code'],
  text: string,
  more: Partial<Misbehaviour> = {},
): Misbehaviour => ({
  name,
  code,
  act: (_, __, send) => {
    send.raw(Buffer.from(text, 'latin1'));
    send.socket.end();
  },
  ...more,
});

const HEAD = `HTTP/1.1 200 x\r\ncontent-type: ${OCI_MANIFEST}\r\n`;
const LENGTH = `content-length: ${MANIFEST.length}\r\n`;
const CHUNKED = 'transfer-encoding: chunked\r\n';

misbehaves([
  raw('HTTP/1.0, ended by closing', 'fine', `${HEAD.replace('1.1', '1.0')}\r\n${MANIFEST}`),
  raw('HTTP/0.9', 'REGISTRY_PROTOCOL', MANIFEST.toString()),
  raw('HTTP/2', 'REGISTRY_PROTOCOL', '\u0000\u0000\u0012\u0004\u0000\u0000\u0000\u0000\u0000'),
  raw('HTTP/9.9', 'REGISTRY_PROTOCOL', `${HEAD.replace('1.1', '9.9')}\r\n`),
  raw('ssh', 'REGISTRY_PROTOCOL', 'SSH-2.0-OpenSSH_9.9\r\n'),
  raw('a status that is no number', 'REGISTRY_PROTOCOL', HEAD.replace('200', 'abc')),
  raw('a header without a name', 'REGISTRY_PROTOCOL', `${HEAD}: x\r\n\r\n`),
  raw('a header with a zero byte', 'REGISTRY_PROTOCOL', `${HEAD}x: a\u0000b\r\n${LENGTH}\r\n${MANIFEST}`),
  raw('a header name with a blank', 'REGISTRY_PROTOCOL', `${HEAD}con tent: x\r\n\r\n`),
  raw(
    'lengths that disagree',
    'REGISTRY_UNREACHABLE',
    `${HEAD}${LENGTH}content-length: 1\r\n\r\n${MANIFEST}`,
  ),
  raw('a length and chunks', 'REGISTRY_UNREACHABLE', `${HEAD}${LENGTH}${CHUNKED}\r\n0\r\n\r\n`),
  raw('a length below zero', 'REGISTRY_PROTOCOL', `${HEAD}content-length: -1\r\n\r\n`),
  raw('a length in words', 'REGISTRY_PROTOCOL', `${HEAD}content-length: many\r\n\r\n`),
  raw(
    'a length beyond all numbers',
    'REGISTRY_UNREACHABLE',
    `${HEAD}content-length: ${'9'.repeat(40)}\r\n\r\n`,
  ),
  raw('a chunk of no size', 'REGISTRY_PROTOCOL', `${HEAD}${CHUNKED}\r\nzz\r\n${MANIFEST}`),
  raw('a chunk of more than all memory', 'REGISTRY_PROTOCOL', `${HEAD}${CHUNKED}\r\nfffffffffffffffff\r\nx`),
  raw(
    'a chunk longer than it says',
    'REGISTRY_PROTOCOL',
    `${HEAD}${CHUNKED}\r\n2\r\n${MANIFEST}\r\n0\r\n\r\n`,
  ),
  raw('a body cut short', 'REGISTRY_UNREACHABLE', `${HEAD}${LENGTH}\r\n{`),
  raw('chunks cut short', 'REGISTRY_UNREACHABLE', `${HEAD}${CHUNKED}\r\n5\r\n{`),
  raw('a head cut short', 'REGISTRY_UNREACHABLE', HEAD),
  raw('nothing at all', 'REGISTRY_UNREACHABLE', ''),
  raw(
    'an upgrade that nobody asked for',
    'REGISTRY_UNREACHABLE',
    'HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  ),
  raw(
    'an offer to change the protocol, which we leave alone',
    'fine',
    'HTTP/1.1 200 x\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n',
  ),
  raw('a head of 100 kB', 'REGISTRY_PROTOCOL', `${HEAD}x: ${'a'.repeat(100_000)}\r\n\r\n`),
  raw('ten thousand headers', 'REGISTRY_PROTOCOL', `${HEAD}${'x: y\r\n'.repeat(10_000)}\r\n`),
  raw(
    'trailers that would change the type',
    'fine',
    `${HEAD}${CHUNKED}\r\n${MANIFEST.length.toString(16)}\r\n${MANIFEST}\r\n0\r\ncontent-type: text/html\r\n\r\n`,
  ),
  raw(
    'a thousand hints before the answer',
    'fine',
    `${'HTTP/1.1 103 x\r\nlink: </x>\r\n\r\n'.repeat(1000)}${HEAD}${LENGTH}\r\n${MANIFEST}`,
  ),
  raw(
    '"continue" that nobody waits for',
    'REGISTRY_UNREACHABLE',
    `HTTP/1.1 100 x\r\n\r\n${HEAD}${LENGTH}\r\n${MANIFEST}`,
  ),
  raw('a blob cut short', 'BLOB_TRUNCATED', 'HTTP/1.1 200 x\r\ncontent-length: 7\r\n\r\ncon', {
    call: 'blob',
  }),
  raw('a blob in chunks cut short', 'BLOB_TRUNCATED', `HTTP/1.1 200 x\r\n${CHUNKED}\r\n7\r\ncon`, {
    call: 'blob',
  }),
  raw('a blob ended by closing, too early', 'BLOB_TRUNCATED', 'HTTP/1.0 200 x\r\n\r\ncon', { call: 'blob' }),
  raw('a blob in broken chunks', 'BLOB_TRUNCATED', `HTTP/1.1 200 x\r\n${CHUNKED}\r\nzz\r\ncon`, {
    call: 'blob',
  }),
  {
    name: 'hints without end',
    code: 'REGISTRY_TIMEOUT',
    patience: 300,
    act: (_, __, send) => endlessHead(send, '', 'HTTP/1.1 103 x\r\nlink: </x>\r\n\r\n'),
  },
  {
    name: 'headers without end',
    code: 'REGISTRY_PROTOCOL',
    act: (_, __, send) => endlessHead(send, HEAD, `x-${'y'.repeat(60)}: z\r\n`),
  },
  {
    name: 'a head byte by byte',
    code: 'REGISTRY_TIMEOUT',
    patience: 200,
    act: (_, __, send) => dripHead(send),
  },
  { name: 'silence', code: 'REGISTRY_TIMEOUT', patience: 200, act: () => undefined },
  {
    name: 'a reset before the head',
    code: 'REGISTRY_UNREACHABLE',
    act: (_, __, { reset }) => reset(),
  },
  {
    name: 'a reset within the head',
    code: 'REGISTRY_UNREACHABLE',
    act: (_, __, { socket, reset }) => void socket.write(HEAD, reset),
  },
  {
    name: 'a reset within the body',
    code: 'REGISTRY_UNREACHABLE',
    act: (_, __, { socket, reset }) => void socket.write(`${HEAD}${LENGTH}\r\n{`, reset),
  },
  {
    name: 'a second answer that nobody asked for, meant for the next request',
    code: 'fine',
    call: 'twice',
    act: (_, received, send) => {
      behave(received, send);
      if (received.method === 'HEAD') send.raw(`${HEAD}content-length: 6\r\n\r\nforged`);
    },
  },
  {
    name: 'a body after HEAD, meant for the next request',
    code: 'fine',
    call: 'twice',
    act: (_, received, send) => {
      behave(received, send);
      if (received.method === 'HEAD') send.raw(MANIFEST);
    },
  },
]);
