import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { DER_EXTENSIONS, DER_NAMES } from '../../../shared/limits.ts';
import {
  type CertificateFacts,
  certificateFacts,
  hasService,
  listsOf,
} from '../../../shared/verify/revocation/certificate-facts.ts';
import { isListOf } from '../../../shared/verify/revocation/list-signature.ts';
import {
  isListed,
  parseRevocationList,
  type RevocationList,
} from '../../../shared/verify/revocation/revocation-list.ts';
import { der, sequence } from '../../verify/der.ts';
import { extension, mintAuthority, mintLeaf, timeOf } from '../../verify/minted-certificate.ts';
import {
  EXAMPLE_ID,
  manyElements,
  unsignedCertificate,
  unsignedList,
  unsignedOf,
} from '../../verify/revocation/hostile-list.ts';
import { askedAt, listedAt, mintList, SCOPE } from '../../verify/revocation/minted-list.ts';
import { WORKFLOW } from '../../verify/scaffold.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';

const AUTHORITY = mintAuthority([-60, 60], '03020106');
const PLACE = 'http://a.example/a.crl';
const LEAF = mintLeaf(AUTHORITY, WORKFLOW, { more: [listedAt(PLACE), askedAt('http://b.example')] });
const SERIAL = Buffer.from([1]);
const SCOPED = extension(SCOPE, sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from(PLACE))))), true);
const LISTS = [
  mintList(AUTHORITY),
  mintList(AUTHORITY, { next: null }),
  mintList(AUTHORITY, {
    entries: [
      { serial: 1, reason: 6 },
      { serial: 1, reason: 8, revoked: -2 },
      { serial: 3, invalidSince: -9 },
    ],
    extensions: [SCOPED],
  }),
];
const ENTRY = sequence(Buffer.from('020102', 'hex'), timeOf(new Date()));
const [POINTS, SERVICES] = ['0603551d1f', '06082b06010505070101'] as const;
const point = (...parts: readonly Buffer[]): Buffer => sequence(sequence(...parts));
const SIGNED = new Set(LISTS.map((list) => parseRevocationList(list).signed.toString('hex')));

/** What a reader throws is an Error of its own, told as the reason; whatever breaks in it is none. */
function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error;
    return undefined;
  }
}

function judgeList(list: RevocationList): void {
  assert.ok(list.extensions.size <= DER_EXTENSIONS);
  read(() => isListed(list, SERIAL, undefined));
  if (read(() => isListOf(list, AUTHORITY.certificate)) === true)
    assert.ok(SIGNED.has(list.signed.toString('hex')));
}

function judgeFacts(facts: CertificateFacts): void {
  assert.ok(facts.extensions.size <= DER_EXTENSIONS);
  const lists = read(() => listsOf(facts)) ?? [];
  assert.ok(lists.length <= DER_NAMES);
  read(() => hasService(facts));
}

/** A list of revoked certificates, and what a certificate says of its own: what its authority signed is a list as it was, however it was changed. */
export const target: FuzzTarget = {
  name: 'revocation-list',
  seeds: [...LISTS, LEAF.certificate.raw, AUTHORITY.certificate.raw],
  words: [
    '\x30\x80',
    '\x30\x84\x7f\xff\xff\xff',
    '\x05\x00',
    '\x01\x01\xff',
    '\x02\x01\x01',
    '\x0a\x01\x06',
    '\x0a\x01\x08',
    '\x06\x03\x55\x1d\x14',
    '\x06\x03\x55\x1d\x15',
    '\x06\x03\x55\x1d\x18',
    '\x06\x03\x55\x1d\x1b',
    '\x06\x03\x55\x1d\x1c',
    '\x06\x03\x55\x1d\x1f',
    '\x06\x03\x55\x1d\x2e',
    '\x17\x0d260101000000Z',
    '\x18\x0f20260101000000Z',
    '\xa0\x03\x86\x01a',
    '\xa2\x02\xa4\x00',
  ].map((bytes) => Buffer.from(bytes, 'latin1')),
  judge: (input) => {
    const list = read(() => parseRevocationList(input));
    if (list !== undefined) judgeList(list);
    const facts = read(() => certificateFacts({ raw: input } as X509Certificate));
    if (facts !== undefined) judgeFacts(facts);
    return list !== undefined || facts !== undefined;
  },
  hostile: [
    ['8 MiB of elements', () => sequence(manyElements())],
    ['8 MiB of elements in what is signed', () => unsignedOf(manyElements())],
    ['8 MiB of extensions', () => unsignedList(der(0xa0, sequence(manyElements())))],
    [
      '8 MiB of elements in an extension',
      () => unsignedList(der(0xa0, sequence(sequence(EXAMPLE_ID, manyElements())))),
    ],
    ['8 MiB of revoked certificates', () => unsignedList(sequence(manyElements(ENTRY)))],
    ['8 MiB of places of lists', () => unsignedCertificate(POINTS, sequence(manyElements()))],
    ['8 MiB of elements in a place of lists', () => unsignedCertificate(POINTS, point(manyElements()))],
    ['8 MiB of names of lists', () => unsignedCertificate(POINTS, point(der(0xa0, manyElements())))],
    [
      '8 MiB of names of one list',
      () => unsignedCertificate(POINTS, point(der(0xa0, der(0xa0, manyElements())))),
    ],
    ['8 MiB of services', () => unsignedCertificate(SERVICES, sequence(manyElements()))],
  ],
};
