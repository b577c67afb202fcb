import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTimeStamp } from '../../../shared/verify/notation/time-stamp.ts';
import { type Minted, minted, type Span } from '../minted-certificate.ts';
import { AUTHORITY, keyPair, LEAF, usage } from './minted-chain.ts';
import { accuracy, clockUse, mintToken, naming, type Token } from './minted-token.ts';

const SIGNATURE = Buffer.from('signature');
const AT = new Date(Math.floor(Date.now() / 1000) * 1000);

interface Options {
  readonly subject?: string;
  readonly span?: Span;
  readonly extensions?: readonly Buffer[];
}
const authority = ({
  subject = 'clocks',
  span = [-60, 60],
  extensions = AUTHORITY,
}: Options = {}): Minted => {
  const keys = keyPair();
  return minted({ subject, issuer: subject, keys, span, extensions }, keys);
};
const below = (issuer: Minted, name: string, options: Options = {}, keys = keyPair()): Minted => {
  const { subject = 'clock', span = [-60, 60], extensions = [...LEAF, clockUse()] } = options;
  return minted({ subject, issuer: name, keys, span, extensions }, issuer.keys);
};
const ROOT = authority();
const CLOCK = below(ROOT, 'clocks');
const read = (token: Partial<Token> = {}, trusted: readonly Minted[] = [ROOT]) =>
  readTimeStamp(
    mintToken(SIGNATURE, { by: CLOCK, at: AT, ...token }),
    SIGNATURE,
    trusted.map(({ certificate }) => certificate),
  );

test('a time stamp says when, and by whose word', () => {
  const { at, path } = read();
  assert.deepEqual(at, [AT, AT]);
  assert.deepEqual(
    path.map(({ fingerprint256 }) => fingerprint256),
    [CLOCK, ROOT].map(({ certificate }) => certificate.fingerprint256),
  );
});

test('how far off its clock may be counts on both sides, in whole milliseconds', () => {
  const nonce = Buffer.from('020107', 'hex');
  const span = (...more: readonly Buffer[]) => read({ more }).at.map((each) => each.getTime() - AT.getTime());
  assert.deepEqual(span(accuracy(2, 5, [0x05, 0xdc])), [-2007, 2007]);
  assert.deepEqual(span(accuracy(0, 0, [1]), nonce), [-1, 1]);
  assert.deepEqual(span(nonce), [0, 0]);
});

const [CODE_SIGNING, SHA1] = ['2b06010505070303', Buffer.from('300706052b0e03021a', 'hex')] as const;
const clockWith = (...extensions: readonly Buffer[]): Partial<Token> => ({
  by: below(ROOT, 'clocks', { extensions }),
});
const NOT_ALONE = /not for time stamps alone/;
const REFUSED: readonly (readonly [what: string, token: () => Partial<Token>, why: RegExp])[] = [
  ['without a signer', () => ({ signers: 0 }), /0 signers|does not count/],
  ['of two signers', () => ({ signers: 2 }), /2 signers, wanted one/],
  ['that names no certificate', () => ({ attributes: [] }), /does not name its certificate by SHA-256/],
  [
    'that names it by another hash',
    () => ({ attributes: [naming(CLOCK.certificate, SHA1)] }),
    /does not name its certificate/,
  ],
  [
    'that names another certificate',
    () => ({ attributes: [naming(ROOT.certificate)] }),
    /names another certificate/,
  ],
  ['without its certificate', () => ({ embedded: [] }), /without the certificate that signed it/],
  ['by a certificate for nothing', () => clockWith(...LEAF), NOT_ALONE],
  ['by one that is for time stamps by the way', () => clockWith(...LEAF, clockUse(false)), NOT_ALONE],
  ['by one that also signs code', () => clockWith(...LEAF, clockUse(true, CODE_SIGNING)), NOT_ALONE],
  [
    'of before its certificate was good',
    () => ({ at: new Date(AT.getTime() - 61 * 60_000) }),
    /a certificate of its time stamp was not good/,
  ],
  [
    'of the moment when its certificate ends, give or take',
    () => ({
      by: below(ROOT, 'clocks', { span: [-5, 1] }),
      at: new Date(AT.getTime() + 59_000),
      more: [accuracy(9, 0, [0])],
    }),
    /a certificate of its time stamp was not good/,
  ],
];
for (const [what, token, why] of REFUSED)
  test(`a time stamp ${what} does not count`, () => {
    assert.throws(() => read(token()), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('a time stamp is of its own bytes, signed by its certificate', () => {
  const certificates = [ROOT.certificate];
  const token = mintToken(Buffer.from('other'), { by: CLOCK });
  assert.throws(() => readTimeStamp(token, SIGNATURE, certificates), { code: 'SIGNATURE_REFUSED' });
  const forged = { keys: keyPair(), certificate: CLOCK.certificate };
  assert.throws(() => read({ by: forged }), { message: /signature verification failed/ });
  for (const bytes of [Buffer.alloc(0), Buffer.from('none'), Buffer.alloc(300)])
    assert.throws(() => readTimeStamp(bytes, SIGNATURE, certificates), { message: /does not count/ });
});

test('the certificate that signed is the one of its issuer and serial, whatever else comes along', () => {
  const other = below(authority({ subject: 'others' }), 'others');
  assert.equal(read({ embedded: [other, CLOCK] }).path.length, 2);
});

/** From a clock up to just below the root, which comes last in what is given. */
function chainOf(length: number): readonly Minted[] {
  const chain = [ROOT];
  for (let at = 1; at < length; at += 1)
    chain.unshift(
      below(chain[0] ?? ROOT, at === 1 ? 'clocks' : `i${at - 1}`, {
        subject: `i${at}`,
        ...(at < length - 1 && { extensions: AUTHORITY }),
      }),
    );
  return chain;
}

test('a clock is trusted by way of nine others that came along, and no more', () => {
  const chain = chainOf(11);
  const [by, ...others] = chain.slice(0, -1);
  assert.ok(by !== undefined);
  assert.equal(read({ by, embedded: [by, ...others.toReversed()] }).path.length, 11);
  assert.throws(() => read({ by, embedded: [by] }), { message: /none of the authorities/ });
  const [more, ...rest] = chainOf(12).slice(0, -1);
  assert.ok(more !== undefined);
  assert.throws(() => read({ by: more, embedded: [more, ...rest] }), { message: /none of the authorities/ });
});

const PATHS: readonly (readonly [
  what: string,
  token: () => Partial<Token>,
  trusted: readonly Minted[],
  why: RegExp,
])[] = [
  ['of nobody who is trusted', () => ({}), [authority()], /none of the authorities/],
  [
    'beside a clock of a trusted one',
    () => ({ by: CLOCK, embedded: [CLOCK, below(ROOT, 'clocks', { extensions: AUTHORITY })] }),
    [],
    /none of the authorities/,
  ],
  [
    'of somebody else, beside an authority that is trusted',
    () => {
      const by = below(authority(), 'clocks');
      return { by, embedded: [by, below(ROOT, 'clocks', { extensions: AUTHORITY })] };
    },
    [ROOT],
    /none of the authorities/,
  ],
  [
    'by way of a clock, which certifies nobody',
    () => {
      const middle = below(ROOT, 'clocks', { subject: 'middle', extensions: [usage([0, 5])] });
      const by = below(middle, 'middle');
      return { by, embedded: [by, middle] };
    },
    [ROOT],
    /none of the authorities/,
  ],
  [
    'by way of one that was not good then',
    () => {
      const middle = below(ROOT, 'clocks', { subject: 'middle', extensions: AUTHORITY, span: [-60, -30] });
      const by = below(middle, 'middle');
      return { by, embedded: [by, middle] };
    },
    [ROOT],
    /a certificate of its time stamp was not good/,
  ],
  [
    'that two certify in a circle',
    () => {
      const [a, b] = [keyPair(), keyPair()];
      const one = below({ ...ROOT, keys: b }, 'b', { subject: 'a', extensions: AUTHORITY }, a);
      const two = below({ ...ROOT, keys: a }, 'a', { subject: 'b', extensions: AUTHORITY }, b);
      const by = below(one, 'a');
      return { by, embedded: [by, one, two] };
    },
    [ROOT],
    /none of the authorities/,
  ],
];
for (const [what, token, trusted, why] of PATHS)
  test(`a time stamp ${what} does not count`, () => {
    assert.throws(() => read(token(), trusted), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('an authority that had run out at its time does not count', () => {
  const old = authority({ span: [-60, -30] });
  const by = below(old, 'clocks');
  assert.throws(() => read({ by }, [old]), { message: /the authority of its time stamp was not good/ });
});
