import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WEBHOOK_BODY_BYTES } from '../../../shared/limits.ts';
import { FIXTURES } from '../senders/all.ts';
import { deliver, requestOf } from '../senders/deliver.ts';
import { FORM, form } from '../senders/fixture.ts';
import { mutations } from './mutations.ts';

for (const fixture of FIXTURES) {
  const { entry, cases } = fixture;
  for (const { name, body, headers } of cases.filter(({ body: one }) => typeof one === 'object')) {
    test(`${entry.type}, ${name}: whatever becomes of a field, it is a 202`, async () => {
      for (const mutated of mutations(body)) {
        const { status } = await deliver(
          fixture,
          requestOf(fixture, { body: mutated, ...(headers && { headers }) }),
        );
        assert.equal(status, 202, JSON.stringify(mutated).slice(0, 1000));
      }
    });
  }
}

const DEEP = 100_000;
const bodies: readonly (readonly [name: string, body: string | Uint8Array])[] = [
  ['nothing', ''],
  ['no JSON', 'pushed'],
  ['half of it', '{"events":[{"action":"push","target":{"reposi'],
  ['an empty form', 'payload='],
  ['a form of something else', 'a=b&payload=5&payload=%FF'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ['NUL', '\u0000'],
  ['compressed', Buffer.from([0x1f, 0x8b, 8, 0, 0])],
  ['lists in lists', '['.repeat(DEEP) + ']'.repeat(DEEP)],
  ['maps in maps', `${'{"package":'.repeat(DEEP / 2)}1${'}'.repeat(DEEP / 2)}`],
  ['a key that is none', '{"__proto__":{"repository":"team/app"},"constructor":{"prototype":{"tag":"x"}}}'],
  ['the limit', `"${'x'.repeat(WEBHOOK_BODY_BYTES - 2)}"`],
];
for (const fixture of FIXTURES) {
  const { type } = fixture.entry;
  for (const [name, body] of bodies) {
    test(`${type}, ${name} for a body: an answer below 500, and no look`, async () => {
      for (const headers of [undefined, FORM]) {
        const { status, looks } = await deliver(
          fixture,
          requestOf(fixture, { body, ...(headers && { headers }) }),
        );
        // 401 of those who sign what is in the form, where there is none.
        assert.ok(status === 202 || (status === 401 && fixture.signsBody === true), `${status}`);
        assert.equal(looks, 0);
      }
    });
  }

  test(`${type}, one byte over the limit: 413, and no look`, async () => {
    const body = Buffer.alloc(WEBHOOK_BODY_BYTES + 1, ' ');
    const { status, looks } = await deliver(fixture, requestOf(fixture, { body }));
    assert.deepEqual({ status, looks }, { status: 413, looks: 0 });
  });

  test(`${type}: without a header, with another or with two of it, an answer and never a 5xx`, async () => {
    for (const { body, headers = {} } of fixture.cases) {
      const good = requestOf(fixture, { body, headers });
      for (const name of [
        ...Object.keys(good.headers),
        'content-length',
        'aeg-event-type',
        'webhook-request-origin',
      ]) {
        for (const value of [
          undefined,
          '',
          '\u0000',
          'SubscriptionValidation',
          'x'.repeat(10_000),
          ['a', 'b'],
          [],
        ]) {
          const { status } = await deliver(fixture, { ...good, headers: { ...good.headers, [name]: value } });
          assert.ok([200, 202, 401].includes(status), `${name}: ${status}`);
        }
      }
    }
  });

  test(`${type}, every method but its own is not found`, async () => {
    const [first] = fixture.cases;
    const good = requestOf(fixture, first ?? { body: {} });
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'post', '']) {
      const { status, looks } = await deliver(fixture, { ...good, method });
      assert.deepEqual({ status, looks }, { status: 404, looks: 0 });
    }
  });

  test(`${type}, JSON in a form is a 202`, async () => {
    for (const { body } of fixture.cases) {
      const { status } = await deliver(fixture, requestOf(fixture, { body: form(body), headers: FORM }));
      assert.equal(status, 202);
    }
  });
}
