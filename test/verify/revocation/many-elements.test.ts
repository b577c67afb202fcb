import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { DER_EXTENSIONS, DER_NAMES, REVOCATION_LIST_BYTES } from '../../../shared/limits.ts';
import {
  certificateFacts,
  hasService,
  listsOf,
} from '../../../shared/verify/revocation/certificate-facts.ts';
import { parseRevocationList } from '../../../shared/verify/revocation/revocation-list.ts';
import { der, sequence } from '../der.ts';
import { extension } from '../minted-certificate.ts';
import { signer } from '../notation-scene.ts';
import { EXAMPLE_ID, manyElements, unsignedList, unsignedOf } from './hostile-list.ts';
import { mintList } from './minted-list.ts';
import { AUTHORITY } from './revocation-scene.ts';

const HOSTILE: readonly (readonly [where: string, list: () => Buffer, most: number])[] = [
  ['itself', () => sequence(manyElements()), 3],
  ['what is signed', () => unsignedOf(manyElements()), 7],
  ['its extensions', () => unsignedList(der(0xa0, sequence(manyElements()))), DER_EXTENSIONS],
  ['one extension', () => unsignedList(der(0xa0, sequence(sequence(EXAMPLE_ID, manyElements())))), 3],
];
for (const [where, list, most] of HOSTILE) {
  test(`a list of 8 MiB that has millions of elements in ${where} is refused before they are made`, () => {
    const before = process.memoryUsage();
    const bytes = list();
    assert.ok(bytes.length > REVOCATION_LIST_BYTES - 1000 && bytes.length <= REVOCATION_LIST_BYTES);
    assert.throws(() => parseRevocationList(bytes), { message: new RegExp(`more than ${most} elements`) });
    assert.ok(process.memoryUsage().heapUsed - before.heapUsed < 32 * 1024 * 1024);
  });
}

test('a list of as many extensions as there may be is read, one of one more is not', () => {
  const extensions = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      extension(`06032a03${(at + 16).toString(16)}`, Buffer.from('0500', 'hex')),
    );
  // It has its number, too.
  const list = (count: number) =>
    parseRevocationList(mintList(AUTHORITY, { extensions: extensions(count - 1) }));
  assert.equal(list(DER_EXTENSIONS).extensions.size, DER_EXTENSIONS);
  assert.throws(() => list(DER_EXTENSIONS + 1), { message: /more than 64 elements/ });
});

test('a list that revokes more than are made at once is read', () => {
  const entries = Array.from({ length: 1000 }, (_, at) => ({ serial: at % 100 }));
  assert.ok(parseRevocationList(mintList(AUTHORITY, { entries })).entries.length > 10_000);
});

const name = (at: number): Buffer => der(0x86, Buffer.from(`http://a.example/${at}`));
const many = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const point = (...names: readonly Buffer[]): Buffer => sequence(der(0xa0, der(0xa0, ...names)));
const factsOf = (id: string, value: Buffer) =>
  certificateFacts(new X509Certificate(signer({ more: [extension(id, value)] }, AUTHORITY).certificate.raw));

test('of a certificate so many places of lists, names of one, and services are read, and no more', () => {
  const points = (count: number) => factsOf('0603551d1f', sequence(...many(count, (at) => point(name(at)))));
  const names = (count: number) => factsOf('0603551d1f', sequence(point(...many(count, name))));
  const services = (count: number) =>
    factsOf('06082b06010505070101', sequence(...many(count, (at) => sequence(EXAMPLE_ID, name(at)))));
  for (const named of [points, names]) {
    assert.equal(listsOf(named(DER_NAMES)).flat().length, DER_NAMES);
    assert.throws(() => listsOf(named(DER_NAMES + 1)), { message: /more than 64 elements/ });
  }
  assert.equal(hasService(services(DER_NAMES)), false);
  assert.throws(() => hasService(services(DER_NAMES + 1)), { message: /more than 64 elements/ });
});
