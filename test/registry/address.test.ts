import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import { test } from 'node:test';
import { Agent } from 'undici';
import type { LandfallError } from '../../shared/errors.ts';
import {
  type AddressKind,
  addressKind,
  isAddressAllowed,
  literalAddress,
} from '../../shared/registry/http/address.ts';
import { checkLiteralHost, guardedLookup } from '../../shared/registry/http/address-guard.ts';
import { networkError } from '../../shared/registry/http/network-error.ts';
import { failure, startScripted } from './scripted-registry.ts';

const KINDS: readonly (readonly [string, AddressKind])[] = [
  ['8.8.8.8', 'public'],
  ['172.15.255.255', 'public'],
  ['172.16.0.0', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', 'public'],
  ['10.1.2.3', 'private'],
  ['192.168.0.1', 'private'],
  ['100.63.255.255', 'public'],
  ['100.64.0.1', 'private'],
  ['100.127.255.255', 'private'],
  ['100.128.0.0', 'public'],
  ['198.19.0.1', 'private'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['0.0.0.0', 'unspecified'],
  ['169.254.1.1', 'link-local'],
  ['169.254.169.254', 'metadata'],
  ['169.254.170.2', 'metadata'],
  ['169.254.170.23', 'metadata'],
  ['169.254.79.129', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'reserved'],
  ['203.0.113.9', 'reserved'],
  ['2606:4700::1111', 'public'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['fc00::1', 'private'],
  ['fd12:3456::1', 'private'],
  ['fd00:ec2::254', 'metadata'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['fec0::1', 'private'],
  ['ff02::1', 'multicast'],
  ['2001:db8::1', 'reserved'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:8.8.8.8', 'public'],
  ['::ffff:0:10.0.0.1', 'private'],
  ['::10.0.0.1', 'private'],
  ['64:ff9b::169.254.169.254', 'metadata'],
  ['64:ff9b::a00:1', 'private'],
  ['64:ff9b::808:808', 'public'],
  ['64:ff9b:1::1', 'private'],
  ['2002:7f00:1::', 'loopback'],
  ['2002:808:808::1', 'public'],
  ['2001:0:808:808::80ff:fffe', 'loopback'],
  ['2001:0:808:808::f7f7:f7f7', 'public'],
  ['no address', 'reserved'],
];

for (const [address, kind] of KINDS) {
  test(`takes ${address} for ${kind}`, () => assert.equal(addressKind(address), kind));
}

test('a local registry opens private kinds, never metadata, multicast or reserved', () => {
  for (const address of ['127.0.0.1', '10.0.0.1', '169.254.1.1', 'fe80::1', '0.0.0.0']) {
    assert.equal(isAddressAllowed(address, false), false, address);
    assert.equal(isAddressAllowed(address, true), true, address);
  }
  for (const address of [
    '169.254.169.254',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '224.0.0.1',
    '240.0.0.1',
  ]) {
    assert.equal(isAddressAllowed(address, true), false, address);
  }
});

test('decimal, octal, hexadecimal and short addresses in a URL are refused as what they are', () => {
  const forms = [
    '2130706433',
    '0177.0.0.1',
    '0x7f.1',
    '0x7f000001',
    '127.1',
    '017700000001',
    '[::ffff:127.0.0.1]',
    '127.0.0.1.',
  ];
  for (const form of forms) {
    const { hostname } = new URL(`https://${form}/`);
    assert.throws(() => checkLiteralHost(hostname, false), failure('ADDRESS_DENIED', /loopback/), form);
    checkLiteralHost(hostname, true);
  }
});

test('names of the loopback address are refused before any lookup', () => {
  for (const name of ['localhost', 'localhost.', 'a.localhost']) {
    assert.throws(() => checkLiteralHost(name, false), failure('ADDRESS_DENIED', /local: true/), name);
  }
  checkLiteralHost('mylocalhost', false);
  checkLiteralHost('localhost.example.com', false);
});

test('a literal is told from a name', () => {
  assert.equal(literalAddress('[::1]'), '::1');
  assert.equal(literalAddress('10.0.0.1'), '10.0.0.1');
  assert.equal(literalAddress('ten.example'), undefined);
});

test('refuses a name by the address it resolves to, naming both', async (t) => {
  const registry = await startScripted(t, (_, response) => void response.end());
  const origin = registry.origin.replace('127.0.0.1', 'localhost');
  for (const local of [false, true]) {
    const agent = new Agent({ connect: { lookup: guardedLookup(local, lookup) } });
    const outcome = await agent
      .request({ origin, path: '/', method: 'GET' })
      .then(({ statusCode, body }) => body.dump().then(() => statusCode))
      .catch((error: unknown) => networkError(error, 'GET', undefined));
    await agent.close();
    if (local) assert.equal(outcome, 200);
    else
      assert.ok(
        failure('ADDRESS_DENIED', /localhost resolves to (127\.0\.0\.1|::1)/)(outcome as LandfallError),
      );
  }
});
