import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../../shared/errors.ts';
import { FIXTURES } from '../senders/all.ts';
import { deliver, open, requestOf } from '../senders/deliver.ts';
import { REPOSITORY } from '../senders/fixture.ts';

const isMalformedWebhook = (error: unknown): boolean =>
  isLandfallError(error) && error.code === 'WEBHOOK_MALFORMED';

for (const fixture of FIXTURES) {
  const { type } = fixture.entry;
  for (const one of fixture.cases) {
    const { name, want, isMalformed = false } = one;
    const what = want.map(({ repository, tag = '?' }) => `${repository}:${tag}`).join(', ');
    test(`${type}, ${name}: ${what || 'ignored'}, 202`, async () => {
      const request = requestOf(fixture, one);
      const receiver = open(fixture);
      assert.equal(await receiver.authenticate(request), true);
      assert.equal(receiver.answer?.(request), undefined);
      if (isMalformed) assert.throws(() => receiver.parse(request), isMalformedWebhook);
      else assert.deepEqual(receiver.parse(request), want);
      const { status, looks, code } = await deliver(fixture, request);
      const concerns = want.some(({ repository }) => repository === REPOSITORY);
      const told = isMalformed ? 'WEBHOOK_MALFORMED' : undefined;
      assert.deepEqual({ status, looks, code }, { status: 202, looks: concerns ? 1 : 0, code: told });
    });
  }
}

for (const fixture of FIXTURES) {
  const { entry, sign, signsBody, cases } = fixture;
  const [first] = cases;
  if (sign === undefined || first === undefined) continue;
  const good = requestOf(fixture, first);
  const signed = Object.keys(sign(good.body, 'x')).filter((name) => !/-event$|content-type|-id$/.test(name));
  const forged = {
    'of another secret': requestOf(fixture, first, 'another secret'),
    'of a secret one character longer': requestOf(fixture, first, `correct horse battery staplee`),
    'of nobody': {
      ...good,
      headers: { ...good.headers, ...Object.fromEntries(signed.map((name) => [name, undefined])) },
    },
    'signed with nothing': {
      ...good,
      headers: { ...good.headers, ...Object.fromEntries(signed.map((name) => [name, ''])) },
    },
    'signed twice': {
      ...good,
      headers: {
        ...good.headers,
        ...Object.fromEntries(signed.map((name) => [name, [String(good.headers[name]), 'x']])),
      },
    },
    ...(signsBody === true && {
      'changed on its way': { ...good, body: Buffer.concat([good.body, Buffer.from(' ')]) },
    }),
  };
  for (const [what, request] of Object.entries(forged)) {
    test(`${entry.type}, ${first.name} ${what}: 401, and no look`, async () => {
      const { status, looks, code } = await deliver(fixture, request);
      assert.deepEqual({ status, looks, code }, { status: 401, looks: 0, code: 'WEBHOOK_UNAUTHENTICATED' });
    });
  }
}
